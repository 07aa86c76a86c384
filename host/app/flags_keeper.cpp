#include "app/flags_keeper.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <utility>

#include <fmt/ranges.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/host_threads.hpp"
#include "base/replace_file.hpp"
#include "config/sources.hpp"
#include "flags/read.hpp"
#include "runtime/named_thread.hpp"

namespace revenge::app {

namespace {

constexpr std::string_view kByHand = "an edit of the file";
constexpr std::string_view kBySchedule = "its schedule";
// A wall clock that is set is noticed after this.
constexpr std::chrono::seconds kLongestWait{60};
constexpr mode_t kMode = 0644;

template <typename T>
T orNone(base::Result<T> made, const observe::Logger& logger) {
  if (made) return std::move(*made);
  logger.error(made.error().message);
  return {};
}

std::string_view orUndefined(const flags::FlagView& view) {
  return view.isDefined() ? std::string_view(view.says) : "undefined";
}

config::Places placesOf(const std::filesystem::path& file) {
  return {.main = file.string(), .need = config::Need::kOptional, .beside = config::Beside::kNothing};
}

base::Result<flags::Definitions> definitionsOf(const config::Sources& sources,
                                               const std::filesystem::path& file) {
  if (sources.empty()) return flags::Definitions{.file = file.string(), .flags = {}, .segments = {}};
  const config::Source& source = sources.front();
  if (!source.trouble.empty()) return base::fail(base::Errc::kIo, "{}", source.trouble);
  auto read = flags::readDefinitions(source.text, source.path);
  if (!read) return base::fail(base::Errc::kInvalid, "{}", fmt::join(read.error(), "\n"));
  return std::move(*read);
}

}  // namespace

base::Result<flags::Definitions> readFlagsFile(const std::filesystem::path& file) {
  return definitionsOf(config::readSources(placesOf(file)), file);
}

FlagsKeeper::FlagsKeeper(Rooms rooms, std::filesystem::path file, Watch watch)
    : rooms_(rooms),
      file_(std::move(file)),
      watch_(watch),
      logger_(rooms.log.logger("flags")),
      scope_(rooms.metrics.hostScope()),
      watching_(rooms.health.condition("flags", "watching", observe::Affects::kDetail)) {
  last_success_ = orNone(scope_.gauge({"revenge_flags_last_success",
                                       "1: the flags file tried last is in force; 0: it was refused."}),
                         logger_);
  refused_ =
      orNone(scope_.counter({"revenge_flags_refused_total", "Flags files that were refused."}), logger_);
  last_success_.set(1);
}

FlagsKeeper::~FlagsKeeper() { stop(); }

base::Result<flags::Definitions> FlagsKeeper::read() { return readFlagsFile(file_); }

base::Result<> FlagsKeeper::open() {
  const std::lock_guard lock(changing_);
  read_ = config::readSources(placesOf(file_));
  auto definitions = definitionsOf(read_, file_);
  if (!definitions) return std::unexpected(definitions.error());
  (void)rooms_.flags.publish(std::move(*definitions));
  tellOverdue();
  return {};
}

void FlagsKeeper::publish(flags::Definitions definitions, std::string_view who) {
  const std::lock_guard lock(changing_);
  tell(rooms_.flags.publish(std::move(definitions), who), who);
}

base::Result<flags::Edited> FlagsKeeper::edit(const flags::Edit& edit, const flags::Asked& asked) {
  const std::lock_guard lock(changing_);
  const std::uint64_t generation = rooms_.flags.generation();
  if (asked.decided_on && *asked.decided_on != generation)
    return base::fail(
        base::Errc::kStale,
        "decided on generation {} of the flags, but {} is in force; look again (revengectl flags)",
        *asked.decided_on, generation);
  const config::Sources sources = config::readSources(placesOf(file_));
  const auto now = definitionsOf(sources, file_);
  if (!now) return std::unexpected(now.error());
  const std::string name = file_.string();
  // Whoever kills a flag is in a hurry: a mistyped key must not look as if it had helped.
  if (edit.kind == flags::Edit::Kind::kKill && now->find(edit.key) == nullptr &&
      !rooms_.flags.isAskedFor(edit.key))
    return base::fail(base::Errc::kNotFound, "no flag '{}' in {}, and no plugin asks for it", edit.key, name);
  const auto text = flags::edited(sources.empty() ? "" : sources.front().text, name, *now, edit);
  if (!text) return std::unexpected(text.error());
  auto next = flags::readDefinitions(*text, name);
  if (!next) return base::fail(base::Errc::kInvalid, "{}", fmt::join(next.error(), "\n"));
  const flags::Flag& flag = *next->find(edit.key);
  flags::Edited done;
  done.before.key = edit.key;
  done.after = flags::view(flag, rooms_.clock.wall());
  done.generation = generation;
  done.file = name;
  done.warnings = flags::hindrances(flag, edit);
  done.run = asked.run;
  if (const auto before = now->find(edit.key)) done.before = flags::view(*before, rooms_.clock.wall());
  if (asked.run == flags::Run::kDry) return done;
  if (auto written = base::replaceFile(file_, *text, kMode); !written)
    return std::unexpected(written.error());
  tell(rooms_.flags.publish(std::move(*next), asked.by), asked.by);
  done.generation = rooms_.flags.generation();
  return done;
}

void FlagsKeeper::tell(const flags::Change& change, std::string_view who) {
  last_success_.set(1);
  for (std::size_t i = 0; i < change.keys.size(); ++i) {
    const std::string before(orUndefined(change.before[i]));
    const std::string after(orUndefined(change.after[i]));
    logger_.info("flag changed",
                 {{"flag", change.keys[i]}, {"before", before}, {"after", after}, {"by", std::string(who)}});
    observe::Event told;
    told.kind = "flag.changed";
    told.text = fmt::format("flag {}: {} -> {} by {}", change.keys[i], before, after, who);
    told.attributes = {
        {"flag", change.keys[i]}, {"before", before}, {"after", after}, {"who", std::string(who)}};
    rooms_.events.publish(std::move(told));
  }
  tellOverdue();
  wake();
}

void FlagsKeeper::tellRefusal(const std::string& why) {
  last_success_.set(0);
  refused_.add();
  logger_.error("flags refused; those before stay in force", {{"reason", why}});
  observe::Event told;
  told.kind = "flags.refused";
  told.text = "flags refused: " + why;
  rooms_.events.publish(std::move(told));
}

// Once for each, until it is not overdue any more. REQUIRES changing_
void FlagsKeeper::tellOverdue() {
  std::set<std::string> overdue;
  for (const flags::FlagView& view : rooms_.flags.views()) {
    if (!view.is_overdue) continue;
    overdue.insert(view.key);
    if (!told_overdue_.contains(view.key))
      logger_.warn("flag is overdue for removal",
                   {{"flag", view.key}, {"owner", view.owner}, {"remove_when", view.remove_when}});
  }
  told_overdue_ = std::move(overdue);
}

void FlagsKeeper::wake() const {
  constexpr std::uint64_t kOne = 1;
  if (woken_) (void)!::write(woken_.get(), &kOne, sizeof kOne);
}

base::Result<> FlagsKeeper::start() {
  watching_.met();
  woken_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!woken_) return base::fail(base::Errc::kIo, "no descriptor to watch with: {}", base::errnoText(errno));
  auto thread = runtime::startThread("flags", [this] {
    const base::HostThread known;
    run();
  });
  if (!thread) return std::unexpected(thread.error());
  thread_ = std::move(*thread);
  return {};
}

