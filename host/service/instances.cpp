#include "service/instances.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace revenge::service {
namespace {

auto cellsOf(ThreadCells& cells, std::uint32_t index) {
  return [&cells, index](auto visit) {
    cells.forEach([&](ThreadBlock& block) { visit(block.instances[index]); });
  };
}

}  // namespace

Instances::Instances(Machine machine, ThreadCells& cells)
    : machine_(machine), cells_(cells), free_(kMaxInstances) {
  // Handed out from the back: index 0 first.
  std::iota(free_.rbegin(), free_.rend(), 0U);
  for (std::uint32_t i = 0; i < kMaxInstances; ++i) {
    records_[i].door.store(doorOf({i, 1}, Door::kShut), std::memory_order_relaxed);
    if (machine_.fence() == Fence::kFull) records_[i].exit.waiters.store(HostProtocol::Exit::kLookTwice);
  }
}

base::Result<InstanceRef> Instances::open() {
  const std::scoped_lock lock(mutex_);
  if (free_.empty()) {
    return base::fail(
        base::Errc::kLimit,
        "all {} instance records are live or retired; restart the host to be rid of retired instances",
        kMaxInstances);
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Record& record = records_[index];
  const InstanceRef ref{index, static_cast<std::uint32_t>(record.door.load(std::memory_order_relaxed) >> 2)};
  record.door.store(doorOf(ref, Door::kOpen), std::memory_order_release);
  return ref;
}

void Instances::leaveAsStranger(std::uint32_t index) {
  HostProtocol::leave(machine_, cells_.mine().instances[index], records_[index].exit);
}

bool Instances::live(InstanceRef ref) const {
  return ref && ref.index < kMaxInstances &&
         records_[ref.index].door.load(std::memory_order_acquire) >> 2 == ref.generation;
}

Door Instances::door(InstanceRef ref) const {
  if (!live(ref)) return Door::kShut;
  return static_cast<Door>(records_[ref.index].door.load(std::memory_order_acquire) & 3);
}

void Instances::close(InstanceRef ref, Door door) {
  const std::scoped_lock lock(mutex_);
  if (!live(ref) || this->door(ref) >= door) return;
  records_[ref.index].door.store(doorOf(ref, door), std::memory_order_release);
}

Drained Instances::drain(InstanceRef ref, base::Instant deadline) {
  if (!live(ref)) return {};  // it was proved empty when it was released
  Record& record = records_[ref.index];
  const bool shut = door(ref) == Door::kShut;
  const Drained drained{HostProtocol::drain(machine_, cellsOf(cells_, ref.index), record.exit, deadline)};
  if (shut && drained) record.proved_empty.store(true, std::memory_order_release);
  return drained;
}

// Numbers of lasting leases that changed while the cells were summed prove nothing: counted as one call, to be looked
// at again when its leave, which follows every such change, is seen.
Drained Instances::awaitCalls(InstanceRef ref, base::Instant deadline) {
  if (!live(ref)) return {};
  Record& record = records_[ref.index];
  const auto lasting = [&record] {
    const std::uint64_t begun = record.lasting_begun.load(std::memory_order_seq_cst);
    return std::pair(begun, record.lasting_ended.load(std::memory_order_seq_cst));
  };
  const auto calls = [&]() -> std::uint64_t {
    const auto before = lasting();
    const std::uint64_t inside = HostCell::inside(cellsOf(cells_, ref.index));
    if (lasting() != before) return std::max<std::uint64_t>(inside, 1);
    return inside - (before.first - before.second);
  };
  return {HostProtocol::await(machine_, calls, record.exit, deadline)};
}

std::uint64_t Instances::insideApprox(InstanceRef ref) {
  return live(ref) ? HostCell::inside(cellsOf(cells_, ref.index)) : 0;
}

base::Result<> Instances::release(InstanceRef ref) {
  const std::scoped_lock lock(mutex_);
  if (!live(ref))
    return base::fail(base::Errc::kGone, "instance {}.{} is gone already", ref.index, ref.generation);
  if (door(ref) != Door::kShut) {
    return base::fail(base::Errc::kBusy, "instance {}.{} may still be entered; close it first", ref.index,
                      ref.generation);
  }
  Record& record = records_[ref.index];
  if (!record.proved_empty.load(std::memory_order_acquire)) {
    return base::fail(base::Errc::kBusy,
                      "instance {}.{} was not drained behind its shut door; about {} are inside", ref.index,
                      ref.generation, insideApprox(ref));
  }
  record.proved_empty.store(false, std::memory_order_relaxed);
  // 62 bits of door hold 32 of generation; after 2^32 lives of one record a stale reference could match
  // again.
  const InstanceRef next{ref.index, ref.generation + 1 == 0 ? 1 : ref.generation + 1};
  record.door.store(doorOf(next, Door::kShut), std::memory_order_release);
  free_.push_back(ref.index);
  return {};
}

std::uint32_t Instances::inUse() const {
  const std::scoped_lock lock(mutex_);
  return kMaxInstances - static_cast<std::uint32_t>(free_.size());
}

}  // namespace revenge::service
