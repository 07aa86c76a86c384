// What is visible, all of it, as one immutable generation: bindings of all slots and the facets of other
// rooms (router, configuration snapshot, what `list` shows). Built beside the running one, published by one
// store of a word. Thread safety: every function from any thread; publishers take turns. Owned by the Domain.
//
// Two blocks of everything hold the running and the next generation in turn; the word is the sequence number and its lowest
// bit names the block, so that a word that was seen again is the same generation (no ABA). publish() returns
// after the last reader of the previous generation has left its block, and has then destroyed the facets it
// dropped. Hence:
// - an instance found through a ReadGuard and entered before the guard ends is never refused by a swap, which
// closes
//   and drains the old instance only after publish(): the entry is counted before the guard leaves;
// - slot calls do not hold a block. They count themselves into the instance and read the word again
// (protocol.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "service/instances.hpp"
#include "service/refs.hpp"

namespace revenge::service {

class Generations;

inline constexpr std::uint32_t kMaxFacets = 16;

// The key of one room's part of a generation; made once by Generations::facet<T>() and passed to who needs
// it.
template <typename T>
struct Facet {
  std::uint32_t id;
};

// Where a slot leads: `table` and `self` belong to `provider` and live as long as it.
struct Provider {
  InstanceRef instance;
  const void* table = nullptr;
  void* self = nullptr;
};

// Holds one generation for the length of a look-up: at a request's head, never across code of a plugin, never
// across a wait. Leaves on the thread that made it. publish() waits for it.
class [[nodiscard]] ReadGuard {
 public:
  inline explicit ReadGuard(Generations& generations);
  inline ~ReadGuard();
  ReadGuard(const ReadGuard&) = delete;
  ReadGuard& operator=(const ReadGuard&) = delete;

  std::uint64_t sequence() const { return sequence_; }
  // Lives until the guard ends; null when no room has contributed it yet.
  template <typename T>
  const T* get(Facet<T> facet) const {
    return static_cast<const T*>(find(facet.id));
  }
  // For who needs it longer than a guard may last. It then delays the destruction of the facet, not of a
  // plugin.
  template <typename T>
  std::shared_ptr<const T> share(Facet<T> facet) const;

 private:
  inline const void* find(std::uint32_t id) const;

  Generations& generations_;
  ThreadBlock& mine_;
  std::uint64_t sequence_;
};

// One call through a slot: enters the provider of the current generation, leaves at the end of the scope, on
// the same thread. False: nobody provides it now, or the slot was closed (Generations::whyNot tells which).
class [[nodiscard]] SlotCall {
 public:
  inline SlotCall(Generations& generations, SlotRef slot);
  inline ~SlotCall();
  SlotCall(const SlotCall&) = delete;
  SlotCall& operator=(const SlotCall&) = delete;

  explicit operator bool() const { return target_.table != nullptr; }
  template <typename Table>
  const Table& table() const {
    return *static_cast<const Table*>(target_.table);
  }
  void* self() const { return target_.self; }

 private:
  Generations& generations_;
  HostProtocol::Target target_;
  HostCell* cell_;
};

// Changes to be made visible together. Unchanged bindings and facets are those current at publish(), so two
// rooms that build at the same time do not undo each other. Not thread safe; dropped unpublished it changes
// nothing.
class GenerationBuilder {
 public:
  explicit GenerationBuilder(Generations& generations) : generations_(&generations) {}

  // A slot that is closed by then is left out: its consumer may leave while the generation is built.
  GenerationBuilder& bind(SlotRef slot, const Provider& provider);
  GenerationBuilder& unbind(SlotRef slot) { return bind(slot, {}); }
  // Unbinds every slot of `consumer` and gives the slots up: from here on they answer "gone".
  GenerationBuilder& closeSlots(InstanceRef consumer);

  template <typename T>
  GenerationBuilder& set(Facet<T> facet, std::shared_ptr<const T> value) {
    return setFacet(facet.id, std::move(value));
  }

  // One store. Returns the sequence number after the last reader of the previous generation has left and what
  // it alone held is destroyed, on this thread. kGone: a slot or provider named here no longer exists,
  // nothing was published; kRefused: called under a ReadGuard of this thread.
  base::Result<std::uint64_t> publish();

 private:
  friend class Generations;
  GenerationBuilder& setFacet(std::uint32_t id, std::shared_ptr<const void> value);

  Generations* generations_;
  std::vector<std::pair<SlotRef, Provider>> bindings_;
  std::vector<InstanceRef> closed_;
  std::vector<std::pair<std::uint32_t, std::shared_ptr<const void>>> facets_;
};

class Generations {
 public:
  Generations(Machine machine, ThreadCells& cells, Instances& instances);
  Generations(const Generations&) = delete;
  Generations& operator=(const Generations&) = delete;

  // A new key; app makes them all before anything is published.
  template <typename T>
  Facet<T> facet() {
    return {newFacet()};
  }