void FlagsKeeper::stop() {
  leaving_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
}

config::WatchHandlers FlagsKeeper::handlers() {
  config::WatchHandlers handlers;
  handlers.check = [this](const config::Sources& sources) -> config::Problems {
    const auto definitions = definitionsOf(sources, file_);
    return definitions ? config::Problems{} : config::Problems{definitions.error().message};
  };
  // What it is now, since an edit may have come in between.
  handlers.take = [this](const config::Sources& /*sources*/) {
    const std::lock_guard lock(changing_);
    if (auto definitions = read()) tell(rooms_.flags.publish(std::move(*definitions), kByHand), kByHand);
    return config::Taken::kDone;
  };
  handlers.refuse = [this](const config::Problems& problems) {
    tellRefusal(fmt::format("{}", fmt::join(problems, "\n")));
  };
  handlers.sees = [this](const std::string& trouble) {
    if (trouble.empty()) return watching_.met();
    logger_.warn("changes of the flags are seen every 5 s only", {{"reason", trouble}});
    watching_.unmet(trouble);
  };
  return handlers;
}

void FlagsKeeper::run() {
  std::optional<config::Watcher> watcher;
  if (watch_ == Watch::kYes) watcher.emplace(placesOf(file_), read_, handlers(), rooms_.clock.now());
  while (!leaving_) {
    base::Duration wait = kLongestWait;
    if (watcher) wait = std::min(wait, watcher->step(rooms_.clock.now()) - rooms_.clock.now());
    if (const auto turn = rooms_.flags.nextChange()) wait = std::min(wait, *turn - rooms_.clock.wall());
    // Rounded up, so that it is due when it wakes.
    const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(wait);
    std::array<pollfd, 2> waits{
        {{woken_.get(), POLLIN, 0}, {watcher ? watcher->descriptor() : -1, POLLIN, 0}}};
    (void)::poll(waits.data(), waits.size(),
                 static_cast<int>(std::max(timeout, decltype(timeout)::zero()).count()));
    std::uint64_t ignored = 0;
    (void)!::read(woken_.get(), &ignored, sizeof ignored);
    const std::lock_guard lock(changing_);
    if (const auto change = rooms_.flags.turn(); !change.keys.empty()) tell(change, kBySchedule);
  }
}

}  // namespace revenge::app
