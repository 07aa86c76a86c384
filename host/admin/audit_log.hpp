// Who changed what through the control plane, and who tried: a line of JSON each, appended to a file that outlives the
// host, and an event. A disk that is full costs the record, a warning and a count, never the operation. Thread safety:
// any thread; writes come one after the other. app owns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "admin/operators.hpp"
#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "observe/events.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace revenge::admin {

enum class Outcome : std::uint8_t {
  kDone,
  kRefused,  // a rule said no: nothing was changed
  kFailed,   // it was tried, and undone
  kDenied,   // who asked may not
};

struct AuditRecord {
  Operator who = {};
  std::string what = {};    // "swap stream"
  std::string before = {};  // one line each; empty where there is no such thing
  std::string after = {};
  Outcome outcome = Outcome::kDone;
  std::string reason = {};  // of any other outcome
  std::string request_id = {};
};

struct AuditLogOptions {
  std::filesystem::path folder;         // audit.jsonl, and audit.jsonl.1 before it
  std::uint64_t max_bytes = 4U << 20U;  // of one file
  std::size_t older_files = 8;
};

class AuditLog {
 public:
  struct Rooms {
    const base::Clock& clock;
    observe::Log& log;
    observe::Metrics& metrics;
    observe::EventStream& events;
  };
  AuditLog(Rooms rooms, AuditLogOptions options);
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // Returns when it stands in the file, or could not be written.
  void write(AuditRecord record);
  // A stranger, who is not worth a line each time: at most one every ten seconds.
  void turnedAway(Operator who, std::string what);

  // Lines from record `from` on, oldest first, without their ends; the last `max` of them when `from` is 0, else the
  // first.
  std::vector<std::string> read(std::uint64_t from, std::size_t max) const;

 private:
  std::string line(const AuditRecord& record);
  void append(const std::string& line);
  bool open();
  void rotate();
  void lose(int error);

  const Rooms rooms_;
  const AuditLogOptions options_;
  const std::filesystem::path path_;
  const observe::Logger logger_;
  observe::MetricScope scope_;
  observe::Counter lost_;
  observe::Counter written_;

  mutable std::mutex mutex_;
  std::uint64_t next_ = 1;          // guarded by mutex_
  base::UniqueFd file_;             // guarded by mutex_
  bool losing_ = false;             // guarded by mutex_; said so already
  base::Instant turned_away_ = {};  // guarded by mutex_; the last one written
  std::uint64_t unwritten_ = 0;     // guarded by mutex_; strangers since
};

// The number a line begins with; 0: it is no record.
std::uint64_t numberOf(std::string_view line);

}  // namespace revenge::admin
