// Every interleaving of small cases of the swap-safe call, on the production templates; and the proof that the cases
// notice what they are there for: each part of the protocol is broken once, and some case must fail.
#include <array>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model.hpp"
#include "service/protocol.hpp"

// The model runs the same small functions millions of times; a heap frame for each of them is most of the time then.
extern "C" const char*
__asan_default_options();  // NOLINT(bugprone-reserved-identifier): the sanitizer's name
extern "C" const char* __asan_default_options() { return "detect_stack_use_after_return=0"; }

namespace revenge::service {
namespace {

using model::Flaw;
using model::Memory;
using model::Model;
using model::Verdict;
using model::Word;

using Pair = Cell<Memory>;

// Entries before leaves: sees a leave whose entry it missed.
struct WrongOrder : Pair {
  template <typename ForEach>
  static std::uint64_t inside(ForEach forEach) {
    std::uint64_t in = 0;
    forEach([&](const Pair& cell) { in += cell.entered.load(std::memory_order_acquire); });
    std::uint64_t out = 0;
    forEach([&](const Pair& cell) { out += cell.left.load(std::memory_order_acquire); });
    return in - out;
  }
};

// One counter that goes up and down.
struct OneCounter {
  Word<std::uint64_t> count{0};

  void arrive() { count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
  void depart() { count.store(count.load(std::memory_order_relaxed) - 1, std::memory_order_release); }
  template <typename ForEach>
  static std::uint64_t inside(ForEach forEach) {
    std::uint64_t sum = 0;
    forEach([&](const OneCounter& cell) { sum += cell.count.load(std::memory_order_acquire); });
    return sum;
  }
};

void own(Model& model, const Pair& cell, int thread) {
  model.quiet(cell.entered.id(), thread);
  model.quiet(cell.left.id(), thread);
}
void own(Model& model, const OneCounter& cell, int thread) { model.quiet(cell.count.id(), thread); }

const void* tableOf(std::uint32_t instance) {
  return reinterpret_cast<const void*>(std::uintptr_t{instance} + 1);
}

template <typename Tally>
class World {
 public:
  using P = Protocol<Memory, Tally>;
  static constexpr std::uint32_t kThreads = 3;
  static constexpr std::uint32_t kInstances = 3;
  static constexpr std::uint64_t kSlot = 1;

  World(Fence fence, Flaw flaw) : model(fence, flaw), parts(std::make_unique<Parts>()) {
    for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
      for (Tally& cell : parts->cells[thread]) own(model, cell, static_cast<int>(thread));
      for (Tally& cell : parts->readers[thread]) own(model, cell, static_cast<int>(thread));
    }
    for (auto& binding : parts->bindings) {
      binding.assign(kSlot, tableOf(0), nullptr, 0);
      for (const std::uint32_t word : {binding.self.id(), binding.slot.id()}) model.quiet(word, -1);
    }
    if (fence == Fence::kFull) {
      for (auto& exit : parts->exits) exit.waiters.store(P::Exit::kLookTwice, std::memory_order_relaxed);
      for (auto& exit : parts->readerExits)
        exit.waiters.store(P::Exit::kLookTwice, std::memory_order_relaxed);
    }
    model.rechecked(parts->current.id());
    model.rechecked(parts->door.id());
  }

  // What the threads of the cases do. `me` is the number of the thread, whose cells it uses.

  typename P::Target enter(std::uint32_t me) {
    typename P::Target target;
    const bool entered = P::enterSlot(
        memory, parts->current, parts->bindings, kSlot, parts->cells[me].data(),
        [this](std::uint32_t instance) -> typename P::Exit& { return parts->exits[instance]; }, target);
    model.expect(entered, "a bound slot was refused");
    model.expect(target.table == tableOf(target.provider), "a binding was read half from one generation");
    return target;
  }
  void touch(std::uint32_t instance) {
    model.expect(parts->mapped[instance].load(std::memory_order_acquire) == 1,
                 "code ran after it was unmapped");
  }
  void leave(std::uint32_t me, std::uint32_t instance) {
    P::leave(memory, parts->cells[me][instance], parts->exits[instance]);
  }
  void call(std::uint32_t me) {
    const auto target = enter(me);
    touch(target.provider);
    leave(me, target.provider);
  }

  void publish(std::uint64_t sequence, std::uint32_t provider) {
    // `self` is left out: it has the part of `table` and would only multiply the states.
    parts->bindings[sequence & 1].table.store(tableOf(provider), std::memory_order_relaxed);
    parts->bindings[sequence & 1].provider.store(provider, std::memory_order_relaxed);
    parts->facets[sequence & 1].store(sequence, std::memory_order_relaxed);
    const std::uint64_t old = sequence - 1;
    P::publish(
        memory, parts->current, sequence,
        [this, old](auto visit) {
          for (std::uint32_t i = 0; i < readers; ++i) visit(parts->readers[i][old & 1]);
        },
        parts->readerExits[old & 1]);
  }
  void drainAndUnmap(std::uint32_t instance) {
    P::drain(
        memory,
        [this, instance](auto visit) {
          for (std::uint32_t i = 0; i < callers; ++i) visit(parts->cells[i][instance]);
        },
        parts->exits[instance], base::Instant::max());
    parts->mapped[instance].store(0, std::memory_order_seq_cst);
  }

