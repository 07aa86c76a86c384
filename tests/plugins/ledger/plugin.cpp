// Accounts in a database: a route for every form of revenge.sql/1. What is answered 200 is committed.
#include <thread>

#include <revenge/plugin.hpp>
#include <revenge/sql.hpp>

using namespace revenge;

namespace {

constexpr std::array kMigrations{
    SqlMigration{.name = "account",
                 .sqlite = "CREATE TABLE ledger_account (id BIGINT PRIMARY KEY, amount BIGINT NOT NULL);"},
    SqlMigration{
        .name = "booking",
        .sqlite =
            "CREATE TABLE ledger_booking (id INTEGER PRIMARY KEY AUTOINCREMENT, account BIGINT NOT NULL "
            "REFERENCES ledger_account (id), amount BIGINT NOT NULL);",
        .postgresql =
            "CREATE TABLE ledger_booking (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account "
            "BIGINT NOT NULL REFERENCES ledger_account (id), amount BIGINT NOT NULL);"}};

// What a next version brings: a step that runs, one that waits until the version is permanent.
constexpr std::array kNextMigrations{
    kMigrations[0], kMigrations[1],
    SqlMigration{.name = "memo", .sqlite = "CREATE TABLE ledger_memo (id BIGINT PRIMARY KEY);"},
    SqlMigration{.name = "no memo", .sqlite = "DROP TABLE ledger_memo;", .kind = SqlMigration::kContract}};

std::int64_t number(const Request& request, std::string_view name) {
  return std::strtoll(std::string(request.query(name).value_or("0")).c_str(), nullptr, 10);
}

Response shown(const Error& error) {
  switch (error.code) {
    case Errc::kInvalid:
      return text("invalid: " + error.message).withStatus(400);
    case Errc::kExists:
      return text("exists: " + error.message).withStatus(409);
    case Errc::kRefused:
      return text("refused: " + error.message).withStatus(422);
    case Errc::kTimedOut:
      return text("timed out: " + error.message).withStatus(504);
    case Errc::kBusy:
      return text("busy: " + error.message).withStatus(503);
    case Errc::kGone:
      return text("gone: " + error.message).withStatus(410);
    case Errc::kLimit:
      return text("limit: " + error.message).withStatus(429);
    default:
      return text("unavailable: " + error.message).withStatus(503);
  }
}
Response shown(const Result<SqlRows>& rows) {
  if (!rows) return shown(rows.error());
  std::string all;
  for (const SqlRow row : *rows) {
    for (std::uint32_t i = 0; i < row.columns(); ++i)
      all += (i == 0 ? "" : "|") + std::to_string(row.integer(i));
    all += '\n';
  }
  return text(all);
}

}  // namespace

class Ledger : public Plugin<> {
 public:
  explicit Ledger(Host& host) : sql_(host.sql()) {
    host.http().get("/ledger/open", [this](const Request& r) {
      return shown(sql_.query(r.call(), "INSERT INTO ledger_account VALUES ($1, $2)", number(r, "id"),
                              number(r, "amount"))
                       .wait());
    });
    host.http().get("/ledger/migrate", [this](const Request& r) {
      const bool next = number(r, "next") == 1;
      const Status ran = sql_.migrate(
          r.call(), "ledger",
          next ? std::span<const SqlMigration>(kNextMigrations) : std::span<const SqlMigration>(kMigrations));
      return ran ? text("migrated") : shown(ran.error());
    });
    host.http().get("/ledger/get", [this](const Request& r) {
      return shown(
          sql_.query(r.call(), "SELECT amount FROM ledger_account WHERE id = $1", number(r, "id")).wait());
    });
    host.http().get("/ledger/await", [this](const Request& r) { return awaited(r); }, {.run = Run::kInline});
    host.http().get("/ledger/blocks-io",
                    [this](const Request& r) { return shown(sql_.query(r.call(), "SELECT 1").wait()); },
                    {.run = Run::kInline});
    host.http().get("/ledger/book", [this](const Request& r) { return book(r); });
    host.http().get("/ledger/book-await", [this](const Request& r) { return bookAwaited(r); },
                    {.run = Run::kInline});
    host.http().get("/ledger/total", [this](const Request& r) {
      return shown(sql_.query(r.call(),
                              "SELECT sum(amount), (SELECT count(*) FROM ledger_booking) FROM ledger_account")
                       .wait());
    });
    host.http().get("/ledger/bookings", [this](const Request& r) { return bookings(r); });
    host.http().get("/ledger/hold", [this](const Request& r) { return hold(r); });
    host.http().get("/ledger/slow", [this](const Request& r) { return slow(r); });
    host.http().get("/ledger/batch", [this](const Request& r) { return batch(r); });
  }