  // A slot of `consumer`, unbound until a generation binds it. kLimit when all are taken.
  base::Result<SlotRef> openSlot(InstanceRef consumer);

  // The two halves of a SlotCall, for the tables of the boundary, which keep what lies between in the caller's frame.
  // tryEnter() has no call in it; what it does not answer kEntered goes to enter(), with the attempt and the target.
  // They are for the calling thread, whoever made the arguments; leave() may run on another one. Who has `slot` from a
  // plugin compares slot.consumer with the index of that plugin's instance first.
  using Attempt = HostProtocol::Attempt;
  using Target = HostProtocol::Target;
  Attempt tryEnter(SlotRef slot, Target& target) {
    if (!cells_.isMineKnown()) [[unlikely]]
      return Attempt::kRefused;
    return tryEnter(slot, target, cells_.knownMine());
  }
  // After an attempt that was not kEntered on `provider`. A null table: nothing is held, whyNot() tells why.
  [[gnu::cold]] Target enter(SlotRef slot, Attempt attempt, std::uint32_t provider);
  void leave(std::uint32_t provider) { instances_.leave(provider); }

  // Why a slot could not be entered: kUnavailable (nobody provides it now) or kGone (closed).
  base::Errc whyNot(SlotRef slot) const;

  std::uint64_t sequence() const { return current_.load(std::memory_order_acquire); }
  // Slots that lead to `provider` in the current generation, in the order of their index.
  std::vector<SlotRef> boundTo(InstanceRef provider) const;

 private:
  friend class ReadGuard;
  friend class SlotCall;
  friend class GenerationBuilder;

  using Facets = std::array<std::shared_ptr<const void>, kMaxFacets>;
  struct alignas(64) Slot {
    HostProtocol::Bindings bindings;
  };
  struct SlotRecord {
    InstanceRef consumer;  // none: free
    std::uint32_t generation = 0;
    Provider provider;  // of the current generation
  };

  Attempt tryEnter(SlotRef slot, Target& target, ThreadBlock& mine) {
    return HostProtocol::tryEnter(machine_, current_, current_.load(std::memory_order_acquire),
                                  bindings_[slot.index & (kMaxSlots - 1)].bindings, slot.bits(),
                                  mine.instances.data(), target);
  }
  void leave(std::uint32_t provider, HostCell& cell) {
    HostProtocol::leave(machine_, cell, instances_.records_[provider].exit);
  }

  std::uint32_t newFacet();
  base::Result<std::uint64_t> publish(GenerationBuilder& changes);
  base::Result<> check(const GenerationBuilder& changes) const;
  void apply(GenerationBuilder& changes, std::uint64_t next);
  SlotRef refOf(std::size_t index) const;
  bool isOpen(SlotRef slot) const;

  // One line, read by every call and written by publish().
  alignas(64) const Machine machine_;
  ThreadCells& cells_;
  Instances& instances_;
  Machine::Word<std::uint64_t> current_{0};
  alignas(64) std::array<HostProtocol::Exit, 2> exits_;
  std::array<Slot, kMaxSlots> bindings_;
  std::array<Facets, 2> facets_;  // even and odd; touched by readers that hold the block

  std::mutex publishing_;     // one publisher at a time, also while it waits for readers
  mutable std::mutex mutex_;  // what follows
  std::vector<SlotRecord> slots_;
  std::uint32_t facets_known_ = 0;
};

inline ReadGuard::ReadGuard(Generations& generations)
    : generations_(generations),
      mine_(generations.cells_.mine()),
      sequence_(HostProtocol::enterGeneration(generations.machine_, generations.current_,
                                              mine_.readers.data(), generations.exits_.data())) {}

inline ReadGuard::~ReadGuard() {
  HostProtocol::leave(generations_.machine_, mine_.readers[sequence_ & 1],
                      generations_.exits_[sequence_ & 1]);
}

inline const void* ReadGuard::find(std::uint32_t id) const {
  return generations_.facets_[sequence_ & 1][id].get();
}

template <typename T>
std::shared_ptr<const T> ReadGuard::share(Facet<T> facet) const {
  return std::static_pointer_cast<const T>(generations_.facets_[sequence_ & 1][facet.id]);
}

inline SlotCall::SlotCall(Generations& generations, SlotRef slot) : generations_(generations) {
  ThreadBlock& mine = generations.cells_.mine();
  HostProtocol::Target target;
  const auto attempt = generations.tryEnter(slot, target, mine);
  if (attempt != HostProtocol::Attempt::kEntered) [[unlikely]] {
    target = generations.enter(slot, attempt, target.provider);
  }
  target_ = target;
  cell_ = &mine.instances[target.provider];
}

inline SlotCall::~SlotCall() {
  if (target_.table != nullptr) [[likely]]
    generations_.leave(target_.provider, *cell_);
}

}  // namespace revenge::service
