// What boolean flags said to users, kept for the length of a user's session, so that nobody is moved in the middle of a film
// because a percentage changed. A session lasts until its user has asked nothing for a while. A flag that says the same to
// everybody is not kept: on, off and the kill switch count at once. Bounded: what was asked longest ago is forgotten
// first, and asked anew. Thread safety: every function from any thread. Owned by who routes by flags; `flags` and `clock`
// outlive it.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "flags/flags.hpp"

namespace revenge::flags {

class KeptAnswers {
 public:
  static constexpr std::size_t kKept = 8192;  // of one shard and half of its life

  // `idle`: how long a session outlasts its last question; 0: nothing is kept.
  KeptAnswers(Flags& flags, const base::Clock& clock, base::Duration idle)
      : flags_(flags), clock_(clock), idle_(idle) {}

  // As Flags::enabled; `user` may be nobody, whose answer is not kept.
  bool enabled(FlagId flag, std::string_view user, bool fallback);
  bool asksWho(FlagId flag) { return flags_.asksWho(flag); }
  base::Result<FlagId> id(std::string_view key) { return flags_.id(key); }

 private:
  struct Answer {
    bool said;
    base::Instant asked;
  };
  using Answers = std::unordered_map<std::uint64_t, Answer>;
  // What is asked moves to `young`; when that is full it becomes `old`, and what nobody asked for since goes.
  struct Shard {
    std::mutex mutex;
    Answers young;
    Answers old;
  };

  Answer* find(Shard& shard, std::uint64_t name);
  static Answer& keep(Shard& shard, std::uint64_t name, Answer answer);

  Flags& flags_;
  const base::Clock& clock_;
  const base::Duration idle_;
  std::array<Shard, 16> shards_;
};

}  // namespace revenge::flags
