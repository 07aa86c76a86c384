#include "sqlite/whole_file.hpp"

#include <array>
#include <filesystem>

#include <sqlite3.h>

#include "part_file.hpp"
#include "sqlite/errors.hpp"

namespace database::sqlite {

namespace {

constexpr int kPagesAtOnce = 256;  // between which the limit is looked at
constexpr int kLockPause_ms = 5;
constexpr int kStepsBetweenLooks = 10'000;  // of SQLite's machine

// A connection that knows nothing of the pool's: no cache of statements, no rules.
class File {
 public:
  static Result<File> open(const std::string& name, int flags, const Time& time, const Limit& limit) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &raw, flags, nullptr);
    File file(raw, name, time, limit);
    if (code != SQLITE_OK) return std::unexpected(failure(raw, code, name));
    sqlite3_extended_result_codes(raw, 1);
    return file;
  }

  // The first column of each row, on lines.
  Result<std::string> run(const char* text) {
    Watch watch{time_, limit_};
    sqlite3_progress_handler(raw(), kStepsBetweenLooks, &Watch::isOver, &watch);
    sqlite3_busy_handler(raw(), &Watch::mayWait, &watch);
    std::string lines;
    const auto take = [](void* to, int, char** values, char**) {
      auto& all = *static_cast<std::string*>(to);
      if (values[0] != nullptr) all += (all.empty() ? "" : "\n") + std::string(values[0]);
      return 0;
    };
    const int code = sqlite3_exec(raw(), text, take, &lines, nullptr);
    sqlite3_progress_handler(raw(), 0, nullptr, nullptr);
    sqlite3_busy_handler(raw(), nullptr, nullptr);
    if (code == SQLITE_INTERRUPT) return std::unexpected(over());
    if (code != SQLITE_OK) return std::unexpected(failure(raw(), code, name_));
    return lines;
  }

  // What is wrong with it; empty: nothing.
  Result<std::string> faults() {
    auto found = run("PRAGMA integrity_check(20)");
    if (!found) return found;
    std::string faults = *found == "ok" ? "" : *found;
    auto foreign =
        run("SELECT \"table\" || ': row ' || coalesce(rowid, '?') || ' refers to a row of ' || parent || "
            "' that is not there' FROM pragma_foreign_key_check LIMIT 20");
    if (!foreign) return foreign;
    if (!foreign->empty()) faults += (faults.empty() ? "" : "\n") + *foreign;
    for (char& c : faults)
      if (c == '\n') c = ';';
    return faults;
  }

  Status copyTo(File& to) {
    sqlite3_backup* const copying = sqlite3_backup_init(to.raw(), "main", raw(), "main");
    if (copying == nullptr) return std::unexpected(failure(to.raw(), sqlite3_errcode(to.raw()), to.name_));
    int code = SQLITE_OK;
    bool stopped = false;
    while (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) {
      stopped = isOver();
      if (stopped) break;
      code = sqlite3_backup_step(copying, kPagesAtOnce);
      if (code == SQLITE_BUSY || code == SQLITE_LOCKED) sqlite3_sleep(kLockPause_ms);
    }
    const int ended = sqlite3_backup_finish(copying);
    if (stopped) return std::unexpected(over());
    if (code != SQLITE_DONE) return std::unexpected(failure(to.raw(), code, to.name_));
    if (ended != SQLITE_OK) return std::unexpected(failure(to.raw(), ended, to.name_));
    return {};
  }

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  struct Watch {
    const Time& time;
    const Limit& limit;
    static int isOver(void* self) {
      const auto& watch = *static_cast<const Watch*>(self);
      return watch.limit.isGivenUp() || watch.time.now() >= watch.limit.deadline() ? 1 : 0;
    }
    static int mayWait(void* self, int) {
      if (isOver(self) != 0) return 0;
      sqlite3_sleep(kLockPause_ms);
      return 1;
    }
  };

  File(sqlite3* raw, std::string name, const Time& time, const Limit& limit)
      : raw_(raw), name_(std::move(name)), time_(time), limit_(limit) {}
  sqlite3* raw() const { return raw_.get(); }
  bool isOver() const { return limit_.isGivenUp() || time_.now() >= limit_.deadline(); }
  revenge::Error over() const {
    if (limit_.isGivenUp()) return {Errc::kCancelled, name_ + ": nobody waits for it any more"};
    return {Errc::kTimedOut, name_ + ": it ran out of time"};
  }

  std::unique_ptr<sqlite3, Close> raw_;
  std::string name_;
  const Time& time_;
  const Limit& limit_;
};

std::uint64_t sizeOf(const std::string& file) {
  std::uint64_t size = 0;
  for (const char* const suffix : {"", "-wal"}) {
    std::error_code missing;
    const auto bytes = std::filesystem::file_size(file + suffix, missing);
    if (!missing) size += bytes;
  }
  return size;
}

