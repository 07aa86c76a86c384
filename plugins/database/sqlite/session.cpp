#include "sqlite/session.hpp"

#include <Poco/Data/SQLite/SessionImpl.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>
#include <sqlite3.h>

#include "sqlite/errors.hpp"
#include "sqlite/prepared.hpp"
#include "statement_cache.hpp"

namespace database::sqlite {

namespace {

constexpr int kStepsBetweenLooks = 2000;  // of SQLite's machine: some tens of microseconds
constexpr int kLockPause_ms = 2;          // between two tries for a lock that another process holds

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(Poco::Data::Session session, std::size_t statements, Role role, Time& time)
      : session_(std::move(session)),
        db_(Poco::Data::SQLite::Utility::dbHandle(session_)),
        time_(time),
        role_(role),
        statements_(statements) {
    sqlite3_extended_result_codes(db_, 1);
    sqlite3_progress_handler(db_, kStepsBetweenLooks, &SqliteConnection::isOver, this);
    sqlite3_busy_handler(db_, &SqliteConnection::mayWait, this);
    sqlite3_set_authorizer(db_, &SqliteConnection::authorize, this);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  }
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection() override {
    statements_.clear();
    // Closing checkpoints, which may wait, and must not ask a limit that has gone.
    limit_ = nullptr;
    sqlite3_busy_handler(db_, nullptr, nullptr);
  }

  Status setUp(const Limit& limit) {
    const char* const text =
        role_ == Role::kWriter
            ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
              "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096; PRAGMA journal_size_limit=67108864;"
            : "PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; "
              "PRAGMA query_only=ON;";
    return script(text, limit);
  }

  Status execute(const Statement& statement, const Limit& limit, BlockWriter& to) override {
    const Running running(*this, limit);
    auto found = prepare(statement.text);
    if (!found) return std::unexpected(std::move(found.error()));
    if (statement.sets > 1) return executeSets(**found, statement, limit, to);
    const Status done = run(**found, statement.set(0), to);
    (*found)->reset();
    return done;
  }

  Result<std::unique_ptr<Cursor>> open(const Statement& statement, const Limit& limit) override;

  Result<bool> writes(std::string_view text, const Limit& limit) override {
    const Running running(*this, limit);
    auto found = prepare(text);
    if (!found) return std::unexpected(std::move(found.error()));
    return (*found)->writes();
  }

  // A transaction that writes takes the lock at once: one that reads first and writes then could only fail.
  Status begin(Isolation, Access access, const Limit& limit) override {
    return script(access == Access::kWrite ? "BEGIN IMMEDIATE" : "BEGIN", limit);
  }
  Status commit(const Limit& limit) override { return script("COMMIT", limit); }
  Status rollback(const Limit& limit) override {
    return isInTransaction() ? script("ROLLBACK", limit) : Status();
  }
  Status savepoint(std::string_view verb, std::string_view name, const Limit& limit) override {
    return script(std::string(verb) + ' ' + quoted(name), limit);
  }

  Status script(std::string_view text, const Limit& limit) override {
    const Running running(*this, limit);
    const Trusted trusted(*this);
    return settled(sqlite3_exec(db_, std::string(text).c_str(), nullptr, nullptr, nullptr));
  }

  Status ping(const Limit& limit) override {
    BlockWriter ignored;
    ignored.begin(UINT64_MAX);
    return execute({.text = "SELECT 1", .values = {}}, limit, ignored);
  }
  bool isInTransaction() const override { return sqlite3_get_autocommit(db_) == 0; }
  bool isBroken() const override { return broken_; }
  std::optional<bool> takeNewsOfWrites() override { return std::exchange(takes_writes_, std::nullopt); }

 private:
  class SqliteCursor;

