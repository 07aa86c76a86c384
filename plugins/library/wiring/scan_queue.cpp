#include "wiring/scan_queue.hpp"

#include <algorithm>
#include <random>
#include <ranges>

#include <fmt/format.h>

#include "naming/text.hpp"
#include "wiring/content.hpp"
#include "wiring/sql_store.hpp"

namespace library {

namespace {

constexpr std::int64_t kThousand = 1000;
constexpr std::int64_t kQuietMs = 100;      // of a folder, before it is looked at
constexpr std::int64_t kPatienceMs = 400;   // however busy it is
constexpr std::int64_t kRetryMs = 5'000;    // after a scan that failed
constexpr std::int64_t kProgressMs = 1000;  // between two events

// A disk that is full all night is not to fill the log: twice as long each time.
std::int64_t retryAfter(int failures) {
  constexpr std::int64_t kLongestMs = 300'000;
  constexpr int kMostDoubled = 6;
  return std::min(kRetryMs << std::clamp(failures - 1, 0, kMostDoubled), kLongestMs);
}

LibraryType typeOf(std::string_view text) {
  if (text == "tvshow") return LibraryType::kShows;
  return text == "music" ? LibraryType::kMusic : LibraryType::kMovies;
}

void addTo(ScanReport& report, const ScanTally& tally) {
  report.folders = tally.folders;
  report.files = tally.files;
  report.added = tally.added;
  report.changed = tally.changed;
  report.moved = tally.moved;
  report.missing = tally.missing;
  report.waiting = tally.waiting;
  report.failed = tally.failed;
  report.problems = tally.problems;
}

}  // namespace

ScanQueue::ScanQueue(revenge::Host& host, revenge::Sql sql, ScanQueueOptions options,
                     std::function<void()> listed)
    : host_(host),
      sql_(sql),
      listed_(std::move(listed)),
      clock_(host.clock()),
      scansTotal_(host.metrics().counter("scans_total", "Looks at all of a library that have ended.")),
      addedTotal_(host.metrics().counter("files_added_total", "Files that were not known before.")),
      missingTotal_(host.metrics().counter("files_missing_total", "Files found to be gone.")),
      watchedFolders_(host.metrics().gauge("watched_folders", "Folders whose changes the system tells.")),
      ids_(std::random_device()()),
      options_(options) {}

std::int64_t ScanQueue::nowMs() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall().time_since_epoch()).count();
}

bool ScanQueue::start(const Id& library) {
  const std::lock_guard lock(mutex_);
  auto& work = libraries_[library];
  if (!work) {
    work = std::make_shared<Work>();
    to_reconsider_.insert(library);
  }
  const bool was_waiting = std::exchange(work->is_full, true);
  wake_.notify_all();
  return !was_waiting;
}

bool ScanQueue::stop(const Id& library) {
  const std::lock_guard lock(mutex_);
  const auto work = libraries_.find(library);
  if (work == libraries_.end()) return false;
  const bool waited = std::exchange(work->second->is_full, false);
  const bool ran = running_ == library;
  if (ran) stop_running_ = true;
  return waited || ran;
}

ScanReport ScanQueue::report(const Id& library) const {
  const std::lock_guard lock(mutex_);
  const auto work = libraries_.find(library);
  if (work == libraries_.end()) return {};
  ScanReport report = work->second->report;
  if (report.state == ScanState::kIdle && work->second->is_full) report.state = ScanState::kQueued;
  return report;
}

void ScanQueue::reconsider(const Id& library) {
  const std::lock_guard lock(mutex_);
  to_reconsider_.insert(library);
  wake_.notify_all();
}

void ScanQueue::touch(std::int64_t root, std::int64_t folder) {
  const std::lock_guard lock(mutex_);
  const auto library = library_of_root_.find(root);
  const auto work = library == library_of_root_.end() ? libraries_.end() : libraries_.find(library->second);
  if (work == libraries_.end()) return;
  work->second->places[{root, folder}];
  wake_.notify_all();
}

void ScanQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    wake_.notify_all();
  }
  watch_.wake();
}

void ScanQueue::use(const ScanQueueOptions& options) {
  const std::lock_guard lock(mutex_);
  options_ = options;
  wake_.notify_all();
}

