#include "wiring/backups.hpp"

#include <algorithm>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace database {

namespace {

using std::chrono::system_clock;

constexpr std::chrono::seconds kLook(1);
constexpr std::chrono::minutes kAgain(10);   // after one that failed
constexpr std::chrono::hours kOptimize(24);  // and when the plugin stops
constexpr std::chrono::hours kLongest(6);

class StopLimit final : public Limit {
 public:
  StopLimit(Instant deadline, const revenge::StopToken& stop) : Limit(deadline), stop_(stop) {}
  bool isGivenUp() const override { return stop_.stopRequested(); }

 private:
  const revenge::StopToken& stop_;
};

}  // namespace

// Nobody else writes backups into the folder as long as this lives.
class Backups::FolderLock {
 public:
  explicit FolderLock(const std::string& folder)
      : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        held_(folder_ >= 0 && ::flock(folder_, LOCK_EX | LOCK_NB) == 0) {}
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock() {
    if (folder_ >= 0) ::close(folder_);
  }
  bool refused() const { return folder_ >= 0 && !held_; }  // a folder that is missing is told by who uses it

 private:
  const int folder_;
  const bool held_;
};

Result<std::string> Backups::makeLocked(const std::string& file, const Limit& limit) {
  const FolderLock lock(archive_.folder());
  if (lock.refused()) return fail(Errc::kBusy, archive_.folder() + ": another backup is being written there");
  std::string name = file.empty() ? archive_.fileFor(system_clock::now()) : file;
  if (Status made = upkeep_.backup(name, limit); !made)
    return fail(made.error().code, "backup " + name + ": " + made.error().message);
  return name;
}

Result<std::string> Backups::make(const std::string& file, const Limit& limit) {
  const std::unique_lock one(making_, std::try_to_lock);
  if (!one) return fail(Errc::kBusy, "a backup or a restore is going on");
  return makeLocked(file, limit);
}

Result<Backups::Restored> Backups::restore(const std::string& file, Before before, const Limit& limit) {
  const std::unique_lock one(making_, std::try_to_lock);
  if (!one) return fail(Errc::kBusy, "a backup or a restore is going on");
  if (Status whole = upkeep_.examine(file, limit); !whole) return std::unexpected(std::move(whole.error()));
  Restored restored;
  if (before == Before::kSave) {
    auto saved = makeLocked("", limit);
    if (!saved)
      return fail(saved.error().code,
                  "what is there now cannot be saved (save=no does without): " + saved.error().message);
    restored.saved = std::move(*saved);
  }
  if (Status done = upkeep_.restore(file, limit); !done)
    return fail(done.error().code, "nothing was restored: " + done.error().message);
  // The backup may be older than who runs.
  if (Status expanded = schemas_.expandAll(limit); !expanded)
    return fail(expanded.error().code,
                "restored, but not as the plugins that run need it: " + expanded.error().message);
  return restored;
}

system_clock::time_point Backups::nextDue() const {
  const auto all = archive_.list();
  if (!all || all->empty()) return system_clock::time_point::min();
  return all->front().made + std::chrono::duration_cast<system_clock::duration>(rules_.every);
}

void Backups::makeDue(const revenge::StopToken& stop) {
  const StopLimit limit(time_.now() + kLongest, stop);
  auto made = make("", limit);
  Status done = made ? archive_.prune(rules_.keep) : std::unexpected(made.error());
  if (!done && stop.stopRequested()) return;
  if (done)
    host_.log().info("backup written", {{"file", *made}});
  else
    host_.log().warn("a backup that was due", {{"error", done.error().message}});
  const std::lock_guard lock(mutex_);
  trouble_ = done ? "" : done.error().message;
}

void Backups::run(const revenge::StopToken& stop) {
  auto next = rules_.every > Duration(0) ? nextDue() : system_clock::time_point::max();
  Instant optimized = time_.now();
  do {
    if (system_clock::now() >= next) {
      makeDue(stop);
      const auto again = std::min<Duration>(rules_.every, kAgain);
      next = trouble().empty()
                 ? nextDue()
                 : system_clock::now() + std::chrono::duration_cast<system_clock::duration>(again);
    }
    if (time_.now() - optimized >= kOptimize) {
      optimized = time_.now();
      if (const Status done = upkeep_.optimize(StopLimit(time_.now() + kAgain, stop)); !done)
        host_.log().warn("statistics were not renewed", {{"error", done.error().message}});
    }
  } while (stop.sleep(kLook));
}

std::string Backups::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace database
