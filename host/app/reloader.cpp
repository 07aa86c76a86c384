#include "app/reloader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <ranges>
#include <utility>

#include <fmt/ranges.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "base/host_threads.hpp"
#include "config/difference.hpp"
#include "config/host_schema.hpp"
#include "config/mounts.hpp"
#include "runtime/named_thread.hpp"

namespace revenge::app {

namespace {

constexpr std::string_view kFiles = "files";  // who it was: whoever wrote them

template <typename T>
T orNone(base::Result<T> made, const observe::Logger& logger) {
  if (made) return std::move(*made);
  logger.error(made.error().message);
  return {};
}

}  // namespace

Reloader::Reloader(Rooms rooms)
    : rooms_(rooms),
      logger_(rooms.log.logger("config")),
      scope_(rooms.metrics.hostScope()),
      watching_(rooms.health.condition("config", "watching", observe::Affects::kDetail)),
      mounts_(rooms.health.condition("config", "mounts", observe::Affects::kDetail)),
      kept_(rooms.health.condition("config", "history", observe::Affects::kDetail)),
      in_force_(rooms.configuration.sources()),
      last_told_(rooms.configuration.snapshot()) {
  last_success_ = orNone(scope_.gauge({"revenge_config_last_success",
                                       "1: the configuration tried last is in force; 0: it was refused."}),
                         logger_);
  last_success_at_ = orNone(scope_.gauge({"revenge_config_last_success_timestamp_seconds",
                                          "When a configuration came into force, since 1970."}),
                            logger_);
  number_ = orNone(scope_.gauge({"revenge_config_generation",
                                 "The number of the configuration in force; it grows by one with each."}),
                   logger_);
  refused_ =
      orNone(scope_.counter({"revenge_config_refused_total", "Configurations that were refused."}), logger_);
  last_success_.set(1);
  last_success_at_.set(std::chrono::duration<double>(rooms_.clock.wall().time_since_epoch()).count());
  watching_.met();
  tellHistory();  // of what it read
  (void)rooms_.history.begin(rooms_.clock.wall(), in_force_);
  tellHistory();
  lookForMounts();
}

Reloader::~Reloader() { stop(); }

base::Result<> Reloader::start(std::function<void()> asked) {
  asked_ = std::move(asked);
  wanted_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  end_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!end_ || !wanted_)
    return base::fail(base::Errc::kIo, "no descriptor to watch with: {}", base::errnoText(errno));
  auto thread = runtime::startThread("config", [this] {
    const base::HostThread known;
    watch();
  });
  if (!thread) return std::unexpected(thread.error());
  thread_ = std::move(*thread);
  return {};
}

void Reloader::stop() {
  if (!thread_.joinable()) return;
  (void)::eventfd_write(end_.get(), 1);
  thread_.join();
}

void Reloader::ask() {
  if (wanted_) (void)::eventfd_write(wanted_.get(), 1);
}

void Reloader::watch() {
  config::WatchHandlers handlers;
  handlers.check = [this](const config::Sources& sources) {
    const auto candidate = rooms_.configuration.candidate(sources);
    return candidate ? config::Problems() : candidate.error();
  };
  handlers.take = [this](const config::Sources& sources) { return take(sources); };
  handlers.refuse = [this](const config::Problems& problems) {
    const std::lock_guard lock(applying_);
    files_refused_ = true;
    tellRefusal(fmt::format("{}", fmt::join(problems, "\n")), std::string(kFiles));
  };
  handlers.sees = [this](const std::string& trouble) {
    if (trouble.empty()) return watching_.met();
    logger_.warn("changes of the configuration are seen every 5 s only", {{"reason", trouble}});
    watching_.unmet(trouble);
  };
  std::optional<config::Watcher> watcher;
  if (rooms_.configuration.atStart()->boolean("/config/watch")) {
    watcher.emplace(rooms_.configuration.places(), rooms_.configuration.sources(), std::move(handlers),
                    rooms_.clock.now());
  }
  constexpr int kForEver = -1;
  while (true) {
    int wait = kForEver;
    if (watcher) {
      const base::Instant next = watcher->step(rooms_.clock.now());
      // Rounded up, so that it is due when it wakes.
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - rooms_.clock.now());
      wait = static_cast<int>(std::max(left, decltype(left)::zero()).count());
    }
    std::array<pollfd, 3> waits{{{end_.get(), POLLIN, 0},
                                 {wanted_.get(), POLLIN, 0},
                                 {watcher ? watcher->descriptor() : -1, POLLIN, 0}}};
    (void)::poll(waits.data(), waits.size(), wait);
    if (waits[0].revents != 0) return;
    eventfd_t count = 0;
    if (::eventfd_read(wanted_.get(), &count) == 0 && asked_) asked_();
  }
}