class SqliteUpkeep final : public Upkeep {
 public:
  SqliteUpkeep(Settings settings, Time& time, std::function<Result<Pool::Lent>(const Limit&)> hold_writes)
      : settings_(std::move(settings)), time_(time), hold_writes_(std::move(hold_writes)) {}

  std::string place() const override { return settings_.file; }
  std::string_view ending() const override { return ".db"; }
  Result<Vitals> vitals(const Limit&) override {
    return Vitals{sqlite3_libversion(), sizeOf(settings_.file)};
  }

  Status backup(const std::string& file, const Limit& limit) override {
    if (Status may = PartFile::mayBegin(file); !may) return may;
    PartFile part(file);
    {
      auto from = open(settings_.file, SQLITE_OPEN_READWRITE, limit);
      if (!from) return std::unexpected(std::move(from.error()));
      auto to = open(part.name(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, limit);
      if (!to) return std::unexpected(std::move(to.error()));
      // One snapshot from the first page to the last: a copy without would begin anew with each write of others.
      if (auto begun = from->run("BEGIN; SELECT count(*) FROM sqlite_master"); !begun)
        return std::unexpected(std::move(begun.error()));
      if (Status copied = from->copyTo(*to); !copied) return copied;
      // A single file, which can be read where nothing can be written.
      if (auto alone = to->run("PRAGMA journal_mode=DELETE"); !alone)
        return std::unexpected(std::move(alone.error()));
    }
    if (Status whole = examine(part.name(), limit); !whole) return whole;
    return part.put();
  }

  Status examine(const std::string& file, const Limit& limit) override {
    std::error_code unknown;
    if (!std::filesystem::exists(file, unknown)) return fail(Errc::kNotFound, file + ": no such file");
    auto opened = open(file, SQLITE_OPEN_READONLY, limit);
    if (!opened) return refused(file, std::move(opened.error()));
    auto faults = opened->faults();
    if (!faults) return refused(file, std::move(faults.error()));
    if (!faults->empty()) return fail(Errc::kInvalid, file + ": it is damaged: " + *faults);
    const auto ours =
        opened->run("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'revenge_migrations'");
    if (!ours) return std::unexpected(ours.error());
    if (ours->empty())
      return fail(Errc::kInvalid,
                  file + ": it is a database, but none of this plugin: revenge_migrations is not in it");
    return {};
  }

  // By pages into the file that is in use, in one transaction: every connection goes on, and reads the old pages or the new.
  Status restore(const std::string& file, const Limit& limit) override {
    auto from = open(file, SQLITE_OPEN_READONLY, limit);
    if (!from) return std::unexpected(std::move(from.error()));
    const auto held = hold_writes_(limit);
    if (!held) return std::unexpected(held.error());
    auto to = open(settings_.file, SQLITE_OPEN_READWRITE, limit);
    if (!to) return std::unexpected(std::move(to.error()));
    return from->copyTo(*to);
  }

  Result<std::string> check(const Limit& limit) override {
    auto opened = open(settings_.file, SQLITE_OPEN_READWRITE, limit);
    if (!opened) return std::unexpected(std::move(opened.error()));
    auto faults = opened->faults();
    if (!faults && faults.error().code == Errc::kIo)
      return fail(Errc::kIo, "it is damaged, or its disk is: " + faults.error().message);
    if (!faults) return faults;
    if (!faults->empty()) return fail(Errc::kIo, settings_.file + ": it is damaged: " + *faults);
    return "every page, every index, every foreign key";
  }

  Status optimize(const Limit& limit) override {
    auto opened = open(settings_.file, SQLITE_OPEN_READWRITE, limit);
    if (!opened) return std::unexpected(std::move(opened.error()));
    const auto done = opened->run("PRAGMA analysis_limit=1000; PRAGMA optimize=0x10002");
    return done ? Status() : std::unexpected(done.error());
  }

 private:
  Result<File> open(const std::string& file, int flags, const Limit& limit) const {
    return File::open(file, flags, time_, limit);
  }
  // What cannot be read as a database is no backup; whatever else went wrong says nothing of the file.
  static Status refused(const std::string& file, revenge::Error why) {
    if (why.code != Errc::kIo) return std::unexpected(std::move(why));
    return fail(Errc::kInvalid, file + ": it is damaged, or no database: " + why.message);
  }

  const Settings settings_;
  Time& time_;
  const std::function<Result<Pool::Lent>(const Limit&)> hold_writes_;
};

}  // namespace

std::unique_ptr<Upkeep> upkeep(Settings settings, Time& time,
                               std::function<Result<Pool::Lent>(const Limit&)> hold_writes) {
  return std::make_unique<SqliteUpkeep>(std::move(settings), time, std::move(hold_writes));
}

}  // namespace database::sqlite
