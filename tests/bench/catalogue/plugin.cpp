// Routes that time what a catalogue does, in this thread and without HTTP in between, and answer lines of JSON as
// tools/bench.d/figures.py reads them: {"name", "unit", "value", "reference_value"}. A failure answers 500 and why.
//   /catalogue/statements?count&sqlite=FILE   or  &postgresql=URL; ours and a client library's in turns
//   /catalogue/reads?ms, /catalogue/writes?ms&pause_us   how many until then, and how many were answered busy
//   /catalogue/runaway?ms     how long after its time an endless statement is answered, and the next one
//   /catalogue/children?count a child of the host's and one of posix_spawn in turns
#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <thread>

#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>

#include <revenge/plugin.hpp>
#include <revenge/process.hpp>
#include <revenge/sql.hpp>

#include "film.hpp"
#include "postgresql_client.hpp"
#include "sqlite_client.hpp"

using namespace revenge;
using namespace bench;
using std::chrono::steady_clock;

namespace {

// A sample is the fastest of so many slices of each side, in turns: a slice is over before a processor is taken away.
constexpr int kSlices = 12;
constexpr int kPointsInASlice = 200;
constexpr int kPagesInASlice = 20;
constexpr int kChildrenInASample = 20;
constexpr const char* kProgram = "/bin/true";

constexpr std::array kMigrations{
    SqlMigration{
        .name = "film",
        .sqlite =
            "CREATE TABLE bench_film (id BIGINT PRIMARY KEY, title TEXT NOT NULL, folder TEXT NOT NULL, "
            "year BIGINT NOT NULL, rating DOUBLE PRECISION NOT NULL);"},
    SqlMigration{.name = "seen",
                 .sqlite = "CREATE TABLE bench_seen (id BIGINT PRIMARY KEY, count BIGINT NOT NULL); "
                           "INSERT INTO bench_seen VALUES (1, 0);"}};

std::string word(const Request& request, std::string_view name) {
  return std::string(request.query(name).value_or(""));
}
std::int64_t number(const Request& request, std::string_view name) {
  return std::strtoll(word(request, name).c_str(), nullptr, 10);
}

double nanoseconds(steady_clock::duration time) {
  return std::chrono::duration<double, std::nano>(time).count();
}

// Of one of `times`.
template <class Work>
double timed(int times, const Work& work) {
  const auto began = steady_clock::now();
  for (int i = 0; i < times; ++i) work(i);
  return nanoseconds(steady_clock::now() - began) / times;
}

std::string line(std::string_view name, std::string_view unit, double value, double reference) {
  return fmt::format("{{\"name\":\"{}\",\"unit\":\"{}\",\"value\":{:.3f},\"reference_value\":{:.3f}}}\n",
                     name, unit, value, reference);
}

std::int64_t anyFilm(int i) { return (static_cast<std::int64_t>(i) * 7919 + 13) % (kFilms - 100) + 1; }

void spawned() {
  char name[] = "true";
  char* const arguments[] = {name, nullptr};
  char* const environment[] = {nullptr};
  pid_t child = 0;
  if (::posix_spawn(&child, kProgram, nullptr, nullptr, arguments, environment) != 0)
    throw std::runtime_error("posix_spawn");
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0) throw std::runtime_error("waitpid");
}

}  // namespace

class Catalogue : public Plugin<> {
 public:
  explicit Catalogue(Host& host) : sql_(host.sql()) {
    route(host, "statements", &Catalogue::statements);
    route(host, "reads", &Catalogue::reads);
    route(host, "writes", &Catalogue::writes);
    route(host, "runaway", &Catalogue::runaway);
    route(host, "children", &Catalogue::children);
  }

  Status start() override {
    if (Status made = sql_.migrate(host().call(), "bench", kMigrations); !made) return made;
    return {};
  }

 private:
  using Handler = std::string (Catalogue::*)(const Request&);

  void route(Host& host, const std::string& name, Handler handler) {
    host.http().get("/catalogue/" + name, [this, handler](const Request& request) {
      try {
        return text((this->*handler)(request));
      } catch (const std::exception& failure) {
        return text(failure.what()).withStatus(500);
      }
    });
  }

  void fill(const Call& call) {
    if (!orThrow(sql_.query(call, "SELECT 1 FROM bench_film LIMIT 1").wait()).empty()) return;
    std::vector<std::string> texts;
    texts.reserve(2 * kFilms);
    std::vector<SqlValue> values;
    for (std::int64_t id = 1; id <= kFilms; ++id) {
      const std::string& title = texts.emplace_back(fmt::format("A film with the number {}", id));
      const std::string& folder =
          texts.emplace_back(fmt::format("Films/A film with the number {} (1999)", id));
      values.insert(values.end(), {SqlValue(id), SqlValue(title), SqlValue(folder), SqlValue(1900 + id % 120),
                                   SqlValue(static_cast<double>(id % 100) / 10)});
    }
    orThrow(sql_.batch(call, "INSERT INTO bench_film VALUES ($1, $2, $3, $4, $5)", values, kFilms).wait());
  }

