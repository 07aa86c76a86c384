#include "admin/audit_log.hpp"

#include <charconv>
#include <chrono>
#include <deque>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/json.hpp"

namespace revenge::admin {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBegin = R"({"number":)";
constexpr mode_t kMode = 0640;

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDone:
      return "done";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kDenied:
      return "denied";
  }
  return "failed";
}

fs::path older(const fs::path& path, std::size_t which) {
  return which == 0 ? path : fs::path(fmt::format("{}.{}", path.string(), which));
}

void describe(Json& json, const Operator& who) {
  json.key("who").object().key("name").text(who.who);
  if (who.local) {
    json.key("uid").integer(who.local->uid).key("pid").integer(who.local->pid);
    json.key("user").text(who.user);
  }
  if (!who.token.empty()) json.key("token").text(who.token);
  if (!who.certificate.empty()) json.key("certificate").text(who.certificate);
  if (!who.address.empty()) json.key("address").text(who.address);
  json.end();
}

template <typename Each>
void eachLine(const fs::path& path, Each each) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) each(std::move(line));
}

}  // namespace

std::uint64_t numberOf(std::string_view line) {
  std::uint64_t number = 0;
  if (!line.starts_with(kBegin)) return 0;
  line.remove_prefix(kBegin.size());
  (void)std::from_chars(line.data(), line.data() + line.size(), number);
  return number;
}

AuditLog::AuditLog(Rooms rooms, AuditLogOptions options)
    : rooms_(rooms),
      options_(std::move(options)),
      path_(options_.folder / "audit.jsonl"),
      logger_(rooms.log.logger("audit")),
      scope_(rooms.metrics.hostScope()) {
  if (auto made = scope_.counter({"revenge_audit_records_total", "Records in the audit log."}))
    written_ = *made;
  if (auto made =
          scope_.counter({"revenge_audit_lost_total", "Records that could not be written to the audit log."}))
    lost_ = *made;
  for (const std::size_t which : {std::size_t{1}, std::size_t{0}})
    eachLine(older(path_, which),
             [this](const std::string& line) { next_ = std::max(next_, numberOf(line) + 1); });
}

void AuditLog::write(AuditRecord record) {
  observe::Event event;
  event.kind = record.outcome == Outcome::kDone ? "control.changed" : "control.refused";
  event.text = fmt::format("{} by {}", record.what, record.who.who);
  if (record.outcome != Outcome::kDone)
    event.text += fmt::format(": {}: {}", name(record.outcome), record.reason);
  event.attributes = {{"what", record.what},
                      {"who", record.who.who},
                      {"before", record.before},
                      {"after", record.after},
                      {"outcome", std::string(name(record.outcome))}};
  event.cause.request_id = record.request_id;
  const std::lock_guard lock(mutex_);
  event.payload = line(record);
  append(event.payload + "\n");
  // Under the lock, so that followers see the records by their numbers.
  (void)rooms_.events.publish(std::move(event));
}

void AuditLog::turnedAway(Operator who, std::string what) {
  constexpr base::Duration kEvery = std::chrono::seconds(10);
  std::uint64_t others = 0;
  {
    const std::lock_guard lock(mutex_);
    const base::Instant now = rooms_.clock.now();
    if (turned_away_ != base::Instant() && now - turned_away_ < kEvery) {
      ++unwritten_;
      return;
    }
    turned_away_ = now;
    others = std::exchange(unwritten_, 0);
  }
  AuditRecord record;
  record.who = std::move(who);
  record.what = std::move(what);
  record.outcome = Outcome::kDenied;
  record.reason = others == 0 ? "no known credentials"
                              : fmt::format("no known credentials; {} more since the record before", others);
  write(std::move(record));
}

// REQUIRES mutex_
std::string AuditLog::line(const AuditRecord& record) {
  Json json;
  json.object().key("number").integer(static_cast<std::int64_t>(next_++));
  json.key("time").number(std::chrono::duration<double>(rooms_.clock.wall().time_since_epoch()).count());
  describe(json, record.who);
  json.key("what").text(record.what);
  json.key("before").text(record.before).key("after").text(record.after);
  json.key("outcome").text(name(record.outcome)).key("reason").text(record.reason);
  json.key("request").text(record.request_id).end();
  return json.take();
}

// REQUIRES mutex_. One write for one line: whoever reads along sees none that is half. A part that a full disk has taken
// is taken back.
void AuditLog::append(const std::string& line) {
  if (!open()) return;
  struct stat now{};
  (void)::fstat(file_.get(), &now);
  ssize_t written = 0;
  do {
    written = ::write(file_.get(), line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(line.size())) {
    losing_ = false;
    written_.add();
    return;
  }
  const int error = written < 0 ? errno : ENOSPC;
  if (written > 0) (void)!::ftruncate(file_.get(), now.st_size);
  lose(error);
}

// REQUIRES mutex_. The file of this name, made when it was moved away or has grown too big.
bool AuditLog::open() {
  struct stat own{};
  struct stat named{};
  if (file_) {
    const bool same = ::fstat(file_.get(), &own) == 0 && ::stat(path_.c_str(), &named) == 0 &&
                      own.st_ino == named.st_ino && own.st_dev == named.st_dev;
    if (same && static_cast<std::uint64_t>(own.st_size) < options_.max_bytes) return true;
    if (same) rotate();
    file_.reset();
  }
  file_.reset(::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, kMode));
  if (!file_) {
    lose(errno);
    return false;
  }
  // What a crash left of a line gets an end of its own.
  char last = '\n';
  if (::fstat(file_.get(), &own) == 0 && own.st_size > 0 && S_ISREG(own.st_mode))
    (void)!::pread(file_.get(), &last, 1, own.st_size - 1);
  if (last != '\n') (void)!::write(file_.get(), "\n", 1);
  return true;
}

// REQUIRES mutex_
void AuditLog::rotate() {
  std::error_code ignored;
  fs::remove(older(path_, options_.older_files), ignored);
  for (std::size_t which = options_.older_files; which > 0; --which)
    fs::rename(older(path_, which - 1), older(path_, which), ignored);
}

// REQUIRES mutex_
void AuditLog::lose(int error) {
  lost_.add();
  if (std::exchange(losing_, true)) return;
  logger_.warn("the audit log cannot be written; what is done meanwhile is missing in it",
               {{"file", path_.string()}, {"reason", base::errnoText(error)}});
}

std::vector<std::string> AuditLog::read(std::uint64_t from, std::size_t max) const {
  const std::lock_guard lock(mutex_);
  std::deque<std::string> lines;
  for (std::size_t which = options_.older_files + 1; which-- > 0;) {
    eachLine(older(path_, which), [&](std::string line) {
      const std::uint64_t number = numberOf(line);
      if (number == 0 || number < from || (from > 0 && lines.size() == max)) return;
      lines.push_back(std::move(line));
      if (lines.size() > max) lines.pop_front();
    });
  }
  return {std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end())};
}

}  // namespace revenge::admin
