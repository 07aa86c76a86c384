#include "wiring/probing.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>

#include <fmt/format.h>

#include "catalogue/sidecar_placing.hpp"
#include "catalogue/track_tags.hpp"
#include "disk/folder.hpp"
#include "media/facts_json.hpp"
#include "media/probe.hpp"
#include "naming/text.hpp"
#include "wiring/content.hpp"
#include "wiring/row_sets.hpp"
#include "wiring/schema.hpp"
#include "wiring/sidecar_reading.hpp"
#include "wiring/sql_store.hpp"

namespace library {

using revenge::Status;

namespace {

constexpr std::int64_t kAsked = 64;         // files at once
constexpr std::size_t kWrittenAtOnce = 16;  // answers
constexpr std::chrono::seconds kRest(60);   // when ffprobe itself cannot be run
constexpr std::size_t kMostErrorBytes = 500;

// What it ended with; before that it may have complained of less.
std::string lastLine(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return naming::displayForm(text.substr(text.rfind('\n') + 1));
}

// The words of ffprobe about a file begin with its name.
std::string withoutPath(std::string_view text, std::string_view path) {
  const std::size_t at = text.find(path);
  if (at == std::string_view::npos) return std::string(text);
  std::string_view rest = text.substr(at + path.size());
  while (rest.starts_with(':') || rest.starts_with(' ')) rest.remove_prefix(1);
  return std::string(rest);
}

TrackTags tagsIn(const media::MediaFacts& facts) {
  const media::Tags& tags = facts.tags;
  return {tags.album_artist.empty() ? tags.artist : tags.album_artist,
          tags.album,
          tags.title,
          tags.year,
          tags.disc,
          tags.track};
}

}  // namespace

Probing::Probing(revenge::Host& host, revenge::Sql sql, ProbingOptions options,
                 std::function<void(std::int64_t root, std::int64_t folder)> tagged)
    : host_(host),
      sql_(sql),
      options_(std::move(options)),
      tagged_(std::move(tagged)),
      probesTotal_(host.metrics().counter("probes_total", "Files looked into.")),
      failuresTotal_(
          host.metrics().counter("probe_failures_total", "Files of which nothing could be said.")) {}

void Probing::wake() {
  const std::lock_guard lock(mutex_);
  may_have_more_ = true;
  may_have_sidecars_ = true;
  for (const Id& id : std::exchange(passed_over_, {})) in_hand_.erase(id);
  wake_.notify_all();
}

void Probing::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  wake_.notify_all();
}

std::string Probing::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

bool Probing::fill(Which which, const revenge::Call& call) {
  constexpr std::string_view kAnyWaiting =
      "SELECT f.id, r.path, d.path, f.name, f.bytes, f.modified_ns, r.id, d.id, f.inode, "
      "CASE WHEN f.item IS NULL AND f.title IS NULL THEN 0 ELSE 1 END, CASE WHEN f.tags = '' THEN 0 ELSE 1 "
      "END "
      "FROM library_file f JOIN library_folder d ON d.id = f.folder JOIN library_root r ON r.id = d.root "
      "WHERE "
      "f.probe = 0 AND f.kind {} 'nfo' AND f.missing_us IS NULL AND r.state <> 'offline' ORDER BY f.id LIMIT "
      "$1";
  const bool is_sidecar = which == Which::kSidecars;
  const auto found = sql_.query(call, fmt::format(kAnyWaiting, is_sidecar ? "=" : "<>"),
                                kAsked + static_cast<std::int64_t>(in_hand_.size()))
                         .wait();
  if (!found) return false;
  std::vector<Waiting> waiting;
  const std::lock_guard lock(mutex_);
  for (const revenge::SqlRow row : *found) {
    const auto id = idOf(row.text(0));
    if (!id || !in_hand_.insert(*id).second) continue;
    const std::string_view name = row.text(3);
    waiting.push_back({.id = *id,
                       .root_id = row.integer(6),
                       .folder = row.integer(7),
                       .root = std::string(row.text(1)),
                       .path = disk::joined(row.text(2), name),
                       .bytes = static_cast<std::uint64_t>(row.integer(4)),
                       .modified_ns = row.integer(5),
                       .inode = static_cast<std::uint64_t>(row.integer(8)),
                       .is_sidecar = is_sidecar,
                       .is_of_something = row.boolean(9),
                       .describes_title = isSidecarOfTitle(name),
                       .said_something = row.boolean(10)});
  }
  (is_sidecar ? may_have_sidecars_ : may_have_more_) = !waiting.empty();
  queue_.insert(is_sidecar ? queue_.begin() : queue_.end(), std::make_move_iterator(waiting.begin()),
                std::make_move_iterator(waiting.end()));
  wake_.notify_all();
  return true;
}