  void ask(const Call& call, const char* statement, std::int64_t id, Films& films) const {
    const SqlRows rows = orThrow(sql_.query(call, statement, id).wait());
    films.clear();
    for (const SqlRow row : rows) {
      films.push_back(
          {row.integer(0), std::string(row.text(1)), std::string(row.text(2)), row.integer(3), row.real(4)});
    }
  }

  std::string statements(const Request& request) {
    const Call call = request.call();
    fill(call);
    const std::string file = word(request, "sqlite");
    const auto client = file.empty() ? postgresqlClient(word(request, "postgresql")) : sqliteClient(file);
    const char* const database = file.empty() ? "PostgreSQL" : "SQLite";
    Films ours;
    Films theirs;
    const auto pair = [&](std::string_view name, const char* statement, int times) {
      double value = std::numeric_limits<double>::max();
      double reference = value;
      for (int slice = 0; slice < kSlices; ++slice) {
        const auto film = [&](int i) { return anyFilm(slice * times + i); };
        value = std::min(value, timed(times, [&](int i) { ask(call, statement, film(i), ours); }));
        reference =
            std::min(reference, timed(times, [&](int i) { client->ask(statement, film(i), theirs); }));
      }
      if (ours.empty() || ours != theirs) throw std::runtime_error("the two sides answer differently");
      return line(fmt::format("{}, {}", name, database), "us", value / 1e3, reference / 1e3);
    };
    std::string lines;
    for (std::int64_t i = number(request, "count"); i > 0; --i) {
      lines += pair("point query", kPoint, kPointsInASlice);
      lines += pair("page of 100 rows", kPage, kPagesInASlice);
    }
    return lines;
  }

  // "<done> <busy>": until the time has passed.
  template <class Work>
  static std::string repeated(const Request& request, const Work& work) {
    const auto until = steady_clock::now() + std::chrono::milliseconds(number(request, "ms"));
    std::int64_t done = 0;
    std::int64_t busy = 0;
    for (int i = 0; steady_clock::now() < until; ++i) {
      const Result<SqlRows> answer = work(i);
      if (!answer && answer.error().code != Errc::kBusy && answer.error().code != Errc::kLimit) {
        throw std::runtime_error(answer.error().message);
      }
      ++(answer ? done : busy);
    }
    return fmt::format("{} {}", done, busy);
  }
  std::string reads(const Request& request) {
    fill(request.call());
    return repeated(request, [&](int i) { return sql_.query(request.call(), kPoint, anyFilm(i)).wait(); });
  }
  std::string writes(const Request& request) {
    const std::chrono::microseconds pause(number(request, "pause_us"));
    return repeated(request, [&](int) {
      std::this_thread::sleep_for(pause);
      return sql_.query(request.call(), "UPDATE bench_seen SET count = count + 1 WHERE id = 1").wait();
    });
  }

  std::string runaway(const Request& request) {
    const Call call = request.call();
    const std::string_view endless =
        orThrow(sql_.dialect(call)) == SqlDialect::kPostgresql
            ? "SELECT count(*) FROM generate_series(1, 100000000000)"
            : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    const std::chrono::milliseconds limit(number(request, "ms"));
    const auto began = steady_clock::now();
    const auto answer = sql_.query(call, SqlOptions{.timeout = limit}, endless).wait();
    const double late = nanoseconds(steady_clock::now() - began - limit) / 1e6;
    if (answer) throw std::runtime_error("an endless statement ended");
    if (answer.error().code != Errc::kTimedOut) throw std::runtime_error(answer.error().message);
    const double next = timed(1, [&](int) { orThrow(sql_.query(call, "SELECT 1").wait()); }) / 1e6;
    return fmt::format("{:.3f} {:.3f}", late, next);
  }

  std::string children(const Request& request) {
    std::string lines;
    for (std::int64_t i = number(request, "count"); i > 0; --i) {
      const double value = timed(kChildrenInASample, [&](int) {
        Command command{.arguments = {kProgram}};
        command.out = command.err = ChildOutput::discard();
        const auto ended = orThrow(host().processes().run(request.call(), std::move(command)).wait());
        if (!ended.ok()) throw std::runtime_error("a child failed");
      });
      const double reference = timed(kChildrenInASample, [](int) { spawned(); });
      lines += line("child, from start to end", "us", value / 1e3, reference / 1e3);
    }
    return lines;
  }

  Sql sql_;
};

REVENGE_PLUGIN(Catalogue)