std::string ScanQueue::trouble() const {
  std::string text;
  const auto add = [&text](std::string_view one) {
    text += fmt::format("{}{}", text.empty() ? "" : "; ", one);
  };
  if (options_.watch && watch_.isExhausted())
    add(fmt::format(
        "there are too many folders to be told of their changes ({} are; raise fs.inotify.max_user_watches): "
        "all are read every {} s",
        watch_.count(), options_.poll_ms / kThousand));
  const std::lock_guard lock(mutex_);
  for (const auto& [id, work] : libraries_)
    if (!work->trouble.empty()) add(work->trouble);
  return text;
}

// Which libraries there are, and what their folders are, as far as somebody said they are to be looked up.
bool ScanQueue::loadLibraries(const revenge::Call& call) {
  {
    const std::lock_guard lock(mutex_);
    if (is_loaded_ && to_reconsider_.empty()) return true;
  }
  const auto found = sql_.query(call,
                                "SELECT l.id, l.type, r.id, l.name FROM library_library l LEFT JOIN "
                                "library_root r ON r.library = l.id")
                         .wait();
  if (!found) return false;
  struct Known {
    std::string name;
    LibraryType type = LibraryType::kMovies;
    std::set<std::int64_t> roots;
  };
  std::map<Id, Known> known;
  for (const revenge::SqlRow row : *found) {
    const auto id = idOf(row.text(0));
    if (!id) continue;
    auto& library = known[*id];
    library.name = row.text(3);
    library.type = typeOf(row.text(1));
    if (!row.isNull(2)) library.roots.insert(row.integer(2));
  }
  const std::lock_guard lock(mutex_);
  std::set<std::int64_t> gone;
  for (const auto& [root, library] : library_of_root_) {
    const auto now = known.find(library);
    if (now == known.end() || !now->second.roots.contains(root)) gone.insert(root);
  }
  for (const std::int64_t root : gone) watch_.forget(root);
  library_of_root_.clear();
  std::erase_if(libraries_, [&](const auto& one) { return !known.contains(one.first); });
  for (const auto& [id, library] : known) {
    auto& work = libraries_[id];
    if (!work) work = std::make_shared<Work>();
    // What happened while nobody looked is found by a look at all.
    if (!is_loaded_) work->is_full = true;
    work->name = library.name;
    work->type = library.type;
    work->roots = library.roots;
    for (const std::int64_t root : library.roots) library_of_root_.emplace(root, id);
  }
  to_reconsider_.clear();
  is_loaded_ = true;
  return true;
}

std::optional<ScanQueue::Job> ScanQueue::due(std::int64_t now_ms) {
  for (auto& [id, work] : libraries_) {
    const bool is_time = work->next_full_ms != 0 && now_ms >= work->next_full_ms;
    const bool looks = work->next_look_ms != 0 && now_ms >= work->next_look_ms;
    if (!work->is_full && !is_time && !looks && work->places.empty()) continue;
    Job job{.library = id, .name = work->name, .type = work->type, .unsettled = work->unsettled.get()};
    job.is_full = std::exchange(work->is_full, false) || is_time;
    if (job.is_full) {
      ScanReport report;
      report.state = ScanState::kRunning;
      report.number = work->report.number + 1;
      report.began_us = now_ms * kThousand;
      work->report = std::move(report);
      work->next_full_ms = 0;
    } else if (looks) {
      job.looks = std::exchange(work->waiting_in, {});
    }
    work->next_look_ms = looks || job.is_full ? 0 : work->next_look_ms;
    job.places = std::exchange(work->places, {});
    running_ = id;
    stop_running_ = false;
    return job;
  }
  return std::nullopt;
}

std::int64_t ScanQueue::nextTime(std::int64_t now_ms) const {
  std::int64_t next = now_ms + kRetryMs;
  for (const auto& [id, work] : libraries_)
    for (const std::int64_t at : {work->next_full_ms, work->next_look_ms})
      if (at != 0) next = std::min(next, at);
  return std::max<std::int64_t>(next - now_ms, 1);
}

std::optional<ScanQueue::Job> ScanQueue::next(const revenge::StopToken& stop) {
  std::unique_lock lock(mutex_);
  if (is_closed_ || stop.stopRequested()) return std::nullopt;
  if (auto job = due(nowMs())) return job;
  if (to_reconsider_.empty()) wake_.wait_for(lock, std::chrono::milliseconds(nextTime(nowMs())));
  return Job{};
}

void ScanQueue::scanAll(const revenge::StopToken& stop, const revenge::Call& call) {
  while (!stop.stopRequested()) {
    if (!loadLibraries(call) && !stop.sleep(std::chrono::seconds(1))) return;
    auto job = next(stop);
    if (!job) return;
    if (!job->library.isNone()) run(*job, call);
  }
}

