#include "app/reloader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include <fmt/ranges.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "base/host_threads.hpp"
#include "config/difference.hpp"
#include "config/host_schema.hpp"
#include "runtime/named_thread.hpp"

namespace revenge::app {

namespace {

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
      watching_(rooms.health.condition("config", "watching", observe::Affects::kDetail)) {
  last_success_ = orNone(scope_.gauge({"revenge_config_last_success",
                                       "1: the configuration tried last is in force; 0: it was refused."}),
                         logger_);
  last_success_at_ = orNone(scope_.gauge({"revenge_config_last_success_timestamp_seconds",
                                          "When a configuration came into force, since 1970."}),
                            logger_);
  refused_ =
      orNone(scope_.counter({"revenge_config_refused_total", "Configurations that were refused."}), logger_);
  last_success_.set(1);
  last_success_at_.set(std::chrono::duration<double>(rooms_.clock.wall().time_since_epoch()).count());
}

Reloader::~Reloader() { stop(); }

base::Result<> Reloader::start() {
  watching_.met();
  if (!rooms_.configuration.snapshot()->boolean("/config/watch")) return {};
  end_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!end_) return base::fail(base::Errc::kIo, "no descriptor to watch with: {}", base::errnoText(errno));
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

void Reloader::watch() {
  config::WatchHandlers handlers;
  handlers.check = [this](const config::Sources& sources) {
    const auto candidate = rooms_.configuration.candidate(sources);
    return candidate ? config::Problems() : candidate.error();
  };
  handlers.take = [this](const config::Sources& sources) { return take(sources); };
  handlers.refuse = [this](const config::Problems& problems) {
    tellRefusal(fmt::format("{}", fmt::join(problems, "\n")));
  };
  handlers.sees = [this](const std::string& trouble) {
    if (trouble.empty()) return watching_.met();
    logger_.warn("changes of the configuration are seen every 5 s only", {{"reason", trouble}});
    watching_.unmet(trouble);
  };
  config::Watcher watcher(rooms_.configuration.places(), rooms_.configuration.sources(), std::move(handlers),
                          rooms_.clock.now());
  while (true) {
    const base::Instant next = watcher.step(rooms_.clock.now());
    // Rounded up, so that it is due when it wakes.
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - rooms_.clock.now());
    std::array<pollfd, 2> waits{{{end_.get(), POLLIN, 0}, {watcher.descriptor(), POLLIN, 0}}};
    (void)::poll(waits.data(), waits.size(),
                 static_cast<int>(std::max(wait, decltype(wait)::zero()).count()));
    if (waits[0].revents != 0) return;
  }
}

config::Taken Reloader::take(const config::Sources& sources) {
  const auto applied = apply(sources, config::Whom::kChanged);
  const bool later = !applied && applied.error().code == base::Errc::kBusy;
  return later ? config::Taken::kNotNow : config::Taken::kDone;
}

base::Result<config::Applied> Reloader::reload(config::Whom whom) {
  return apply(config::readSources(rooms_.configuration.places()), whom);
}

base::Result<> Reloader::reread() {
  const std::lock_guard lock(applying_);
  return rooms_.configuration.reread();
}

base::Result<config::Applied> Reloader::apply(const config::Sources& sources, config::Whom whom) {
  const std::lock_guard lock(applying_);
  auto candidate = rooms_.configuration.candidate(sources);
  if (!candidate) {
    const auto error = base::fail(base::Errc::kInvalid, "{}", fmt::join(candidate.error(), "\n"));
    tellRefusal(error.error().message);
    return error;
  }
  auto applied = exchange(std::move(candidate->snapshot), whom);
  if (applied) {
    applied->warnings.insert(applied->warnings.end(), candidate->warnings.begin(), candidate->warnings.end());
    tell(*applied);
  } else if (applied.error().code != base::Errc::kBusy) {
    tellRefusal(applied.error().message);
  }
  return applied;
}

// The plugins read their sections from the snapshot in force, so it is in force before they are asked, and the old one
// is again when they refuse. Nobody else can tell: whose section differs is held meanwhile, and what the host itself
// takes live it takes at the end.
base::Result<config::Applied> Reloader::exchange(std::shared_ptr<const config::Snapshot> next,
                                                 config::Whom whom) {
  config::Applied applied;
  const auto before = rooms_.configuration.snapshot();
  for (const std::string& pointer : config::changedPointers(before->values(), next->values())) {
    const std::string key = document::dottedPath(next->values(), pointer);
    applied.changed.push_back(key);
    if (!config::isLive(pointer)) applied.restart.push_back(key);
  }
  (void)rooms_.configuration.exchange(std::move(next));
  auto taken = rooms_.plugins.reconfigure(whom);
  if (!taken) {
    (void)rooms_.configuration.exchange(before);
    return std::unexpected(taken.error());
  }
  applied.generation = taken->generation;
  // What only the host reads is a generation too.
  if (!applied.changed.empty() && taken->configured.empty() && taken->reloaded.empty()) {
    if (auto published = rooms_.plugins.republish(); !published) {
      (void)rooms_.configuration.exchange(before);
      return std::unexpected(published.error());
    }
    applied.generation = rooms_.plugins.list().generation;
  }
  rooms_.log.setLevel(rooms_.configuration.logLevel());
  if (!applied.changed.empty()) rooms_.plugins.tryRefusedAgain();
  applied.configured = std::move(taken->configured);
  applied.reloaded = std::move(taken->reloaded);
  applied.warnings = std::move(taken->warnings);
  return applied;
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

void Reloader::tellRefusal(const std::string& why) {
  last_success_.set(0);
  refused_.add();
  logger_.error("configuration refused; the one before stays in force", {{"reason", why}});
  observe::Event told;
  told.kind = "config.refused";
  told.text = "configuration refused: " + why;
  rooms_.events.publish(std::move(told));
}

}  // namespace revenge::app