  struct Parts {
    Word<std::uint64_t> current{0};
    typename P::Bindings bindings;
    std::array<Word<std::uint64_t>, 2> facets{0, 0};  // the sequence number of the generation it belongs to
    std::array<Word<std::uint32_t>, 3> facetAlive{1, 1, 1};
    Word<std::uint64_t> door{4};  // generation 1, open
    std::array<std::array<Tally, kInstances>, kThreads> cells;
    std::array<std::array<Tally, 2>, kThreads> readers;
    std::array<typename P::Exit, kInstances> exits;
    std::array<typename P::Exit, 2> readerExits;
    std::array<Word<std::uint32_t>, kInstances> mapped{1, 1, 1};
    Word<std::uint32_t> handed{0};
    Word<std::uint32_t> taken{0};
  };

  Model model;
  Memory memory;
  std::unique_ptr<Parts> parts;
  std::uint32_t callers = 0;  // threads that have instance cells: 0 ... callers - 1
  std::uint32_t readers = 0;  // the same for reader cells
};

template <typename Tally>
using Case = void (*)(World<Tally>&);

template <typename Tally>
void twoCallersAndASwap(World<Tally>& world) {
  world.callers = 2;
  world.model.thread([&] { world.call(0); });
  world.model.thread([&] { world.call(1); });
  world.model.thread([&] {
    world.publish(1, 1);
    world.drainAndUnmap(0);
  });
}

// The second swap refills the block that a caller of the first generation may still be reading.
template <typename Tally>
void twoSwapsUnderACaller(World<Tally>& world) {
  world.callers = 1;
  world.model.thread([&] {
    world.call(0);
    world.call(0);
  });
  world.model.thread([&] {
    world.publish(1, 1);
    world.drainAndUnmap(0);
    world.publish(2, 2);
    world.drainAndUnmap(1);
  });
}

// One thread enters, another takes a second count under it and outstays the first. The second one's cell is summed first.
template <typename Tally>
void leaseTakenOverByAnotherThread(World<Tally>& world) {
  world.callers = 2;
  world.model.thread([&] {
    world.model.await(world.parts->handed.id(),
                      1);  // only the case that it entered the old instance is of interest
    world.parts->cells[0][0].arrive();
    world.parts->taken.store(1, std::memory_order_seq_cst);
    world.touch(0);
    world.leave(0, 0);
  });
  world.model.thread([&] {
    const auto target = world.enter(1);
    world.parts->handed.store(target.provider + 1, std::memory_order_seq_cst);
    world.model.await(world.parts->taken.id(), 1);
    world.leave(1, target.provider);
  });
  world.model.thread([&] {
    world.model.await(world.parts->handed.id(), 1);
    world.publish(1, 1);
    world.drainAndUnmap(0);
  });
}

// A lease entered on thread 0 ends on thread 1, while thread 0 calls again.
template <typename Tally>
void leaseEndsOnAnotherThread(World<Tally>& world) {
  world.callers = 2;
  world.model.thread([&] {
    const auto target = world.enter(0);
    world.parts->handed.store(target.provider + 1, std::memory_order_seq_cst);
    world.call(0);
  });
  world.model.thread([&] {
    world.model.await(world.parts->handed.id(), 1);
    world.touch(0);
    world.leave(1, 0);
  });
  world.model.thread([&] {
    world.model.await(world.parts->handed.id(), 1);
    world.publish(1, 1);
    world.drainAndUnmap(0);
  });
}

template <typename Tally>
void doorCloses(World<Tally>& world) {
  world.callers = 2;
  for (std::uint32_t me : {0U, 1U}) {
    world.model.thread([&world, me] {
      if (!World<Tally>::P::enterDoor(world.memory, world.parts->door, 4, 0, world.parts->cells[me][0],
                                      world.parts->exits[0])) {
        return;
      }
      world.touch(0);
      world.leave(me, 0);
    });
  }
  world.model.thread([&] {
    world.parts->door.store(6, std::memory_order_release);
    world.drainAndUnmap(0);
  });
}

// What a request does at its head: finds an instance in a facet and enters it before the guard ends.
template <typename Tally>
void requestUnderASwap(World<Tally>& world) {
  world.callers = 1;
  world.readers = 1;
  world.model.thread([&] {
    using P = typename World<Tally>::P;
    auto& parts = *world.parts;
    const std::uint64_t sequence =
        P::enterGeneration(world.memory, parts.current, parts.readers[0].data(), parts.readerExits.data());
    const std::uint64_t facet = parts.facets[sequence & 1].load(std::memory_order_relaxed);
    world.model.expect(facet == sequence, "a guard saw another generation's facet");
    world.model.expect(parts.facetAlive[facet].load(std::memory_order_acquire) == 1,
                       "a facet died under a guard");
    const bool old = facet == 0;
    if (old) {
      const bool entered = P::enterDoor(world.memory, parts.door, 4, 0, parts.cells[0][0], parts.exits[0]);
      world.model.expect(entered, "a swap refused an entry under a guard");
    }
    P::leave(world.memory, parts.readers[0][sequence & 1], parts.readerExits[sequence & 1]);
    if (!old) return;
    world.touch(0);
    world.leave(0, 0);
  });
  world.model.thread([&] {
    auto& parts = *world.parts;
    world.publish(1, 1);
    parts.facetAlive[0].store(0, std::memory_order_seq_cst);
    parts.door.store(6, std::memory_order_release);
    world.drainAndUnmap(0);
    world.publish(2, 2);
    parts.facetAlive[1].store(0, std::memory_order_seq_cst);
  });
}

template <typename Tally>
Verdict explore(Case<Tally> setUp, Fence fence = Fence::kAsymmetric, Flaw flaw = Flaw::kNone) {
  World<Tally> world(fence, flaw);
  setUp(world);
  return world.model.explore();
}

struct NamedCase {
  const char* name;
  Case<Pair> setUp;
};
void PrintTo(const NamedCase& each, std::ostream* out) { *out << each.name; }
constexpr std::array kCases{NamedCase{"TwoCallersAndASwap", twoCallersAndASwap},
                            NamedCase{"TwoSwapsUnderACaller", twoSwapsUnderACaller},
                            NamedCase{"LeaseTakenOverByAnotherThread", leaseTakenOverByAnotherThread},
                            NamedCase{"LeaseEndsOnAnotherThread", leaseEndsOnAnotherThread},
                            NamedCase{"DoorCloses", doorCloses},
                            NamedCase{"RequestUnderASwap", requestUnderASwap}};

// The failures that the cases find, in their order; empty where there is none.
std::vector<std::string> failures(Flaw flaw) {
  std::vector<std::string> found;
  for (const NamedCase& each : kCases) found.push_back(explore(each.setUp, Fence::kAsymmetric, flaw).failure);
  return found;
}

const std::string kUnmapped = "code ran after it was unmapped";
const std::string kAsleep = "a thread waits for ever";

class EveryInterleaving : public testing::TestWithParam<NamedCase> {};

TEST_P(EveryInterleaving, HoldsWithMembarrier) {
  EXPECT_EQ(explore(GetParam().setUp, Fence::kAsymmetric).failure, "");
}

TEST_P(EveryInterleaving, HoldsWithFullFences) {
  EXPECT_EQ(explore(GetParam().setUp, Fence::kFull).failure, "");
}

INSTANTIATE_TEST_SUITE_P(ProtocolModel, EveryInterleaving, testing::ValuesIn(kCases),
                         [](const auto& each) { return each.param.name; });

TEST(ProtocolModel, VisitsAllStatesAndNotAHandful) {
  EXPECT_GT(explore<Pair>(leaseEndsOnAnotherThread).states, 10'000U);
}

TEST(ProtocolModel, FailsWithoutTheRecheck) {
  EXPECT_EQ(explore<Pair>(twoCallersAndASwap, Fence::kAsymmetric, Flaw::kNoRecheck).failure, kUnmapped);
  EXPECT_EQ(explore<Pair>(doorCloses, Fence::kAsymmetric, Flaw::kNoRecheck).failure, kUnmapped);
  EXPECT_EQ(explore<Pair>(requestUnderASwap, Fence::kAsymmetric, Flaw::kNoRecheck).failure,
            "a facet died under a guard");
}

TEST(ProtocolModel, FailsWhenEntriesAreSummedBeforeLeaves) {
  EXPECT_EQ(explore<WrongOrder>(leaseTakenOverByAnotherThread).failure, kUnmapped);
  EXPECT_EQ(explore<WrongOrder>(leaseEndsOnAnotherThread).failure, kUnmapped);
}

TEST(ProtocolModel, FailsWithOneSignedCounter) {
  EXPECT_EQ(explore<OneCounter>(leaseTakenOverByAnotherThread).failure, kUnmapped);
}

TEST(ProtocolModel, FailsWithoutTheHeavyFence) {
  EXPECT_THAT(failures(Flaw::kNoHeavyFence), testing::Each(testing::Ne("")));
}

TEST(ProtocolModel, FailsWhenALeaverForgetsToWakeTheDrain) {
  EXPECT_THAT(failures(Flaw::kNoWake), testing::Each(kAsleep));
}

}  // namespace
}  // namespace revenge::service