Result<ScanTask> ScanQueue::taskOf(const Job& job, Store&, const revenge::Call& call) const {
  ScanTask task;
  if (job.is_full) return task;
  for (const auto& [place, touched] : job.places) {
    const auto found = sql_.query(call, "SELECT path FROM library_folder WHERE id = $1 AND root = $2",
                                  place.second, place.first)
                           .wait();
    if (!found) return std::unexpected(found.error());
    if (found->empty()) continue;
    const std::string folder((*found)[0].text(0));
    ScanTask::Place one{.root = place.first, .folder = folder};
    for (const std::string& name : touched.went) one.vanished.push_back(disk::joined(folder, name));
    one.closed.assign(touched.closed.begin(), touched.closed.end());
    task.places.push_back(std::move(one));
    for (const std::string& name : touched.came)
      task.places.push_back({.root = place.first, .folder = disk::joined(folder, name), .below = true});
  }
  for (const auto& [root, folder] : job.looks) task.places.push_back({.root = root, .folder = folder});
  return task;
}

void ScanQueue::run(const Job& job, const revenge::Call& call) {
  const auto began = clock_();
  SqlStore store(sql_, call, job.library, [this] { return nowMs() * kThousand; });
  ScanTally tally;
  const bool is_watching = options_.watch;
  Scanner scanner(
      job.type, options_.scanner,
      {.store = store,
       .ids = ids_,
       .unsettled = *job.unsettled,
       .now_ms = [this] { return nowMs(); },
       .cancelled =
           [this, &call] {
             const std::lock_guard lock(mutex_);
             return stop_running_ || is_closed_ || call.cancelled();
           },
       .progress =
           [&](const ScanTally& so_far) { publishProgress(job.library, so_far, "library.scan.progress"); },
       .entering =
           [&](std::int64_t root, std::int64_t folder, const std::string& path) {
             if (is_watching && !watch_.isExhausted()) static_cast<void>(watch_.add(path, {root, folder}));
           },
       .shown = [](const std::string& path) { return naming::displayForm(path); },
       .sample = contentSample});
  Status done = Status();
  auto task = taskOf(job, store, call);
  if (!task) {
    done = std::unexpected(std::move(task.error()));
  } else if (job.is_full || !task->places.empty()) {
    if (job.is_full) host_.log().info("scan begins", {{"library", job.name}, {"id", text(job.library)}});
    done = scanner.run(*task, tally);
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_() - began).count();
  finish(job, tally, done, took);
}

void ScanQueue::finish(const Job& job, const ScanTally& tally, const Status& done, std::int64_t took_ms) {
  const std::int64_t now = nowMs();
  bool told = false;
  {
    const std::lock_guard lock(mutex_);
    running_.reset();
    const auto found = libraries_.find(job.library);
    if (found != libraries_.end()) {
      Work& work = *found->second;
      told = true;
      work.waiting_in.insert(tally.waiting_in.begin(), tally.waiting_in.end());
      work.next_look_ms = work.waiting_in.empty() ? 0 : std::max(tally.next_look_ms, now + kQuietMs);
      const bool polls = !options_.watch || watch_.isExhausted();
      const std::int64_t period = polls ? options_.poll_ms : options_.rescan_ms;
      if (job.is_full) {
        work.report.state = ScanState::kIdle;
        addTo(work.report, tally);
        if (!done) work.report.problems.insert(work.report.problems.begin(), done.error().message);
        work.report.complete = done && tally.complete;
        work.report.cancelled = tally.cancelled;
        work.report.ended_us = now * kThousand;
        work.trouble.clear();
        if (!done)
          work.trouble = "the library '" + work.name + "' cannot be scanned: " + done.error().message;
        if (done && !tally.complete && !tally.cancelled) work.trouble = tally.trouble;
        work.failures = done ? 0 : work.failures + 1;
        if (!is_closed_) work.next_full_ms = now + (done ? period : retryAfter(work.failures));
      } else if (!done && !is_closed_) {
        work.is_full = true;  // what was told is not to be lost
      }
    }
  }
  if (!done)
    host_.log().warn("scan failed; what it found so far stays, it is tried again by itself",
                     {{"library", job.name}, {"id", text(job.library)}, {"error", done.error().message}});
  if (tally.added + tally.changed > 0) listed_();
  const std::uint64_t found = tally.added + tally.changed + tally.moved + tally.missing + tally.described;
  if (!told || !done || (!job.is_full && found == 0)) return;
  for (const std::string& problem : tally.problems) host_.log().warn("scan: " + problem);
  host_.log().info(job.is_full ? "scan has ended" : "changes were found",
                   {{"library", job.name},
                    {"id", text(job.library)},
                    {"folders", tally.folders},
                    {"files", tally.files},
                    {"added", tally.added},
                    {"changed", tally.changed},
                    {"moved", tally.moved},
                    {"missing", tally.missing},
                    {"described", tally.described},
                    {"took", std::chrono::milliseconds(took_ms)}});
  last_progress_ms_ = 0;
  publishProgress(job.library, tally, job.is_full ? "library.scan.ended" : "catalogue.changed");
}

