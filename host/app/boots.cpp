#include "app/boots.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <span>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <link.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/replace_file.hpp"
#include "document/json.hpp"
#include "observe/build_id.hpp"
#include "observe/symbols.hpp"

namespace revenge::app {

namespace {

namespace fs = std::filesystem;
using document::Value;

constexpr mode_t kMode = 0640;
constexpr std::size_t kMostRecordBytes = 256UZ * 1024;
constexpr std::size_t kKeptRecords = 20;
constexpr std::size_t kKeptFrames = 16;  // of one crash, in the history

std::string hostBuild() {
  observe::BuildIdText text{};
  std::string build;
  const auto first = [&](const dl_phdr_info& program) { build = observe::buildIdOf(program, text); };
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* take) {
        (*static_cast<decltype(first)*>(take))(*info);
        return 1;  // the program comes first
      },
      const_cast<void*>(static_cast<const void*>(&first)));
  return build;
}

std::string contentOf(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kMostRecordBytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

// Changes with each start of the machine.
std::string machineBoot() {
  std::string id = contentOf("/proc/sys/kernel/random/boot_id");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

std::int64_t secondsOf(base::WallTime at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}
base::WallTime wall(std::int64_t seconds) {
  constexpr std::int64_t kFurthest = 9'000'000'000;
  return base::WallTime(std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kFurthest)));
}

std::string textAt(const Value& object, std::string_view key) {
  const Value* const found = object.find(key);
  return found != nullptr && found->text() != nullptr ? *found->text() : "";
}
std::int64_t numberAt(const Value& object, std::string_view key) {
  const Value* const found = object.find(key);
  return found != nullptr ? found->integer().value_or(0) : 0;
}
const document::Array& arrayAt(const Value& object, std::string_view key) {
  static const document::Array kNone;
  const Value* const found = object.find(key);
  return found != nullptr && found->array() != nullptr ? *found->array() : kNone;
}

constexpr std::array kModes{plugin::StartMode::kWanted, plugin::StartMode::kLastGood,
                            plugin::StartMode::kSafe};

plugin::StartMode modeNamed(std::string_view name) {
  const auto found =
      std::ranges::find(kModes, name, [](plugin::StartMode mode) { return plugin::name(mode); });
  return found == kModes.end() ? plugin::StartMode::kWanted : *found;
}

Value valueOf(const plugin::Crash& crash) {
  Value value{document::Object()};
  value.set("at", secondsOf(crash.at));
  value.set("host_build", crash.host_build);
  value.set("mode", std::string(plugin::name(crash.mode)));
  value.set("plugin", crash.plugin);
  value.set("version", crash.version);
  value.set("sha256", crash.sha256);
  value.set("what", crash.what);
  document::Array frames;
  for (const std::string& frame : crash.frames) frames.emplace_back(frame);
  value.set("frames", std::move(frames));
  return value;
}

plugin::Crash crashOf(const Value& value) {
  std::vector<std::string> frames;
  for (const Value& frame : arrayAt(value, "frames")) {
    if (frame.text() != nullptr && frames.size() < kKeptFrames) frames.push_back(*frame.text());
  }
  return {.at = wall(numberAt(value, "at")),
          .host_build = textAt(value, "host_build"),
          .mode = modeNamed(textAt(value, "mode")),
          .plugin = textAt(value, "plugin"),
          .version = textAt(value, "version"),
          .sha256 = textAt(value, "sha256"),
          .what = textAt(value, "what"),
          .frames = std::move(frames)};
}

Value valueOf(const plugin::Quarantine& quarantine) {
  Value value{document::Object()};
  value.set("plugin", quarantine.plugin);
  value.set("version", quarantine.version);
  value.set("sha256", quarantine.sha256);
  value.set("host_build", quarantine.host_build);
  value.set("since", secondsOf(quarantine.since));
  value.set("crashes", quarantine.crashes);
  value.set("what", quarantine.what);
  return value;
}

plugin::Quarantine quarantineOf(const Value& value) {
  return {.plugin = textAt(value, "plugin"),
          .version = textAt(value, "version"),
          .sha256 = textAt(value, "sha256"),
          .host_build = textAt(value, "host_build"),
          .since = wall(numberAt(value, "since")),
          .crashes = static_cast<std::size_t>(std::max<std::int64_t>(0, numberAt(value, "crashes"))),
          .what = textAt(value, "what")};
}

template <class Item>
Value listOf(const std::vector<Item>& items) {
  document::Array array;
  for (const Item& item : items) array.push_back(valueOf(item));
  return array;
}

}  // namespace

Boots::Boots(BootOptions options, const base::Clock& clock, std::string host_build)
    : options_(std::move(options)),
      clock_(clock),
      host_build_(std::move(host_build)),
      lock_(options_.folder / "lock") {}