std::optional<Probing::Waiting> Probing::next(const revenge::StopToken& stop, const revenge::Call& call) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (is_closed_ || stop.stopRequested()) return std::nullopt;
    const auto now = host_.clock().now();
    const bool rests = now < not_before_;
    // Sidecars first: they are read in no time, and say how all is called.
    const bool has_sidecar = !queue_.empty() && queue_.front().is_sidecar;
    const bool may_ask = !is_filling_ && now >= ask_not_before_;
    const bool asks_sidecars = may_ask && may_have_sidecars_ && !has_sidecar;
    const bool is_ready = has_sidecar || (!rests && !queue_.empty());
    if (is_ready && !asks_sidecars) {
      Waiting file = std::move(queue_.front());
      queue_.pop_front();
      return file;
    }
    if (asks_sidecars || (may_ask && !rests && may_have_more_)) {
      is_filling_ = true;
      std::vector<Found> found = std::exchange(found_, {});
      lock.unlock();
      const bool written = write(std::move(found), call);
      const bool filled = fill(asks_sidecars ? Which::kSidecars : Which::kMedia, call);
      lock.lock();
      is_filling_ = false;
      if (!written || !filled) ask_not_before_ = host_.clock().now() + std::chrono::seconds(1);
      continue;
    }
    if (!found_.empty() && in_hand_.size() == found_.size() + passed_over_.size()) {
      std::vector<Found> found = std::exchange(found_, {});
      lock.unlock();
      static_cast<void>(write(std::move(found), call));
      lock.lock();
      continue;
    }
    wake_.wait_for(lock, std::chrono::seconds(1));
  }
}

void Probing::run(const revenge::StopToken& stop, const revenge::Call& call) {
  while (const auto file = next(stop, call)) {
    if (auto found = look(*file, call)) {
      keep(std::move(*found), call);
    } else {
      const std::lock_guard lock(mutex_);
      if (file->is_sidecar)
        passed_over_.insert(file->id);
      else
        in_hand_.erase(file->id);
    }
  }
  std::vector<Found> found;
  {
    const std::lock_guard lock(mutex_);
    found = std::exchange(found_, {});
  }
  static_cast<void>(write(std::move(found), call));
}

std::optional<Probing::Found> Probing::look(const Waiting& file, const revenge::Call& call) {
  Found found{.id = file.id,
              .bytes = file.bytes,
              .modified_ns = file.modified_ns,
              .root_id = file.root_id,
              .folder = file.folder};
  const auto root = disk::Root::open(file.root);
  if (!root) {
    // Offline, as a scan will find: until then it is asked for again and again.
    const std::lock_guard lock(mutex_);
    not_before_ = ask_not_before_ = host_.clock().now() + std::chrono::seconds(1);
    return std::nullopt;
  }
  if (file.is_sidecar) return readSidecar(file, std::move(found), *root, call);
  found.sample = contentSample(*root, file.path, file.bytes);
  revenge::Command command;
  const std::string path = disk::joined(file.root, file.path);
  command.arguments = media::probeArguments(path);
  command.arguments.insert(command.arguments.begin(), options_.program);
  command.timeout = options_.timeout;
  command.out = revenge::ChildOutput::collect(media::kMaxProbeBytes);
  command.err = revenge::ChildOutput::collect(kMostErrorBytes, revenge::Beyond::kKeepTail);
  command.niceness = 10;
  command.ioPriority = revenge::IoPriority::kLow;
  auto ran = host_.processes().run(call, std::move(command)).wait();
  if (!ran) {
    if (call.cancelled()) return std::nullopt;
    const std::lock_guard lock(mutex_);
    if (trouble_.empty()) host_.log().warn("files cannot be probed", {{"error", ran.error().message}});
    trouble_ = "files cannot be probed: " + ran.error().message;
    not_before_ = host_.clock().now() + kRest;
    may_have_more_ = true;
    return std::nullopt;
  }
  {
    const std::lock_guard lock(mutex_);
    trouble_.clear();
  }
  if (ran->ended() == revenge::ChildEnd::kCancelled) return std::nullopt;
  found.state = column::kFailed;
  if (ran->ended() == revenge::ChildEnd::kTimedOut) {
    found.error = "ffprobe did not end in time";
  } else if (!ran->ok() && ran->out().size() < 4) {
    found.error = lastLine(ran->err());
    if (found.error.empty()) found.error = "ffprobe ended without an answer";
  } else if (const auto facts = media::readProbe(ran->out()); !facts) {
    const std::string said = lastLine(ran->err());
    found.error = said.empty() ? facts.error() : withoutPath(said, path);
  } else if (facts->streams.empty()) {
    found.error = "there is nothing in it to be played";
  } else {
    found.state = column::kProbed;
    found.facts = media::toJson(*facts);
    found.duration_ms = facts->duration_ms;
    if (naming::kindOf(file.path) == naming::Kind::kAudio) found.tags = stored(tagsIn(*facts));
    found.places_anew = !found.tags.empty();
  }
  return found;
}