config::Taken Reloader::take(const config::Sources& sources) {
  const auto mine = turn();
  // Put there by whoever has put it in force already.
  if (sources == in_force_ && !files_refused_) return config::Taken::kDone;
  const auto applied = apply({sources, config::Whom::kChanged, std::string(kFiles)}, mine);
  const bool later = !applied && applied.error().code == base::Errc::kBusy;
  return later ? config::Taken::kNotNow : config::Taken::kDone;
}

base::Result<config::Applied> Reloader::reload(config::Whom whom, std::string by,
                                               std::optional<std::uint64_t> decided_on) {
  const auto mine = turn();
  return apply({config::readSources(rooms_.configuration.places()), whom, std::move(by), decided_on}, mine);
}

base::Result<> Reloader::reread() {
  const std::lock_guard lock(applying_);
  return rooms_.configuration.reread();
}

base::Result<config::Applied> Reloader::apply(const Attempt& attempt,
                                              const std::unique_lock<std::mutex>& /*turn*/) {
  auto applied = tryOut(attempt);
  if (!applied) {
    const base::Errc code = applied.error().code;
    if (code == base::Errc::kBusy || code == base::Errc::kStale) return applied;
    // What never was a file leaves files that are in force.
    files_refused_ = files_refused_ || !attempt.keep;
    tellRefusal(applied.error().message, attempt.by);
    return applied;
  }
  const bool others = config::keptFiles(attempt.sources) != config::keptFiles(in_force_);
  in_force_ = attempt.sources;
  // A comment makes another text, which rollback is to give back; it is no other configuration.
  if (others) {
    (void)rooms_.history.record(rooms_.clock.wall(), attempt.by, applied->changed, attempt.sources);
  } else {
    rooms_.history.settle();
  }
  files_refused_ = false;
  applied->number = rooms_.history.number();
  tellHistory();
  lookForMounts();
  tell(*applied);
  return applied;
}

base::Result<config::Applied> Reloader::tryOut(const Attempt& attempt) {
  auto candidate = rooms_.configuration.candidate(attempt.sources);
  if (!candidate) return base::fail(base::Errc::kInvalid, "{}", fmt::join(candidate.error(), "\n"));
  auto applied = exchange(std::move(candidate->snapshot), attempt);
  if (applied)
    applied->warnings.insert(applied->warnings.end(), candidate->warnings.begin(), candidate->warnings.end());
  return applied;
}