Boots::Lock::Lock(const fs::path& file)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode)),
      ours_(descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {}

Boots::Lock::~Lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::unique_ptr<Boots> Boots::open(BootOptions options, const base::Clock& clock) {
  std::error_code failed;
  fs::create_directories(options.folder / "records", failed);
  std::unique_ptr<Boots> boots(new Boots(std::move(options), clock, hostBuild()));
  boots->read();
  boots->takeIn();
  boots->begin();
  return boots;
}

Boots::~Boots() { end(); }

void Boots::end() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(ended_, true)) return;
  handler_.reset();
  if (!lock_.isOurs()) return;
  history_.endedWell();
  static_cast<void>(write(history_));
  std::error_code gone;
  fs::remove(options_.folder / "boot", gone);
}

void Boots::putAside(const fs::path& file, std::string_view why) {
  std::error_code failed;
  fs::rename(file, file.string() + ".damaged", failed);
  notes_.push_back(
      fmt::format("{}: {}; put aside as {}.damaged", file.string(), why, file.filename().string()));
}

void Boots::read() {
  const fs::path file = options_.folder / "history.json";
  if (!fs::exists(file)) return;
  const auto root = document::parseJson(contentOf(file), file.string());
  if (!root) return putAside(file, root.error().message);
  std::vector<plugin::Crash> crashes;
  for (const Value& each : arrayAt(*root, "crashes")) crashes.push_back(crashOf(each));
  std::vector<plugin::Quarantine> quarantines;
  for (const Value& each : arrayAt(*root, "quarantined")) quarantines.push_back(quarantineOf(each));
  history_ = plugin::CrashHistory(std::move(crashes), std::move(quarantines));
}

base::Result<> Boots::write(const plugin::CrashHistory& history) const {
  Value root{document::Object()};
  root.set("crashes", listOf(history.crashes()));
  root.set("quarantined", listOf(history.quarantines()));
  return base::replaceFile(options_.folder / "history.json",
                           document::writeJson(root, document::Layout::kPretty), kMode);
}

// How the last run ended; nothing: as it was asked to, or with the machine.
std::optional<plugin::Crash> Boots::lastEnd() {
  if (!lock_.isOurs()) {
    if (lock_.isOfAnother())
      notes_.push_back(fmt::format(
          "{}: another host runs with this state folder; its crashes are not told from this one's",
          options_.folder.string()));
    return std::nullopt;
  }
  const fs::path marker = options_.folder / "boot";
  if (!fs::exists(marker)) return std::nullopt;
  const auto boot = document::parseJson(contentOf(marker), marker.string());
  const std::string text = contentOf(options_.folder / "record");
  auto record = observe::readCrash(text);
  plugin::Crash crash{.at = clock_.wall(), .host_build = host_build_};
  if (boot) {
    crash.host_build = textAt(*boot, "host_build");
    crash.mode = modeNamed(textAt(*boot, "mode"));
  }
  if (record) {
    observe::nameFunctions(record->frames);
    for (const observe::StackFrame& frame :
         std::span(record->frames).first(std::min(record->frames.size(), kKeptFrames)))
      crash.frames.push_back(frame.text());
    if (record->time_s > 0) crash.at = std::min(crash.at, wall(record->time_s));
    if (const auto culprit = record->culprit()) {
      crash.plugin = culprit->id;
      crash.version = culprit->version;
      crash.sha256 = culprit->sha256;
    }
    crash.what = record->summary();
    const fs::path kept = options_.folder / "records" / fmt::format("{}.txt", secondsOf(crash.at));
    static_cast<void>(base::replaceFile(kept, text, kMode));
    return crash;
  }
  if (boot && textAt(*boot, "machine") != machineBoot()) {
    notes_.push_back("the last run ended with the machine: it counts as no crash");
    return std::nullopt;
  }
  const auto left = observe::CrashSteps::left(options_.folder / "steps");
  // Two at once: either may have done it.
  if (left.size() == 1) {
    crash.plugin = left.front().plugin.id;
    crash.version = left.front().plugin.version;
    crash.sha256 = left.front().plugin.sha256;
    crash.what = fmt::format("ended without a word in '{}' of plugin {} {}", left.front().what, crash.plugin,
                             crash.version);
    return crash;
  }
  crash.what = "ended without a word: killed, or out of memory";
  for (std::size_t i = 0; i < left.size(); ++i)
    crash.what +=
        fmt::format("{} {} in '{}'", i == 0 ? "; in it were" : ",", left[i].plugin.id, left[i].what);
  return crash;
}