std::vector<std::string> Probing::rootsBeside(std::int64_t root, const revenge::Call& call) const {
  const auto found = sql_.query(call,
                                "SELECT o.path FROM library_root r JOIN library_root o ON o.library = "
                                "r.library WHERE r.id = $1 AND o.id <> r.id",
                                root)
                         .wait();
  std::vector<std::string> paths;
  if (!found) return paths;
  for (const revenge::SqlRow row : *found) paths.emplace_back(row.text(0));
  return paths;
}

std::optional<Probing::Found> Probing::readSidecar(const Waiting& file, Found found, const disk::Root& root,
                                                   const revenge::Call& call) const {
  const auto text = readSidecarFile(root, {file.path, file.bytes, file.modified_ns, file.inode},
                                    [&] { return rootsBeside(file.root_id, call); });
  if (!text) return std::nullopt;
  found.state = text->error.empty() ? column::kProbed : column::kFailed;
  found.error = text->error;
  found.facts = text->facts;
  found.tags = text->tags;
  found.is_text_alone = text->is_text_alone;
  found.places_anew = !text->tags.empty() || file.said_something || file.describes_title;
  // What describes nothing is nobody's concern.
  if (!file.is_of_something && !file.describes_title) return found;
  const std::string shown = naming::displayForm(disk::joined(file.root, file.path));
  if (!text->error.empty() && !text->is_text_alone)
    host_.log().warn("a sidecar cannot be read; names say what there is",
                     {{"file", shown}, {"error", text->error}});
  constexpr std::size_t kTold = 5;
  for (const std::string& warning : text->warnings | std::views::take(kTold))
    host_.log().warn("in a sidecar something was passed over", {{"file", shown}, {"what", warning}});
  return found;
}

void Probing::keep(Found found, const revenge::Call& call) {
  probesTotal_.add();
  failuresTotal_.add(found.state == column::kFailed && !found.is_text_alone ? 1 : 0);
  std::vector<Found> ready;
  {
    const std::lock_guard lock(mutex_);
    found_.push_back(std::move(found));
    if (found_.size() < kWrittenAtOnce && !queue_.empty()) return;
    ready = std::exchange(found_, {});
  }
  if (!write(std::move(ready), call)) wake();
}

// Only of files that are as they were when they were looked into.
bool Probing::write(std::vector<Found> found, const revenge::Call& call) {
  if (found.empty()) return true;
  std::vector<revenge::SqlValue> values;
  for (const Found& one : found) {
    values.insert(values.end(),
                  {blob(one.id), revenge::SqlValue(one.bytes), revenge::SqlValue(one.modified_ns),
                   revenge::SqlValue(one.state), revenge::SqlValue(one.error),
                   one.facts.empty() ? revenge::SqlValue() : revenge::SqlValue(one.facts),
                   revenge::SqlValue(one.duration_ms),
                   one.sample.empty() ? revenge::SqlValue() : blob(one.sample), revenge::SqlValue(one.tags)});
  }
  std::set<std::pair<std::int64_t, std::int64_t>> folders;
  for (const Found& one : found)
    if (one.places_anew) folders.emplace(one.root_id, one.folder);
  const Status done =
      sql_.transact(call, {.label = "probe"}, [&](const revenge::SqlTransaction& inside) -> Status {
        const auto kept =
            inside
                .batch(call,
                       "UPDATE library_file SET probe = $4, probe_error = $5, facts = $6, duration_ms = $7, "
                       "sample = $8, tags = $9 WHERE id = $1 AND bytes = $2 AND modified_ns = $3",
                       values, found.size())
                .wait();
        if (!kept) return std::unexpected(kept.error());
        // In the same transaction: they are placed anew, also when the host ends before that.
        for (const auto& [root, folder] : folders) {
          const auto unsigned_now = inside
                                        .query(call, "UPDATE library_folder SET signature = $2 WHERE id = $1",
                                               folder, blob(kUnplaced))
                                        .wait();
          if (!unsigned_now) return std::unexpected(unsigned_now.error());
        }
        return {};
      });
  if (done)
    for (const auto& [root, folder] : folders) tagged_(root, folder);
  const std::lock_guard lock(mutex_);
  for (const Found& one : found) in_hand_.erase(one.id);
  return done.has_value();
}

}  // namespace library