  // The limit that interrupts what this connection does now. It holds the connection's mutex, which each function of SQLite
  // takes: once more by the thread that has it costs a third, and with it values of columns may be read without.
  class Running {
   public:
    Running(SqliteConnection& connection, const Limit& limit) : connection_(connection) {
      sqlite3_mutex_enter(sqlite3_db_mutex(connection_.db_));
      connection_.limit_ = &limit;
    }
    ~Running() {
      connection_.limit_ = nullptr;
      sqlite3_mutex_leave(sqlite3_db_mutex(connection_.db_));
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    SqliteConnection& connection_;
  };
  // Text of the plugin's own, which may do what callers' may not.
  class Trusted {
   public:
    explicit Trusted(SqliteConnection& connection) : connection_(connection) { connection_.trusted_ = true; }
    ~Trusted() { connection_.trusted_ = false; }
    Trusted(const Trusted&) = delete;
    Trusted& operator=(const Trusted&) = delete;

   private:
    SqliteConnection& connection_;
  };

  static int isOver(void* context) {
    const auto& self = *static_cast<const SqliteConnection*>(context);
    return self.limit_ != nullptr &&
           (self.limit_->isGivenUp() || self.time_.now() >= self.limit_->deadline());
  }
  static int mayWait(void* context, int) {
    if (isOver(context) != 0) return 0;
    sqlite3_sleep(kLockPause_ms);
    return 1;
  }
  static int authorize(void* context, int action, const char* first, const char*, const char*, const char*) {
    auto& self = *static_cast<SqliteConnection*>(context);
    if (self.trusted_) return SQLITE_OK;
    const char* refused = nullptr;
    if (action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT)
      refused = "transactions have functions of their own, not statements";
    if (action == SQLITE_ATTACH || action == SQLITE_DETACH) refused = "no other file is attached";
    if (action == SQLITE_PRAGMA && std::string_view(first) != "table_info")
      refused = "a connection is set up by its plugin, not by PRAGMA";
    if (refused == nullptr) return SQLITE_OK;
    self.refused_ = refused;
    return SQLITE_DENY;
  }

  Result<Prepared*> prepare(std::string_view text) {
    if (Prepared* const found = statements_.find(text)) return found;
    auto made = make(text);
    if (!made) return std::unexpected(std::move(made.error()));
    return &statements_.add(text, std::move(*made));
  }
  Result<Prepared> make(std::string_view text) {
    refused_ = nullptr;
    auto made = Prepared::make(db_, text);
    if (!made && refused_ != nullptr) return fail(Errc::kRefused, std::string("statement: ") + refused_);
    return made;
  }

  // Leaves the statement stepped; the caller resets it.
  Status run(Prepared& statement, std::span<const revenge_sql_value> values, BlockWriter& to) {
    if (Status bound = statement.bind(values); !bound) return bound;
    int code = statement.step();
    // Known only now: where the tables have changed, the first step prepares the statement again.
    if (statement.answersRows()) statement.describe(to);
    for (; code != SQLITE_DONE; code = statement.step()) {
      if (code != SQLITE_ROW) return settled(code);
      statement.row(to);
      if (to.isFull())
        return fail(Errc::kLimit, "the result is larger than allowed; ask for less of it, or open a cursor");
    }
    if (statement.writes()) {
      to.changed(static_cast<std::uint64_t>(sqlite3_changes64(db_)));
      takes_writes_ = true;
    }
    return {};
  }

  Status executeSets(Prepared& statement, const Statement& all, const Limit& limit, BlockWriter& to) {
    const bool alone = !isInTransaction();
    if (alone)
      if (Status begun = begin(Isolation::kSerializable, Access::kWrite, limit); !begun) return begun;
    const Running running(*this, limit);
    const std::int64_t before = sqlite3_total_changes64(db_);
    for (std::size_t i = 0; i < all.sets; ++i) {
      Status done = statement.bind(all.set(i));
      if (done) {
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW) code = statement.step();
        if (code != SQLITE_DONE) done = settled(code);
      }
      statement.reset();
      if (done) continue;
      if (alone) static_cast<void>(rollback(limit));
      return fail(done.error().code, "set " + std::to_string(i + 1) + ": " + done.error().message);
    }
    to.changed(static_cast<std::uint64_t>(sqlite3_total_changes64(db_) - before));
    return alone ? commit(limit) : Status();
  }

