// The wiring: which database it is, the threads that serve it, what is told of it.
#include <filesystem>
#include <random>
#include <thread>

#include <revenge/plugin.hpp>

#include "postgresql/dumps.hpp"
#include "postgresql/rouser.hpp"
#include "postgresql/session.hpp"
#include "settings.hpp"
#include "sqlite/session.hpp"
#include "sqlite/whole_file.hpp"
#include "wiring/backups.hpp"
#include "wiring/operator_commands.hpp"
#include "wiring/pool_metrics.hpp"
#include "wiring/programs.hpp"
#include "wiring/service.hpp"

namespace database {

REVENGE_CONFIG(Settings, url, file, max_connections, min_connections, lifetime_s, idle_s, acquire_timeout_ms,
               query_timeout_ms, transaction_timeout_ms, leak_after_s, slow_query_ms, max_result_mib,
               statements, backup_folder, backup_every_h, backup_keep)

class DatabasePlugin : public revenge::Plugin<Settings> {
 public:
  explicit DatabasePlugin(revenge::Host& host)
      : options_(checked(config()).options(std::thread::hardware_concurrency())),
        database_(backend(host), options_, parts(host)),
        schemas_(
            database_, time_,
            [&host](const Step& step, Duration took) {
              host.log().info(
                  "migration has run",
                  {{"schema", step.schema}, {"version", step.version}, {"name", step.name}, {"took", took}});
            }),
        upkeep_(upkeep(host)),
        backups_(host, *upkeep_, schemas_, time_, archive(host),
                 {.every = config().backupEvery(), .keep = config().backup_keep}),
        commands_(host, {database_, schemas_, *upkeep_, backups_, time_}),
        service_(host, database_, lanes_, schemas_, time_),
        reading_(host, config().isPostgresql() ? "all" : "read") {
    if (!config().isPostgresql()) writing_.emplace(host, "write");
    host.services().provide(Service::table(), &service_);
    host.health().check("database", [this](const revenge::Call&) { return probe(); },
                        {.period = kProbePeriod, .failure_threshold = 1});
    if (config().backup_every_h > 0)
      host.health().check("backups", [this] { return backedUp(); },
                          {.period = kProbePeriod, .failure_threshold = 1});
    constexpr int kDatabases = 30;
    host.spawn().onShutdown("database: close", [this] { return shut(); }, {.priority = kDatabases});
  }

  // A start that fails is followed by no stop: its threads end with it.
  revenge::Status start() override {
    try {
      revenge::Status begun = begin();
      if (!begun) endThreads();
      return begun;
    } catch (...) {
      endThreads();
      throw;
    }
  }
  revenge::Status stop() override {
    // SQLite's statistics, as its documentation asks of who closes; PostgreSQL keeps its own.
    if (!config().isPostgresql()) static_cast<void>(upkeep_->optimize(Limit(time_.now() + kTend)));
    const revenge::Status shut_down = shut();
    endThreads();
    return shut_down;
  }
  // The schemas that were asked for. Texts are of one dialect: on another database the consumers are asked for them anew.
  revenge::Result<std::string> save() override { return dialectName() + schemas_.save(); }
  revenge::Status restore(std::string_view state, std::string_view) override {
    if (!state.starts_with(dialectName())) return {};
    return schemas_.takeOver(state.substr(dialectName().size()));
  }
  revenge::Status check(const Settings& next) override {
    const std::string refusal = next.refusal();
    return refusal.empty() ? revenge::Status() : fail(Errc::kInvalid, refusal);
  }

 private:
  static constexpr std::chrono::seconds kProbePeriod{5};
  static constexpr std::chrono::seconds kTend{1};
  static constexpr std::chrono::seconds kClose{5};

  revenge::Status begin() {
    for (std::size_t i = 0; i < options_.max_connections + 1; ++i)
      host().spawn().thread("lane", [this](const revenge::StopToken&) { lanes_.run(); });
    if (config().isPostgresql())
      host().spawn().thread("rouse", [this](const revenge::StopToken&) { rouser_.run(); });
    host().spawn().thread("cancel", [this](const revenge::StopToken&) { cancels_.run(); });
    // Before anybody else opens connections: two that make a new SQLite file at once find it locked.
    const revenge::Status answers = probe();
    // An SQLite file that cannot be opened is a mistake; a server that is away will come back.
    if (!answers && !config().isPostgresql()) return answers;
    host().spawn().thread("tend", [this](const revenge::StopToken& stop) { tend(stop); });
    host().spawn().thread("backups", [this](const revenge::StopToken& stop) { backups_.run(stop); });
    if (!answers) host().log().warn("the database cannot be reached", {{"error", answers.error().message}});
    return {};
  }
  void endThreads() {
    lanes_.close();
    cancels_.close();
    rouser_.close();
  }