  Status start() override { return sql_.migrate(host().call(), "ledger", kMigrations); }

 private:
  Task<Response> awaited(const Request& request) {
    const std::int64_t id = number(request, "id");
    co_return shown(
        co_await sql_.query(request.call(), "SELECT amount FROM ledger_account WHERE id = $1", id));
  }

  Response book(const Request& request) {
    const Call call = request.call();
    const std::int64_t id = number(request, "id");
    const std::int64_t amount = number(request, "amount");
    const Status done = sql_.transact(call, {.label = "book"}, [&](const SqlTransaction& inside) -> Status {
      const auto booked =
          inside.query(call, "INSERT INTO ledger_booking (account, amount) VALUES ($1, $2)", id, amount)
              .wait();
      if (!booked) return std::unexpected(booked.error());
      const auto changed =
          inside.query(call, "UPDATE ledger_account SET amount = amount + $2 WHERE id = $1", id, amount)
              .wait();
      if (!changed) return std::unexpected(changed.error());
      if (changed->changed() != 1) return fail(Errc::kNotFound, "no such account");
      return {};
    });
    return done ? text("booked") : shown(done.error());
  }

  Task<Response> bookAwaited(const Request& request) {
    const Call call = request.call();
    const std::int64_t id = number(request, "id");
    const auto transaction = co_await sql_.begin(call, {.label = "book"});
    if (!transaction) co_return shown(transaction.error());
    const auto booked =
        co_await transaction->query(call, "INSERT INTO ledger_booking (account, amount) VALUES ($1, 1)", id);
    if (!booked) co_return shown(booked.error());
    const auto changed =
        co_await transaction->query(call, "UPDATE ledger_account SET amount = amount + 1 WHERE id = $1", id);
    if (!changed) co_return shown(changed.error());
    const auto committed = co_await transaction->commit(call);
    co_return committed ? text("booked") : shown(committed.error());
  }

  Response bookings(const Request& request) {
    const auto cursor = sql_.open(request.call(), "SELECT id FROM ledger_booking ORDER BY id").wait();
    if (!cursor) return shown(cursor.error());
    std::uint64_t count = 0;
    std::uint64_t parts = 0;
    for (;; ++parts) {
      const auto rows = cursor->fetch(request.call(), 100).wait();
      if (!rows) return shown(rows.error());
      if (rows->empty()) break;
      count += rows->size();
    }
    return text(std::to_string(count) + " in " + std::to_string(parts));
  }

  // Keeps a transaction open until /ledger/hold?go=1 asks it to commit.
  Response hold(const Request& request) {
    if (request.query("go")) {
      go_ = true;
      return text("told");
    }
    const Call call = request.call();
    const auto transaction = sql_.begin(call, {.label = "hold"}).wait();
    if (!transaction) return shown(transaction.error());
    const auto changed = transaction
                             ->query(call, "UPDATE ledger_account SET amount = amount + 1 WHERE id = $1",
                                     number(request, "id"))
                             .wait();
    if (!changed) return shown(changed.error());
    while (!go_.load() && !call.cancelled()) std::this_thread::yield();
    const auto committed = transaction->commit(call).wait();
    return committed ? text("committed") : shown(committed.error());
  }

  Response slow(const Request& request) {
    const auto dialect = sql_.dialect(request.call());
    if (!dialect) return shown(dialect.error());
    const std::string_view endless =
        *dialect == SqlDialect::kPostgresql
            ? "SELECT count(*) FROM generate_series(1, 100000000000)"
            : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    const SqlOptions options{.timeout = std::chrono::milliseconds(number(request, "ms"))};
    return shown(sql_.query(request.call(), options, endless).wait());
  }

  Response batch(const Request& request) {
    std::vector<SqlValue> values;
    const std::int64_t count = number(request, "count");
    for (std::int64_t i = 0; i < count; ++i)
      values.insert(values.end(), {SqlValue(number(request, "id")), SqlValue(i)});
    const auto done =
        sql_.batch(request.call(), "INSERT INTO ledger_booking (account, amount) VALUES ($1, $2)", values,
                   static_cast<std::size_t>(count))
            .wait();
    return done ? text(std::to_string(done->changed())) : shown(done.error());
  }

  Sql sql_;
  std::atomic<bool> go_ = false;
};

REVENGE_PLUGIN(Ledger)