  Status settled(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE) return {};
    if (endsWrites(code)) takes_writes_ = false;
    const int primary = code & 0xff;
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) broken_ = true;
    if (primary == SQLITE_INTERRUPT && limit_ != nullptr && limit_->isGivenUp())
      return fail(Errc::kCancelled, "statement: nobody waits for it any more");
    if (primary == SQLITE_INTERRUPT)
      return fail(Errc::kTimedOut, "statement: it ran out of time and was interrupted");
    revenge::Error error = failure(db_, code, "statement");
    if (primary == SQLITE_READONLY && endsWrites(code)) error.code = Errc::kUnavailable;
    return std::unexpected(std::move(error));
  }

  Poco::Data::Session session_;
  sqlite3* const db_;  // the session's
  Time& time_;
  const Role role_;
  StatementCache<Prepared> statements_;
  const Limit* limit_ = nullptr;
  bool trusted_ = false;
  const char* refused_ = nullptr;  // why the authorizer said no
  bool broken_ = false;
  std::optional<bool> takes_writes_;  // learnt, and not told yet
};

class SqliteConnection::SqliteCursor final : public Connection::Cursor {
 public:
  SqliteCursor(SqliteConnection& connection, Prepared statement)
      : connection_(connection), statement_(std::move(statement)) {}

  Status bind(const Statement& statement) {
    // Values are borrowed until the statement is reset: the first row is not asked for before they are gone.
    kept_.reserve(statement.values.size());
    std::vector<revenge_sql_value> values(statement.values.begin(), statement.values.end());
    for (revenge_sql_value& value : values) {
      if (value.kind != REVENGE_SQL_TEXT && value.kind != REVENGE_SQL_BLOB) continue;
      const std::string& own =
          kept_.emplace_back(value.bytes.data == nullptr ? "" : value.bytes.data, value.bytes.size);
      value.bytes = {own.data(), own.size()};
    }
    return statement_.bind(values);
  }

  Status fetch(std::uint64_t rows, const Limit& limit, BlockWriter& to) override {
    const Running running(connection_, limit);
    statement_.describe(to);
    while (!ended_ && to.rows() < rows && !to.isFull()) {
      const int code = statement_.step();
      if (code == SQLITE_ROW) {
        statement_.row(to);
        continue;
      }
      ended_ = true;
      if (Status done = connection_.settled(code); !done) return done;
    }
    return {};
  }

 private:
  SqliteConnection& connection_;
  std::vector<std::string> kept_;
  Prepared statement_;
  bool ended_ = false;
};

Result<std::unique_ptr<Connection::Cursor>> SqliteConnection::open(const Statement& statement,
                                                                   const Limit& limit) {
  const Running running(*this, limit);
  auto made = make(statement.text);
  if (!made) return std::unexpected(std::move(made.error()));
  auto cursor = std::make_unique<SqliteCursor>(*this, std::move(*made));
  if (Status bound = cursor->bind(statement); !bound) return std::unexpected(std::move(bound.error()));
  return cursor;
}

}  // namespace

Result<std::unique_ptr<Connection>> connect(const Settings& settings, Role role, Time& time,
                                            const Limit& limit) {
  std::unique_ptr<SqliteConnection> made;
  try {
    // Made here and not by the registry of connectors, which two versions of this plugin would share.
    const Poco::AutoPtr<Poco::Data::SessionImpl> session(new Poco::Data::SQLite::SessionImpl(settings.file));
    made = std::make_unique<SqliteConnection>(Poco::Data::Session(session), settings.statements, role, time);
  } catch (const Poco::Exception& refused) {
    return fail(Errc::kUnavailable, settings.file + ": cannot be opened: " + refused.displayText());
  }
  if (Status ready = made->setUp(limit); !ready)
    return fail(ready.error().code, settings.file + ": " + ready.error().message);
  return made;
}

}  // namespace database::sqlite
