// Sessions: who plays what. A play is one client address, one player (user agent) and one file; all its requests,
// as a player seeks, are one session until it has been silent for kSilence with no transfer in progress.
//
// Thread safe. No cookie and no state at the client; the name of a session tells nothing about whose it is. Two
// equal players behind one address that play the same file count as one.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fingerprint.hpp"
#include "state.hpp"

namespace stream {

class Sessions {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds kSilence{60};
  // Ends also a session whose transfer never seems to end: its end may have been told to nobody during a swap.
  static constexpr std::chrono::hours kLongest{24};

  explicit Sessions(std::size_t limit) : limit_(limit) {}

  struct Play {
    std::string session;  // for finished()
    bool isNew = false;
  };
  // A transfer begins. Nothing: the limit is reached, and every session has a transfer in progress; otherwise the
  // one that has been silent longest makes room.
  std::optional<Play> begin(std::string_view client, std::string_view player, const Fingerprint& file,
                            Time now);
  // A transfer has ended.
  void finished(std::string_view session, Time now);
  // Forgets the sessions that are over; answers how many are left.
  std::size_t expire(Time now);
  std::size_t active() const;
  void limitTo(std::size_t sessions);

  void save(StateWriter& out, Time now) const;
  bool restore(StateReader& in, Time now);  // false: not written by save()

 private:
  struct Session {
    Time last;
    std::uint64_t transfers = 0;
  };
  bool isOver(const Session& session, Time now) const;
  bool makeRoom(Time now);

  mutable std::mutex mutex_;
  std::size_t limit_;
  std::unordered_map<Fingerprint, Session, FingerprintHash> sessions_;
};

}  // namespace stream
