// An exhaustive scheduler for the protocol: runs the production templates over a model of memory and visits every state
// that any interleaving of the threads can reach, with x86-TSO store buffers. Not thread safe: everything happens on
// one real thread, and one Model exists at a time.
//
// A thread of the model is a function without state of its own. To move it by one step the model runs it again from the
// start, answers what it has seen before out of a log, performs one operation that others could notice, and unwinds it.
// Its log is therefore all of its state, and a state of the whole can be copied, compared and continued. It is unwound by
// longjmp, an exception being a hundred times dearer under the sanitizers: nothing in it may have a destructor to run.
//
// Store buffers: a plain store goes to the thread's own queue, which drains one entry at a time, whenever the scheduler
// likes; loads look there first. Read-modify-writes and full fences wait until the own queue is empty. membarrier ends
// when every other thread has had an empty queue at some moment since it began, not at the same moment.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <csetjmp>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "service/memory.hpp"

namespace revenge::service::model {

// Ways to break the machine beneath the protocol; each must be noticed.
enum class Flaw { kNone, kNoHeavyFence, kNoWake, kNoRecheck };

struct Verdict {
  std::string failure;  // empty: no interleaving failed
  std::size_t states = 0;
};

class Model {
 public:
  Model(Fence fence, Flaw flaw) : fence(fence), flaw(flaw) { active() = this; }
  ~Model() { active() = nullptr; }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  static Model*& active() {
    static Model* model = nullptr;
    return model;
  }

  void thread(std::function<void()> body) { bodies_.push_back(std::move(body)); }

  Verdict explore() {
    State start;
    start.memory = initial_;
    start.threads.resize(bodies_.size());
    for (std::size_t i = 0; i < bodies_.size(); ++i) run(start, i, Steps::kNone);
    std::vector<State> open{std::move(start)};
    std::unordered_set<State::Key, KeyHash> seen;
    while (!open.empty()) {
      const State state = std::move(open.back());
      open.pop_back();
      if (!seen.insert(state.key()).second) continue;
      if (!expand(state, open)) return {failure_, seen.size()};
    }
    return {{}, seen.size()};
  }

  // From here on: what the threads of the model do.

  std::uint32_t allocate(std::uint64_t value) {
    initial_.push_back(value);
    words_.emplace_back();
    return static_cast<std::uint32_t>(initial_.size() - 1);
  }
  // Loads of it by that thread cannot be noticed by others, because nobody else stores it (or nobody at all, -1).
  void quiet(std::uint32_t word, int thread) {
    words_[word].owner = thread;
    words_[word].quiet = true;
  }
  // With Flaw::kNoRecheck every second load by a thread repeats the first.
  void rechecked(std::uint32_t word) { words_[word].rechecked = true; }

  std::uint64_t load(std::uint32_t word) {
    if (initialising()) return initial_[word];
    if (flaw == Flaw::kNoRecheck && words_[word].rechecked) {
      const std::uint64_t repeated = local([&] { return std::exchange(mine().repeat, 0); });
      if (repeated != 0) return repeated - 1;
      return visible({}, [&] { return (mine().repeat = read(word) + 1) - 1; });
    }
    const Info& info = words_[word];
    if (info.quiet && (info.owner < 0 || info.owner == static_cast<int>(current_)))
      return local([&] { return read(word); });
    return visible({}, [&] { return read(word); });
  }
  void store(std::uint32_t word, std::uint64_t value) {
    if (initialising()) {
      initial_[word] = value;
      return;
    }
    const auto push = [&] { return mine().buffer.push_back({word, value}), std::uint64_t{0}; };
    // Nobody can see a queue, except membarrier: a thread that stands before its store owes it nothing.
    if (fence == Fence::kFull) {
      local(push);
    } else {
      visible({}, push);
    }
  }
  std::uint64_t exchangeAdd(std::uint32_t word, std::uint64_t by, std::uint64_t mask) {
    return visible({.kind = Wants::kEmptyBuffer}, [&] {
      const std::uint64_t old = state_->memory[word];
      state_->memory[word] = (old + by) & mask;
      return old;
    });
  }
  void storeAtOnce(std::uint32_t word, std::uint64_t value) {
    visible({.kind = Wants::kEmptyBuffer}, [&] { return state_->memory[word] = value; });
  }
  void fullFence() {
    visible({.kind = Wants::kEmptyBuffer}, [] { return std::uint64_t{0}; });
  }
  void membarrier() {
    visible({.kind = Wants::kEmptyBuffer}, [&] {
      for (Thread& each : state_->threads) each.fenceOwed = !each.buffer.empty();
      return std::uint64_t{0};
    });
    visible({.kind = Wants::kNoFenceOwed}, [] { return std::uint64_t{0}; });
  }
  // Goes on when the word reads `value`.
  void await(std::uint32_t word, std::uint64_t value) {
    visible({.kind = Wants::kValue, .word = word, .value = value}, [] { return std::uint64_t{0}; });
  }
  // Sleeps when the word reads `seen`, until woken.
  void sleep(std::uint32_t word, std::uint64_t seen) {
    visible({}, [&] {
      if (read(word) == seen) mine().asleep = word + 1;
      return std::uint64_t{0};
    });
    visible({.kind = Wants::kAwake}, [] { return std::uint64_t{0}; });
  }
  void wakeAll(std::uint32_t word) {
    visible({}, [&] {
      for (Thread& each : state_->threads) {
        if (each.asleep == word + 1) each.asleep = 0;
      }
      return std::uint64_t{0};
    });
  }
  // A fact that must hold whenever this is reached.
  void expect(bool holds, const char* what) {
    if (!holds && failure_.empty()) failure_ = what;
  }