void Boots::takeIn() {
  if (auto crash = lastEnd()) {
    notes_.push_back(fmt::format("the last run crashed: {}", crash->what));
    if (options_.limits.limit > 0) {
      if (const auto quarantine = history_.add(std::move(*crash), options_.limits))
        notes_.push_back(
            fmt::format("plugin '{}' {} is quarantined after {} crashes; `revengectl release {}` lets it "
                        "start again, and so does "
                        "another build of it",
                        quarantine->plugin, quarantine->version, quarantine->crashes, quarantine->plugin));
      static_cast<void>(write(history_));
    }
  }
  mode_ =
      options_.limits.limit > 0 ? history_.next(clock_.wall(), options_.limits) : plugin::StartMode::kWanted;
  if (mode_ == plugin::StartMode::kLastGood) {
    readGood();
    if (good_.empty()) mode_ = plugin::StartMode::kWanted;
  }
  if (options_.safe) {
    mode_ = plugin::StartMode::kSafe;
    notes_.emplace_back("safe mode, as asked for: no plugin is started; the control plane serves");
  } else if (mode_ == plugin::StartMode::kSafe) {
    notes_.emplace_back(
        "safe mode after repeated crashes that no plugin is known to have caused: none is started; the "
        "control plane "
        "serves; an orderly restart tries again what is wanted");
  } else if (mode_ == plugin::StartMode::kLastGood) {
    notes_.emplace_back(
        "repeated crashes that no plugin is known to have caused: the plugins that were last known to be "
        "good are started "
        "instead of those that are wanted; an orderly restart tries those again");
  }
}

void Boots::begin() {
  auto steps = observe::CrashSteps::open(options_.folder / "steps");
  if (!steps) return cannotKeep(steps.error());
  steps_.emplace(std::move(*steps));
  auto handler = observe::CrashHandler::install(options_.folder / "record", host_build_);
  if (!handler) return cannotKeep(handler.error());
  handler_.emplace(std::move(*handler));
  std::vector<fs::path> records;
  std::error_code unread;
  for (const auto& entry : fs::directory_iterator(options_.folder / "records", unread))
    records.push_back(entry.path());
  std::ranges::sort(records);
  for (std::size_t i = 0; i + kKeptRecords < records.size(); ++i) fs::remove(records[i], unread);
  Value boot{document::Object()};
  boot.set("pid", static_cast<std::int64_t>(::getpid()));
  boot.set("machine", machineBoot());
  boot.set("host_build", host_build_);
  boot.set("mode", std::string(plugin::name(mode_)));
  if (auto kept = base::replaceFile(options_.folder / "boot", document::writeJson(boot), kMode); !kept)
    cannotKeep(kept.error());
}

// Before what is said of the mode, which is the last note.
void Boots::cannotKeep(const base::Error& why) {
  notes_.insert(notes_.begin(),
                fmt::format("{}; should this run crash, the next will not know why; free space there, or "
                            "give the host's user write access",
                            why.message));
}

void Boots::readGood() {
  const fs::path file = options_.folder / "last-good.json";
  if (!fs::exists(file)) return;
  const auto root = document::parseJson(contentOf(file), file.string());
  if (!root) return putAside(file, root.error().message);
  for (const Value& each : arrayAt(*root, "plugins")) {
    plugin::GoodPlugin good{.id = textAt(each, "id"),
                            .version = textAt(each, "version"),
                            .sha256 = textAt(each, "sha256"),
                            .folder = textAt(each, "folder")};
    if (!good.id.empty()) good_.insert_or_assign(good.id, good);
  }
}

base::Result<> Boots::keepGood(const std::vector<plugin::GoodPlugin>& serving) {
  document::Array plugins;
  for (const plugin::GoodPlugin& good : serving) {
    Value one{document::Object()};
    one.set("id", good.id);
    one.set("version", good.version);
    one.set("sha256", good.sha256);
    one.set("folder", good.folder.string());
    plugins.push_back(std::move(one));
  }
  Value root{document::Object()};
  root.set("plugins", std::move(plugins));
  return base::replaceFile(options_.folder / "last-good.json",
                           document::writeJson(root, document::Layout::kPretty), kMode);
}

std::optional<plugin::Quarantine> Boots::quarantined(std::string_view plugin, std::string_view sha256) const {
  const std::lock_guard lock(mutex_);
  const plugin::Quarantine* const found = history_.quarantined(plugin, sha256, host_build_);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

base::Result<> Boots::quarantine(plugin::Quarantine made) {
  const std::lock_guard lock(mutex_);
  made.host_build = host_build_;
  history_.quarantine(std::move(made));
  return write(history_);
}

base::Result<bool> Boots::release(std::string_view plugin) {
  const std::lock_guard lock(mutex_);
  plugin::CrashHistory next = history_;
  if (!next.release(plugin)) return false;
  if (auto written = write(next); !written) return std::unexpected(std::move(written.error()));
  history_ = std::move(next);
  return true;
}

std::vector<plugin::Crash> Boots::crashesOf(std::string_view plugin) const {
  const std::lock_guard lock(mutex_);
  return history_.of(plugin);
}

std::vector<plugin::Crash> Boots::crashes() const {
  const std::lock_guard lock(mutex_);
  return history_.crashes();
}

observe::CrashSteps::Step Boots::begin(const observe::PluginBuild& plugin, std::string_view what) {
  return steps_ ? steps_->begin(plugin, what) : observe::CrashSteps::Step();
}

}  // namespace revenge::app
