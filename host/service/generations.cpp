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
    : machine_(machine), cells_(cells), instances_(instances) {}

std::uint32_t Generations::newFacet() {
  const std::scoped_lock lock(mutex_);
  if (facets_ == kMaxFacets) throw std::length_error("service: more facets than kMaxFacets; raise it");
  return facets_++;
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
  return SlotRef{static_cast<std::uint32_t>(at - slots_.begin()), at->generation};
}

bool Generations::isOpen(SlotRef slot) const {
  return slot.index < slots_.size() && slots_[slot.index].consumer &&
         slots_[slot.index].generation == slot.generation;
}

base::Errc Generations::whyNot(SlotRef slot, InstanceRef consumer) const {
  const std::scoped_lock lock(mutex_);
  return isOpen(slot) && slots_[slot.index].consumer == consumer ? base::Errc::kUnavailable
                                                                 : base::Errc::kGone;
}

std::vector<SlotRef> Generations::boundTo(InstanceRef provider) const {
  const std::scoped_lock lock(mutex_);
  std::vector<SlotRef> found;
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].consumer && slots_[i].provider.instance == provider)
      found.push_back({i, slots_[i].generation});
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
    if (!isOpen(slot))
      return base::fail(base::Errc::kGone, "slot {}.{} is closed", slot.index, slot.generation);
    if (provider.table != nullptr && !instances_.live(provider.instance)) {
      return base::fail(base::Errc::kGone, "slot {}.{} was to lead to instance {}.{}, which is gone",
                        slot.index, slot.generation, provider.instance.index, provider.instance.generation);
    }
  }
  return {};
}

void Generations::apply(GenerationBuilder& changes, const Block& previous, Block& next) {
  for (const auto& [slot, provider] : changes.bindings_) slots_[slot.index].provider = provider;
  for (SlotRecord& slot : slots_) {
    if (slot.consumer && std::ranges::find(changes.closed_, slot.consumer) != changes.closed_.end()) {
      slot.consumer = {};
      slot.provider = {};
    }
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const SlotRecord& from = slots_[i];
    Binding& to = next.bindings[i];
    to.assign(from.provider.table, from.provider.self, from.provider.instance.index);
    to.assignHolder(from.generation, from.consumer.bits());
  }
  next.facets = previous.facets;
  for (auto& [id, value] : changes.facets_) next.facets[id] = std::move(value);
}

base::Result<std::uint64_t> Generations::publish(GenerationBuilder& changes) {
  std::array<std::shared_ptr<const void>, kMaxFacets> dropped;  // destroyed last, without a lock
  const std::scoped_lock publishing(publishing_);
  const std::uint64_t old = current_.load(std::memory_order_relaxed);
  Block& previous = blocks_[old & 1];
  {
    const std::scoped_lock lock(mutex_);
    if (auto checked = check(changes); !checked) return std::unexpected(checked.error());
    apply(changes, previous, blocks_[(old + 1) & 1]);
  }
  const auto readers = [&](auto visit) {
    cells_.forEach([&](ThreadBlock& block) { visit(block.readers[old & 1]); });
  };
  HostProtocol::publish(machine_, current_, old + 1, readers, exits_[old & 1]);
  dropped.swap(previous.facets);
  changes = GenerationBuilder(*this);
  return old + 1;
}

}  // namespace revenge::service