void ScanQueue::publishProgress(const Id& library, const ScanTally& tally, std::string_view kind) {
  constexpr std::size_t kToldItems = 100;
  const std::int64_t now = nowMs();
  const std::string id = text(library);
  {
    const std::lock_guard lock(mutex_);
    const auto work = libraries_.find(library);
    if (work != libraries_.end() && work->second->report.state == ScanState::kRunning)
      addTo(work->second->report, tally);
  }
  if (!tally.new_items.empty()) {
    std::string items;
    for (const Id& item : tally.new_items | std::views::take(kToldItems))
      items += fmt::format("{}\"{}\"", items.empty() ? "" : ",", text(item));
    const std::string payload =
        fmt::format(R"({{"library_id":"{}","count":{},"items":[{}]}})", id, tally.new_items.size(), items);
    const std::string told = fmt::format("{} items were added", tally.new_items.size());
    static_cast<void>(host_.events().publish(
        {.kind = "catalogue.added", .text = told, .attributes = {{"library", id}}, .payload = payload}));
  }
  if (now - last_progress_ms_ < kProgressMs) return;
  last_progress_ms_ = now;
  const std::string payload = fmt::format(
      R"({{"library_id":"{}","folders":{},"files":{},"added":{},"changed":{},"moved":{},"missing":{},"described":{}}})",
      id, tally.folders, tally.files, tally.added, tally.changed, tally.moved, tally.missing,
      tally.described);
  const std::string told =
      fmt::format("{} files in {} folders, {} added, {} changed, {} moved, {} missing", tally.files,
                  tally.folders, tally.added, tally.changed, tally.moved, tally.missing);
  static_cast<void>(host_.events().publish(
      {.kind = kind, .text = told, .attributes = {{"library", id}}, .payload = payload}));
}

void ScanQueue::watchAll(const revenge::StopToken& stop) {
  constexpr int kIdleMs = 1000;
  while (!stop.stopRequested()) {
    {
      const std::lock_guard lock(mutex_);
      if (is_closed_) return;
    }
    const bool is_idle = touched_.empty() && !has_lost_;
    take(watch_.wait(is_idle ? kIdleMs : static_cast<int>(kQuietMs)));
    const std::int64_t now = nowMs();
    const bool has_any = !touched_.empty() || has_lost_;
    if (has_any && (now - last_touch_ms_ >= kQuietMs || now - first_touch_ms_ >= kPatienceMs)) flushTouched();
  }
}

void ScanQueue::take(const std::vector<disk::WatchEvent>& events) {
  if (events.empty()) return;
  last_touch_ms_ = nowMs();
  if (touched_.empty() && !has_lost_) first_touch_ms_ = last_touch_ms_;
  for (const disk::WatchEvent& event : events) {
    using Kind = disk::WatchEvent::Kind;
    if (event.kind == Kind::kLost) {
      has_lost_ = true;
      continue;
    }
    Touched& touched = touched_[{event.at.root, event.at.folder}];
    if (event.kind == Kind::kFileClosed) touched.closed.insert(event.name);
    if (event.kind == Kind::kFolderCame) touched.came.insert(event.name);
    if (event.kind == Kind::kFolderWent) touched.went.insert(event.name);
  }
}

void ScanQueue::flushTouched() {
  if (has_lost_) host_.log().warn("changes came faster than they could be read: all libraries are read anew");
  const std::lock_guard lock(mutex_);
  for (auto& [place, touched] : touched_) {
    const auto library = library_of_root_.find(place.first);
    if (library == library_of_root_.end()) continue;
    const auto work = libraries_.find(library->second);
    if (work == libraries_.end()) continue;
    Touched& all = work->second->places[place];
    all.closed.merge(touched.closed);
    all.came.merge(touched.came);
    all.went.merge(touched.went);
  }
  if (has_lost_)
    for (auto& [id, work] : libraries_) work->is_full = true;
  touched_.clear();
  has_lost_ = false;
  wake_.notify_all();
}

}  // namespace library