  std::string dialectName() const { return config().isPostgresql() ? "postgresql\n" : "sqlite\n"; }

  static Settings checked(Settings settings) {
    if (const std::string refusal = settings.refusal(); !refusal.empty())
      throw revenge::Failure(Errc::kInvalid, refusal);
    return settings;
  }

  Backend backend(revenge::Host& host) {
    if (config().isPostgresql()) {
      return {.dialect = REVENGE_SQL_POSTGRESQL,
              .connect =
                  [this, settings = postgresql::Settings{.url = config().url,
                                                         .statements = config().statements,
                                                         .longest_statement =
                                                             2 * std::max(config().query_timeout_ms,
                                                                          config().transaction_timeout_ms),
                                                         .elsewhere =
                                                             [this](std::function<void()> work) {
                                                               return cancels_.post(std::move(work));
                                                             }}](Access, const Limit& limit) {
                    return postgresql::connect(settings, time_, rouser_, limit);
                  },
              .one_writer = false};
    }
    return {.dialect = REVENGE_SQL_SQLITE,
            .connect =
                [this, settings = sqliteSettings(host)](Access access, const Limit& limit) {
                  const auto role = access == Access::kWrite ? sqlite::Role::kWriter : sqlite::Role::kReader;
                  return sqlite::connect(settings, role, time_, limit);
                },
            .one_writer = true};
  }

  sqlite::Settings sqliteSettings(revenge::Host& host) const {
    const std::string file = config().file.empty() ? host.paths().state() + "/revenge.db" : config().file;
    return {.file = file, .statements = config().statements};
  }

  std::unique_ptr<Upkeep> upkeep(revenge::Host& host) {
    if (config().isPostgresql())
      return postgresql::upkeep(
          config().url, [this](const Limit& limit) { return database_.connectApart(limit); },
          runsOn(host, time_));
    return sqlite::upkeep(sqliteSettings(host), time_,
                          [this](const Limit& limit) { return database_.holdWrites(limit); });
  }

  // A folder that the operator names is not made: it may be a disk that is not mounted.
  Archive archive(revenge::Host& host) const {
    std::string folder = config().backup_folder;
    if (folder.empty()) {
      folder = host.paths().state() + "/backups";
      std::error_code told_by_who_writes_there;
      std::filesystem::create_directories(folder, told_by_who_writes_there);
    }
    return {std::move(folder), std::string(upkeep_->ending())};
  }

  DatabaseParts parts(revenge::Host& host) {
    return {.time = time_,
            .elsewhere = [this](std::function<void()> work) { return lanes_.post(std::move(work)); },
            .leaked =
                [&host](std::string_view borrower, Duration age) {
                  host.log().warn("a connection is in use for long", {{"by", borrower}, {"for", age}});
                },
            .slow =
                [&host](const Slow& slow) {
                  host.log().warn("slow statement",
                                  {{"statement", slow.text}, {"took", slow.took}, {"rows", slow.rows}});
                },
            .seed = std::random_device()()};
  }

  void tend(const revenge::StopToken& stop) {
    do {
      database_.tend();
      service_.tend();
      reading_.set(database_.readers());
      if (writing_) writing_->set(database_.writers());
    } while (stop.sleep(kTend));
  }

  // Apart from the pools: it is to tell of the database, not of how busy they are.
  revenge::Status probe() {
    constexpr std::chrono::milliseconds kProbe(900);
    const Limit limit(time_.now() + (config().isPostgresql() ? kProbe : 5 * kProbe));
    auto connection = database_.connectApart(limit);
    if (!connection) return fail(Errc::kUnavailable, connection.error().message);
    if (revenge::Status answers = (*connection)->ping(limit); !answers)
      return fail(Errc::kUnavailable, answers.error().message);
    if (!database_.takesWrites())
      return fail(Errc::kUnavailable, "the database takes no writes; reading goes on");
    return {};
  }

  revenge::Status backedUp() const {
    const std::string trouble = backups_.trouble();
    return trouble.empty() ? revenge::Status() : fail(Errc::kUnavailable, trouble);
  }

  revenge::Status shut() {
    database_.close();
    if (database_.awaitEmpty(time_.now() + kClose)) return {};
    const PoolStats readers = database_.readers();
    return fail(Errc::kTimedOut,
                std::to_string(readers.busy + database_.writers().busy) + " connections did not come back");
  }

  SystemTime time_;
  postgresql::Rouser rouser_;
  Lanes lanes_;
  Lanes cancels_;  // of statements; one of them may hang as long as the network
  DatabaseOptions options_;
  Database database_;
  Schemas schemas_;
  std::unique_ptr<Upkeep> upkeep_;
  Backups backups_;
  OperatorCommands commands_;
  Service service_;
  PoolMetrics reading_;
  std::optional<PoolMetrics> writing_;
};

}  // namespace database

REVENGE_PLUGIN(database::DatabasePlugin)
