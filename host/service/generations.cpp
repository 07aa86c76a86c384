#include "service/generations.hpp"

#include <algorithm>
#include <stdexcept>

namespace revenge::service {

GenerationBuilder& GenerationBuilder::bind(SlotRef slot, const Provider& provider) {
  bindings_.emplace_back(slot, provider);
  return *this;
}

GenerationBuilder& GenerationBuilder::closeSlots(InstanceRef consumer) {
  closed_.push_back(consumer);
  return *this;
}

GenerationBuilder& GenerationBuilder::setFacet(std::uint32_t id, std::shared_ptr<const void> value) {
  facets_.emplace_back(id, std::move(value));
  return *this;
}

base::Result<std::uint64_t> GenerationBuilder::publish() { return generations_->publish(*this); }

Generations::Generations(Machine machine, ThreadCells& cells, Instances& instances)
    : machine_(machine), cells_(cells), instances_(instances) {
  if (machine_.fence() == Fence::kAsymmetric) return;
  for (HostProtocol::Exit& exit : exits_) exit.waiters.store(HostProtocol::Exit::kLookTwice);
}

std::uint32_t Generations::newFacet() {
  const std::scoped_lock lock(mutex_);
  if (facets_known_ == kMaxFacets) throw std::length_error("service: more facets than kMaxFacets; raise it");
  return facets_known_++;
}

base::Result<SlotRef> Generations::openSlot(InstanceRef consumer) {
  const std::scoped_lock lock(mutex_);
  auto at = std::ranges::find(slots_, InstanceRef{}, &SlotRecord::consumer);
  if (at == slots_.end()) {
    if (slots_.size() == kMaxSlots) {
      return base::fail(base::Errc::kLimit, "all {} slots are taken", kMaxSlots);
    }
    at = slots_.insert(slots_.end(), SlotRecord{});
  }
  at->consumer = consumer;
  ++at->generation;
  return refOf(static_cast<std::size_t>(at - slots_.begin()));
}

SlotRef Generations::refOf(std::size_t index) const {
  return {static_cast<std::uint16_t>(index), static_cast<std::uint16_t>(slots_[index].consumer.index),
          slots_[index].generation};
}

bool Generations::isOpen(SlotRef slot) const {
  return slot.index < slots_.size() && slots_[slot.index].consumer && refOf(slot.index) == slot;
}

Generations::Target Generations::enter(SlotRef slot, Attempt attempt, std::uint32_t provider) {
  if (attempt == Attempt::kMoved) leave(provider);
  const auto exits = [this](std::uint32_t index) -> HostProtocol::Exit& {
    return instances_.records_[index].exit;
  };
  Target target;
  const bool entered =
      HostProtocol::enterSlot(machine_, current_, bindings_[slot.index & (kMaxSlots - 1)].bindings,
                              slot.bits(), cells_.mine().instances.data(), exits, target);
  return entered ? target : Target{};
}

base::Errc Generations::whyNot(SlotRef slot) const {
  const std::scoped_lock lock(mutex_);
  return isOpen(slot) ? base::Errc::kUnavailable : base::Errc::kGone;
}

std::vector<SlotRef> Generations::boundTo(InstanceRef provider) const {
  const std::scoped_lock lock(mutex_);
  std::vector<SlotRef> found;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].consumer && slots_[i].provider.instance == provider) found.push_back(refOf(i));
  }
  return found;
}

base::Result<> Generations::check(const GenerationBuilder& changes) const {
  const ThreadBlock& mine = cells_.mine();
  for (const HostCell& cell : mine.readers) {
    if (cell.entered.load(std::memory_order_relaxed) != cell.left.load(std::memory_order_relaxed)) {
      return base::fail(base::Errc::kRefused,
                        "publish() under a ReadGuard of the same thread would wait for itself");
    }
  }
  for (const auto& [slot, provider] : changes.bindings_) {
    if (isOpen(slot) && provider.table != nullptr && !instances_.live(provider.instance)) {
      return base::fail(base::Errc::kGone, "slot {}.{} was to lead to instance {}.{}, which is gone",
                        slot.index, slot.generation, provider.instance.index, provider.instance.generation);
    }
  }
  return {};
}

void Generations::apply(GenerationBuilder& changes, std::uint64_t next) {
  for (const auto& [slot, provider] : changes.bindings_) {
    if (isOpen(slot)) slots_[slot.index].provider = provider;
  }
  for (SlotRecord& slot : slots_) {
    if (slot.consumer && std::ranges::find(changes.closed_, slot.consumer) != changes.closed_.end()) {
      slot.consumer = {};
      slot.provider = {};
    }
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const SlotRecord& from = slots_[i];
    const std::uint64_t slot = from.provider.table == nullptr ? 0 : refOf(i).bits();
    bindings_[i].bindings[next & 1].assign(slot, from.provider.table, from.provider.self,
                                           from.provider.instance.index);
  }
  Facets& facets = facets_[next & 1];
  facets = facets_[(next - 1) & 1];
  for (auto& [id, value] : changes.facets_) facets[id] = std::move(value);
}

base::Result<std::uint64_t> Generations::publish(GenerationBuilder& changes) {
  Facets dropped;  // destroyed last, without a lock
  const std::scoped_lock publishing(publishing_);
  const std::uint64_t old = current_.load(std::memory_order_relaxed);
  {
    const std::scoped_lock lock(mutex_);
    if (auto checked = check(changes); !checked) return std::unexpected(checked.error());
    apply(changes, old + 1);
  }
  const auto readers = [&](auto visit) {
    cells_.forEach([&](ThreadBlock& block) { visit(block.readers[old & 1]); });
  };
  HostProtocol::publish(machine_, current_, old + 1, readers, exits_[old & 1]);
  dropped.swap(facets_[old & 1]);
  changes = GenerationBuilder(*this);
  return old + 1;
}

}  // namespace revenge::service
