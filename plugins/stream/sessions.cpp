#include "sessions.hpp"

#include <algorithm>

namespace stream {

std::optional<Sessions::Play> Sessions::begin(std::string_view client, std::string_view player,
                                              const Fingerprint& file, Time now) {
  const Fingerprint key = fingerprintOf({client, player, text(file)});
  const std::lock_guard lock(mutex_);
  const auto known = sessions_.find(key);
  if (known != sessions_.end() && !isOver(known->second, now)) {
    known->second.last = now;
    ++known->second.transfers;
    return Play{text(key), false};
  }
  if (known != sessions_.end()) sessions_.erase(known);
  if (sessions_.size() >= limit_ && !makeRoom(now)) return std::nullopt;
  sessions_[key] = {now, 1};
  return Play{text(key), true};
}

void Sessions::finished(std::string_view session, Time now) {
  const std::optional<Fingerprint> key = parseFingerprint(session);
  if (!key) return;
  const std::lock_guard lock(mutex_);
  const auto known = sessions_.find(*key);
  if (known == sessions_.end()) return;
  known->second.last = now;
  if (known->second.transfers > 0) --known->second.transfers;
}

std::size_t Sessions::expire(Time now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& each) { return isOver(each.second, now); });
  return sessions_.size();
}

std::size_t Sessions::active() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

void Sessions::limitTo(std::size_t sessions) {
  const std::lock_guard lock(mutex_);
  limit_ = sessions;
}

bool Sessions::isOver(const Session& session, Time now) const {
  const auto silent = now - session.last;
  return session.transfers == 0 ? silent >= kSilence : silent >= kLongest;
}

bool Sessions::makeRoom(Time now) {
  std::erase_if(sessions_, [&](const auto& each) { return isOver(each.second, now); });
  if (sessions_.size() < limit_) return true;
  const auto oldest = std::ranges::min_element(
      sessions_, {}, [](const auto& each) { return std::pair(each.second.transfers > 0, each.second.last); });
  if (oldest == sessions_.end() || oldest->second.transfers > 0) return false;
  sessions_.erase(oldest);
  return sessions_.size() < limit_;
}

void Sessions::save(StateWriter& out, Time now) const {
  const std::lock_guard lock(mutex_);
  out.number(sessions_.size());
  for (const auto& [key, session] : sessions_) {
    out.number(key.high);
    out.number(key.low);
    out.number(static_cast<std::uint64_t>(std::chrono::nanoseconds(now - session.last).count()));
    out.number(session.transfers);
  }
}

bool Sessions::restore(StateReader& in, Time now) {
  decltype(sessions_) restored;
  for (std::uint64_t left = in.number(); left > 0 && in.good(); --left) {
    const Fingerprint key{in.number(), in.number()};
    const auto age = std::chrono::nanoseconds(static_cast<std::int64_t>(in.number()));
    restored[key] = {now - std::clamp<std::chrono::nanoseconds>(age, std::chrono::nanoseconds(0), kLongest),
                     in.number()};
  }
  if (!in.good()) return false;
  const std::lock_guard lock(mutex_);
  sessions_ = std::move(restored);
  return true;
}

}  // namespace stream