  const Fence fence;
  const Flaw flaw;

 private:
  struct Info {
    bool quiet = false;
    bool rechecked = false;
    int owner = -1;
  };
  struct Wants {
    enum Kind : std::uint8_t { kNothing, kEmptyBuffer, kNoFenceOwed, kValue, kAwake } kind = kNothing;
    std::uint32_t word = 0;
    std::uint64_t value = 0;
  };
  struct Stored {
    std::uint32_t word;
    std::uint64_t value;
  };
  struct Thread {
    std::vector<std::uint64_t> log;
    std::vector<Stored> buffer;  // oldest first
    std::uint64_t repeat = 0;    // 1 + what the last load of a rechecked word read
    Wants wants;                 // of the operation it stands before
    std::uint32_t asleep = 0;
    bool fenceOwed = false;
    bool done = false;
  };
  struct State {
    std::vector<std::uint64_t> memory;
    std::vector<Thread> threads;

    // 128 bits of hash instead of the state itself: that two of a million states meet has a chance of 1 in 10^26.
    using Key = std::array<std::uint64_t, 2>;
    Key key() const {
      Key key{0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F};
      const auto put = [&key](std::uint64_t value) {
        key[0] = std::rotl((key[0] ^ value) * 0xFF51AFD7ED558CCD, 29);
        key[1] = std::rotl((key[1] + value) * 0xC4CEB9FE1A85EC53, 31) ^ key[0];
      };
      for (const std::uint64_t each : memory) put(each);
      for (const Thread& each : threads) {
        put(each.log.size());
        for (const std::uint64_t seen : each.log) put(seen);
        put(each.buffer.size());
        for (const Stored& stored : each.buffer) put(stored.word), put(stored.value);
        put(each.asleep), put(each.fenceOwed ? 1 : 0);
      }
      return key;
    }
  };
  struct KeyHash {
    std::size_t operator()(const State::Key& key) const { return static_cast<std::size_t>(key[0]); }
  };
  enum class Steps { kNone, kOne };

  bool initialising() const { return state_ == nullptr; }
  Thread& mine() { return state_->threads[current_]; }

  std::uint64_t read(std::uint32_t word) {
    const auto& buffer = mine().buffer;
    const auto own =
        std::find_if(buffer.rbegin(), buffer.rend(), [&](const Stored& each) { return each.word == word; });
    return own != buffer.rend() ? own->value : state_->memory[word];
  }

  template <typename Operation>
  std::uint64_t local(Operation operation) {
    std::vector<std::uint64_t>& log = mine().log;
    if (position_ == log.size()) log.push_back(operation());
    return mine().log[position_++];
  }
  template <typename Operation>
  std::uint64_t visible(const Wants& wants, Operation operation) {
    if (position_ == mine().log.size()) {
      if (steps_ == Steps::kNone) {
        mine().wants = wants;
        std::longjmp(unwind_, 1);
      }
      steps_ = Steps::kNone;
    }
    return local(operation);
  }