// The plugins read their sections from the snapshot in force, so it is in force before they are asked, and the old one
// is again when they refuse. Nobody else can tell: whose section differs is held meanwhile, and what the host itself
// takes live it takes at the end.
base::Result<config::Applied> Reloader::exchange(std::shared_ptr<const config::Snapshot> next,
                                                 const Attempt& attempt) {
  config::Applied applied;
  for (const std::string& pointer : config::changedPointers(last_told_->values(), next->values())) {
    const std::string key = document::dottedPath(next->values(), pointer);
    applied.changed.push_back(key);
    if (!config::isLive(pointer)) applied.restart.push_back(key);
  }
  const auto before = rooms_.configuration.exchange(next);
  auto taken = rooms_.plugins.reconfigure(attempt.whom, attempt.decided_on);
  if (!taken) {
    (void)rooms_.configuration.exchange(before);
    return std::unexpected(taken.error());
  }
  if (auto kept = attempt.keep ? attempt.keep() : base::Result<>(); !kept) {
    (void)rooms_.configuration.exchange(before);
    if (const auto back = rooms_.plugins.reconfigure(config::Whom::kChanged); !back)
      logger_.error("not every plugin has its configuration back", {{"reason", back.error().message}});
    return std::unexpected(kept.error());
  }
  applied.generation = taken->generation;
  // What only the host reads is a generation too.
  if (!applied.changed.empty() && taken->configured.empty() && taken->reloaded.empty()) {
    if (auto published = rooms_.plugins.republish(); !published) {
      (void)rooms_.configuration.exchange(before);
      return std::unexpected(published.error());
    }
    applied.generation = rooms_.plugins.generation();
  }
  last_told_ = std::move(next);
  rooms_.log.configure(rooms_.configuration.logLevel(), rooms_.configuration.logLevels());
  rooms_.output.configure(rooms_.configuration.logPolicy());
  rooms_.spans.setRatio(rooms_.configuration.snapshot()->number("/tracing/sample_ratio"));
  if (rooms_.took_effect) rooms_.took_effect();
  if (!applied.changed.empty()) rooms_.plugins.tryRefusedAgain();
  applied.configured = std::move(taken->configured);
  applied.reloaded = std::move(taken->reloaded);
  applied.warnings = std::move(taken->warnings);
  return applied;
}

// REQUIRES applying_, but for the constructor.
void Reloader::tellHistory() {
  number_.set(static_cast<double>(rooms_.history.number()));
  const std::string trouble = rooms_.history.trouble();
  if (trouble.empty()) return kept_.met();
  kept_.unmet(trouble);
  if (std::exchange(told_trouble_, trouble) != trouble)
    logger_.warn("the history of configurations may not survive a restart", {{"reason", trouble}});
}

void Reloader::lookForMounts() {
  std::vector<std::string> files;
  for (const config::Source& source : in_force_) files.push_back(source.path);
  const auto alone = config::mountedAlone(files);
  if (alone.empty()) return mounts_.met();
  const std::string text = fmt::format(
      "{}: mounted by itself: when it is replaced outside, this process goes on with the old one; mount its "
      "folder",
      fmt::join(alone, ", "));
  mounts_.unmet(text);
  if (std::exchange(told_mounts_, text) != text) logger_.warn(text);
}

void Reloader::tell(const config::Applied& applied) {
  last_success_.set(1);
  last_success_at_.set(std::chrono::duration<double>(rooms_.clock.wall().time_since_epoch()).count());
  for (const std::string& warning : applied.warnings) logger_.warn(warning);
  if (applied.changed.empty() && applied.configured.empty() && applied.reloaded.empty()) return;
  const std::string keys = fmt::format("{}", fmt::join(applied.changed, ", "));
  const std::string restart = fmt::format("{}", fmt::join(applied.restart, ", "));
  logger_.info("configuration applied", {{"changed", keys},
                                         {"at_next_start", restart},
                                         {"generation", static_cast<std::int64_t>(applied.generation)}});
  observe::Event told;
  told.kind = "config.applied";
  told.text = fmt::format("configuration: {}{}{}", keys.empty() ? "given to all again" : keys,
                          restart.empty() ? "" : "; at the next start of the host: ", restart);
  told.attributes = {
      {"generation", std::to_string(applied.generation)}, {"changed", keys}, {"at_next_start", restart}};
  rooms_.events.publish(std::move(told));
}

void Reloader::tellRefusal(const std::string& why, const std::string& by) {
  last_success_.set(files_refused_ ? 0 : 1);
  refused_.add();
  std::vector<std::string> reasons;
  for (const auto line : why | std::views::split('\n')) reasons.emplace_back(line.begin(), line.end());
  rooms_.history.refuse(rooms_.clock.wall(), by, std::move(reasons));
  tellHistory();
  logger_.error("configuration refused; the one before stays in force", {{"reason", why}});
  observe::Event told;
  told.kind = "config.refused";
  told.text = "configuration refused: " + why;
  rooms_.events.publish(std::move(told));
}

}  // namespace revenge::app
