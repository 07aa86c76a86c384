// Backups: those the operator asks for and those that come by themselves, one at a time, also of two versions of this plugin
// and of two hosts on one folder. Thread safety: any thread; run() is the body of one.
#pragma once

#include <mutex>
#include <string>

#include <revenge/plugin.hpp>

#include "archive.hpp"
#include "schema.hpp"
#include "upkeep.hpp"

namespace database {

struct BackupRules {
  Duration every{};  // zero: none come by themselves
  std::size_t keep = 7;
};

class Backups {
 public:
  Backups(revenge::Host& host, Upkeep& upkeep, Schemas& schemas, Time& time, Archive archive,
          BackupRules rules)
      : host_(host),
        upkeep_(upkeep),
        schemas_(schemas),
        time_(time),
        archive_(std::move(archive)),
        rules_(rules) {}

  const Archive& archive() const { return archive_; }
  const BackupRules& rules() const { return rules_; }

  // Into `file`; empty: a new one of the archive, whose name it answers. kBusy: another one is being made.
  Result<std::string> make(const std::string& file, const Limit& limit);
  struct Restored {
    std::string saved;  // what was there before; empty: not kept
  };
  enum class Before { kSave, kForget };
  // What there is now is backed up first. An error says what has happened until then.
  Result<Restored> restore(const std::string& file, Before before, const Limit& limit);

  // Until it is to stop: makes them when they are due, and looks after the database's own statistics.
  void run(const revenge::StopToken& stop);
  // Why the last one that was due is not there; empty: it is.
  std::string trouble() const;

 private:
  class FolderLock;

  Result<std::string> makeLocked(const std::string& file, const Limit& limit);
  void makeDue(const revenge::StopToken& stop);
  std::chrono::system_clock::time_point nextDue() const;

  revenge::Host& host_;
  Upkeep& upkeep_;
  Schemas& schemas_;
  Time& time_;
  const Archive archive_;
  const BackupRules rules_;
  std::mutex making_;
  mutable std::mutex mutex_;
  std::string trouble_;  // guarded by mutex_
};

}  // namespace database
