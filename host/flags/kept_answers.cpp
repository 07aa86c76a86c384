#include "flags/kept_answers.hpp"

#include <functional>
#include <utility>

namespace revenge::flags {
namespace {

// 64 bits of both: two that meet share an answer, which harms nobody.
std::uint64_t nameOf(FlagId flag, std::string_view user) {
  constexpr std::uint64_t kSpread = 0x9e37'79b9'7f4a'7c15;
  return std::hash<std::string_view>()(user) ^ (static_cast<std::uint64_t>(flag) + 1) * kSpread;
}

}  // namespace

bool KeptAnswers::enabled(FlagId flag, std::string_view user, bool fallback) {
  if (user.empty() || idle_ <= base::Duration::zero() || !flags_.asksWho(flag))
    return flags_.enabled(flag, {user}, fallback);
  const std::uint64_t name = nameOf(flag, user);
  Shard& shard = shards_.at(name % shards_.size());
  const base::Instant now = clock_.now();
  const std::lock_guard lock(shard.mutex);
  Answer* kept = find(shard, name);
  if (kept == nullptr) return keep(shard, name, {flags_.enabled(flag, {user}, fallback), now}).said;
  if (now - kept->asked >= idle_) kept->said = flags_.enabled(flag, {user}, fallback);
  kept->asked = now;
  return kept->said;
}

// REQUIRES shard.mutex
KeptAnswers::Answer* KeptAnswers::find(Shard& shard, std::uint64_t name) {
  if (const auto young = shard.young.find(name); young != shard.young.end()) return &young->second;
  const auto old = shard.old.find(name);
  if (old == shard.old.end()) return nullptr;
  const Answer answer = old->second;
  shard.old.erase(old);
  return &keep(shard, name, answer);
}

// REQUIRES shard.mutex
KeptAnswers::Answer& KeptAnswers::keep(Shard& shard, std::uint64_t name, Answer answer) {
  if (shard.young.size() >= kKept) shard.old = std::exchange(shard.young, {});
  return shard.young.insert_or_assign(name, answer).first->second;
}

}  // namespace revenge::flags