  void run(State& state, std::size_t thread, Steps steps) {
    state_ = &state;
    current_ = thread;
    position_ = 0;
    steps_ = steps;
    if (setjmp(unwind_) == 0) {
      bodies_[thread]();
      mine().done = true;
    }
    state_ = nullptr;
  }

  bool enabled(const State& state, std::size_t index) const {
    const Thread& thread = state.threads[index];
    if (thread.done) return false;
    switch (thread.wants.kind) {
      case Wants::kNothing:
        return true;
      case Wants::kEmptyBuffer:
        return thread.buffer.empty();
      case Wants::kNoFenceOwed:
        return std::ranges::none_of(state.threads, [](const Thread& each) { return each.fenceOwed; });
      case Wants::kValue:
        return state.memory[thread.wants.word] == thread.wants.value;
      case Wants::kAwake:
        return thread.asleep == 0;
    }
    return false;
  }

  // Adds every successor; false: something failed.
  bool expand(const State& state, std::vector<State>& open) {
    bool moved = false;
    for (std::size_t i = 0; i < bodies_.size(); ++i) {
      if (!state.threads[i].buffer.empty()) {
        moved = true;
        State next = state;
        Thread& thread = next.threads[i];
        next.memory[thread.buffer.front().word] = thread.buffer.front().value;
        thread.buffer.erase(thread.buffer.begin());
        if (thread.buffer.empty()) thread.fenceOwed = false;
        open.push_back(std::move(next));
      }
      if (enabled(state, i)) {
        moved = true;
        State next = state;
        run(next, i, Steps::kOne);
        if (!failure_.empty()) return false;
        open.push_back(std::move(next));
      }
    }
    const bool finished = std::ranges::all_of(state.threads, [](const Thread& each) { return each.done; });
    if (!moved && !finished) failure_ = "a thread waits for ever";
    return failure_.empty();
  }

  std::vector<std::function<void()>> bodies_;
  std::vector<std::uint64_t> initial_;
  std::vector<Info> words_;
  std::string failure_;

  State* state_ = nullptr;
  std::size_t current_ = 0;
  std::size_t position_ = 0;
  Steps steps_ = Steps::kNone;
  std::jmp_buf unwind_{};
};

// std::atomic<T> as far as the protocol uses it.
template <typename T>
class Word {
 public:
  explicit(false) Word(T value) : id_(Model::active()->allocate(encode(value))) {}
  Word(const Word&) = delete;
  Word& operator=(const Word&) = delete;

  T load(std::memory_order) const { return decode(Model::active()->load(id_)); }
  void store(T value, std::memory_order order) {
    if (order == std::memory_order_seq_cst) return Model::active()->storeAtOnce(id_, encode(value));
    Model::active()->store(id_, encode(value));
  }
  T fetch_add(T by, std::memory_order) {
    return decode(Model::active()->exchangeAdd(id_, encode(by), kMask));
  }
  T fetch_sub(T by, std::memory_order) {
    return decode(Model::active()->exchangeAdd(id_, 0 - encode(by), kMask));
  }

  std::uint32_t id() const { return id_; }

 private:
  static constexpr std::uint64_t kMask = ~std::uint64_t{0} >> (64 - 8 * sizeof(T));
  static std::uint64_t encode(T value) {
    if constexpr (std::is_pointer_v<T>) {
      return reinterpret_cast<std::uintptr_t>(value);
    } else {
      return value;
    }
  }
  static T decode(std::uint64_t value) {
    if constexpr (std::is_pointer_v<T>) {
      return reinterpret_cast<T>(static_cast<std::uintptr_t>(value));
    } else {
      return static_cast<T>(value);
    }
  }

  std::uint32_t id_;
};

struct Memory {
  template <typename T>
  using Word = model::Word<T>;

  void lightFence() const {
    if (Model::active()->fence == Fence::kFull) Model::active()->fullFence();
  }
  static void compilerFence() {}
  void heavyFence() const {
    Model& model = *Model::active();
    if (model.flaw == Flaw::kNoHeavyFence) return;
    if (model.fence == Fence::kFull) return model.fullFence();
    model.membarrier();
  }
  bool wait(const Word<std::uint32_t>& word, std::uint32_t seen, base::Instant) const {
    Model::active()->sleep(word.id(), seen);
    return true;
  }
  void wakeAll(const Word<std::uint32_t>& word) const {
    if (Model::active()->flaw != Flaw::kNoWake) Model::active()->wakeAll(word.id());
  }
};

}  // namespace revenge::service::model
