#include "postgresql/session.hpp"

#include <cstring>

#include <Poco/Data/PostgreSQL/SessionHandle.h>
#include <Poco/Exception.h>
#include <fmt/format.h>

#include "postgresql/conninfo.hpp"
#include "postgresql/errors.hpp"
#include "postgresql/options.hpp"
#include "postgresql/text_format.hpp"
#include "postgresql/wire.hpp"
#include "statement_cache.hpp"

namespace database::postgresql {

namespace {

constexpr std::size_t kSetsAtOnce = 1000;  // of a pipeline, before answers are read

// The parameters of one run, as libpq takes them.
class Parameters {
 public:
  explicit Parameters(std::span<const revenge_sql_value> values) {
    texts_.reserve(values.size());
    for (const revenge_sql_value& value : values) {
      const bool null = value.kind == REVENGE_SQL_NULL;
      const bool blob = value.kind == REVENGE_SQL_BLOB;
      const std::string& text = texts_.emplace_back(null ? std::string() : writeValue(value));
      pointers_.push_back(null ? nullptr : text.data());
      lengths_.push_back(static_cast<int>(text.size()));
      formats_.push_back(blob ? 1 : 0);
      if (value.kind == REVENGE_SQL_TEXT && text.contains('\0')) with_nul_ = texts_.size();
    }
  }

  // The number of a text with a NUL in it, which the server cannot store; 0: there is none.
  std::size_t withNul() const { return with_nul_; }
  int count() const { return static_cast<int>(pointers_.size()); }
  const char* const* pointers() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::size_t with_nul_ = 0;
};

struct PreparedName {
  std::string name;
  int parameters = 0;
};

std::string_view sqlstateOf(const PGresult* answer) {
  const char* const state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  return state == nullptr ? std::string_view() : std::string_view(state);
}

std::string quoted(PGconn* connection, std::string_view name) {
  char* const escaped = PQescapeIdentifier(connection, name.data(), name.size());
  std::string text = escaped == nullptr ? std::string("\"\"") : std::string(escaped);
  PQfreemem(escaped);
  return text;
}

std::string errorOf(const PGresult* answer) {
  const char* const primary = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
  const char* const detail = PQresultErrorField(answer, PG_DIAG_MESSAGE_DETAIL);
  std::string text = primary == nullptr ? "the server said no more" : primary;
  // A detail of a constraint quotes the row: kept, it goes to the caller, who sent it, and to no log.
  if (detail != nullptr) text += std::string("; ") + detail;
  return fmt::format("{} [{}]", text, sqlstateOf(answer));
}

class PostgresqlConnection final : public Connection {
 public:
  PostgresqlConnection(std::unique_ptr<Poco::Data::PostgreSQL::SessionHandle> handle,
                       const Settings& settings, Time& time, Rouser& rouser)
      : handle_(std::move(handle)),
        connection_(*handle_),
        wire_(connection_, time, rouser, settings.elsewhere),
        statements_(settings.statements),
        most_statements_(settings.statements) {
    PQsetnonblocking(connection_, 1);
    PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
  }

  Status execute(const Statement& statement, const Limit& limit, BlockWriter& to) override {
    const bool alone = !isInTransaction();
    Status done = statement.sets > 1 ? runSets(statement, limit, to) : run(statement, limit, to);
    if (alone && !isBroken() && isInTransaction()) {
      static_cast<void>(rollback(limit));
      return fail(Errc::kRefused, "statement: transactions have functions of their own, not statements");
    }
    return done;
  }

  Result<std::unique_ptr<Cursor>> open(const Statement& statement, const Limit& limit) override;

  // All connections may write.
  Result<bool> writes(std::string_view, const Limit&) override { return true; }

  Status begin(Isolation isolation, Access access, const Limit& limit) override {
    std::string text = "BEGIN ISOLATION LEVEL ";
    text += isolation == Isolation::kSerializable     ? "SERIALIZABLE"
            : isolation == Isolation::kRepeatableRead ? "REPEATABLE READ"
                                                      : "READ COMMITTED";
    if (access == Access::kRead) text += " READ ONLY";
    reading_ = access == Access::kRead;
    return script(text, limit);
  }

  Status commit(const Limit& limit) override {
    auto answers = simple("COMMIT", limit);
    if (!answers) {
      if (isBroken())
        return fail(Errc::kFailed,
                    "the connection broke while the commit was on its way; whether it was done is not known");
      return std::unexpected(std::move(answers.error()));
    }
    // A transaction in which something has failed ends so, without an error.
    if (std::string_view(PQcmdStatus(answers->back().get())) == "ROLLBACK")
      return fail(Errc::kRefused, "a statement of the transaction had failed: it was rolled back");
    return {};
  }
  Status rollback(const Limit& limit) override {
    return isInTransaction() ? script("ROLLBACK", limit) : Status();
  }
  Status savepoint(std::string_view verb, std::string_view name, const Limit& limit) override {
    return script(std::string(verb) + ' ' + quoted(connection_, name), limit);
  }
  Status script(std::string_view text, const Limit& limit) override {
    auto answers = simple(std::string(text), limit);
    if (!answers) return std::unexpected(std::move(answers.error()));
    return {};
  }

  Status ping(const Limit& limit) override { return script("", limit); }
  bool isInTransaction() const override {
    const PGTransactionStatusType status = PQtransactionStatus(connection_);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
  }
  bool isBroken() const override { return wire_.isBroken(); }
  PGconn* raw() const { return connection_; }
  std::optional<bool> takeNewsOfWrites() override { return std::exchange(takes_writes_, std::nullopt); }

 private:
  class PostgresqlCursor;

  using Answers = Result<std::vector<Answer>>;

  // The answers when none of them is an error.
  Answers checked(Answers answers) {
    if (!answers) return answers;
    for (const Answer& answer : *answers)
      if (Status good = check(answer.get()); !good) return std::unexpected(std::move(good.error()));
    return answers;
  }
  Status check(const PGresult* answer) {
    switch (PQresultStatus(answer)) {
      case PGRES_FATAL_ERROR:
      case PGRES_NONFATAL_ERROR:
      case PGRES_BAD_RESPONSE:
        break;
      default:
        return {};
    }
    const std::string_view state = sqlstateOf(answer);
    if (endsConnection(state)) wire_.breakOff();
    if (endsWrites(state)) {
      // What the transaction said of itself tells nothing of the server.
      if (reading_ && isInTransaction()) return fail(Errc::kRefused, "statement: " + errorOf(answer));
      takes_writes_ = false;
    }
    return fail(state.empty() ? Errc::kUnavailable : meaning(state), "statement: " + errorOf(answer));
  }

  Answers simple(const std::string& text, const Limit& limit) {
    if (PQsendQuery(connection_, text.c_str()) == 0) return lost();
    return checked(wire_.answers(limit));
  }
  std::unexpected<revenge::Error> lost() {
    wire_.breakOff();
    return fail(Errc::kUnavailable, wire_.lastError());
  }

  Result<const PreparedName*> prepare(std::string_view text, const Limit& limit) {
    if (const PreparedName* const found = statements_.find(text)) return found;
    if (statements_.size() >= most_statements_) {
      // All at once: one by one would cost a round trip for each new statement.
      statements_.clear();
      if (Status forgotten = script("DEALLOCATE ALL", limit); !forgotten)
        return std::unexpected(std::move(forgotten.error()));
    }
    PreparedName made{.name = fmt::format("s{}", ++prepared_)};
    if (PQsendPrepare(connection_, made.name.c_str(), std::string(text).c_str(), 0, nullptr) == 0)
      return lost();
    if (auto answers = checked(wire_.answers(limit)); !answers)
      return std::unexpected(std::move(answers.error()));
    if (PQsendDescribePrepared(connection_, made.name.c_str()) == 0) return lost();
    auto described = checked(wire_.answers(limit));
    if (!described) return std::unexpected(std::move(described.error()));
    made.parameters = PQnparams(described->back().get());
    return &statements_.add(text, std::move(made));
  }

  static Status fits(const PreparedName& prepared, const Parameters& values) {
    if (values.count() != prepared.parameters)
      return fail(Errc::kInvalid, fmt::format("statement: it takes {} values, {} were given",
                                              prepared.parameters, values.count()));
    if (values.withNul() != 0)
      return fail(Errc::kInvalid, fmt::format("value ${}: a text cannot have a NUL in it", values.withNul()));
    return {};
  }

  Status run(const Statement& statement, const Limit& limit, BlockWriter& to) {
    const Parameters values(statement.set(0));
    for (int attempt = 1;; ++attempt) {
      const bool alone = !isInTransaction();
      auto prepared = prepare(statement.text, limit);
      if (!prepared) return std::unexpected(std::move(prepared.error()));
      if (Status good = fits(**prepared, values); !good) return good;
      if (PQsendQueryPrepared(connection_, (*prepared)->name.c_str(), values.count(), values.pointers(),
                              values.lengths(), values.formats(), 0) == 0)
        return lost();
      auto answers = wire_.answers(limit);
      if (!answers) return std::unexpected(std::move(answers.error()));
      const PGresult* const last = answers->back().get();
      const bool stale = wantsPreparing(sqlstateOf(last), PQresultErrorMessage(last));
      if (stale) statements_.drop(statement.text);
      if (stale && alone && attempt == 1) continue;
      if (stale)
        return fail(Errc::kBusy,
                    "a table was changed since the statement was prepared; the whole may be tried again");
      if (Status good = check(last); !good) return good;
      return read(last, to);
    }
  }

  Status read(const PGresult* answer, BlockWriter& to) {
    const int columns = PQnfields(answer);
    for (int i = 0; i < columns; ++i) to.column(PQfname(answer, i));
    const int rows = PQntuples(answer);
    for (int row = 0; row < rows; ++row) {
      for (int i = 0; i < columns; ++i) {
        if (PQgetisnull(answer, row, i) != 0)
          to.null();
        else
          readValue(PQftype(answer, i),
                    {PQgetvalue(answer, row, i), static_cast<std::size_t>(PQgetlength(answer, row, i))}, to);
      }
      if (to.isFull())
        return fail(Errc::kLimit, "the result is larger than allowed; ask for less of it, or open a cursor");
    }
    to.changed(changedBy(answer));
    return {};
  }
  std::uint64_t changedBy(const PGresult* answer) {
    const std::string_view tag = PQcmdStatus(const_cast<PGresult*>(answer));
    if (!tag.starts_with("INSERT") && !tag.starts_with("UPDATE") && !tag.starts_with("DELETE") &&
        !tag.starts_with("MERGE"))
      return 0;
    takes_writes_ = true;
    return std::strtoull(PQcmdTuples(const_cast<PGresult*>(answer)), nullptr, 10);
  }

  // One implicit transaction up to each sync: where there are more than one, an explicit one holds them together.
  Status runSets(const Statement& statement, const Limit& limit, BlockWriter& to) {
    const bool own = !isInTransaction() && statement.sets > kSetsAtOnce;
    if (own)
      if (Status begun = begin(Isolation::kReadCommitted, Access::kWrite, limit); !begun) return begun;
    auto prepared = prepare(statement.text, limit);
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    std::uint64_t changed = 0;
    Status done;
    for (std::size_t first = 0; first < statement.sets && done; first += kSetsAtOnce)
      done = runSome(**prepared, statement, first, std::min(statement.sets, first + kSetsAtOnce), limit,
                     changed);
    if (done && own) done = commit(limit);
    if (!done && own && !isBroken()) static_cast<void>(rollback(limit));
    to.changed(changed);
    return done;
  }
  Status runSome(const PreparedName& prepared, const Statement& statement, std::size_t first,
                 std::size_t last, const Limit& limit, std::uint64_t& changed) {
    if (PQenterPipelineMode(connection_) == 0) return lost();
    Status sent;
    for (std::size_t i = first; i < last && sent; ++i) {
      const Parameters values(statement.set(i));
      sent = fits(prepared, values);
      if (sent && PQsendQueryPrepared(connection_, prepared.name.c_str(), values.count(), values.pointers(),
                                      values.lengths(), values.formats(), 0) == 0)
        return lost();
    }
    if (PQpipelineSync(connection_) == 0) return lost();
    auto answers = wire_.answers(limit);
    if (!answers || PQexitPipelineMode(connection_) == 0) {
      wire_.breakOff();
      if (!answers) return std::unexpected(std::move(answers.error()));
    }
    std::size_t set = first;
    for (const Answer& answer : *answers) {
      ++set;
      if (Status good = check(answer.get()); !good)
        return fail(good.error().code, fmt::format("set {}: {}", set, good.error().message));
      if (PQresultStatus(answer.get()) != PGRES_PIPELINE_SYNC) changed += changedBy(answer.get());
    }
    return sent;
  }

  std::unique_ptr<Poco::Data::PostgreSQL::SessionHandle> handle_;
  PGconn* const connection_;  // the handle's
  Wire wire_;
  StatementCache<PreparedName> statements_;
  const std::size_t most_statements_;
  std::uint64_t prepared_ = 0;
  std::uint64_t cursors_ = 0;
  bool reading_ = false;              // the transaction in progress, or the last one, is read only
  std::optional<bool> takes_writes_;  // learnt, and not told yet
};

// A cursor of the server, so that what is not fetched stays there, and the connection is free between two fetches.
class PostgresqlConnection::PostgresqlCursor final : public Connection::Cursor {
 public:
  PostgresqlCursor(PostgresqlConnection& connection, std::string name)
      : connection_(connection), name_(std::move(name)) {}
  PostgresqlCursor(const PostgresqlCursor&) = delete;
  PostgresqlCursor& operator=(const PostgresqlCursor&) = delete;
  ~PostgresqlCursor() override {
    // Else it went with its transaction.
    if (!connection_.isBroken() && connection_.isInTransaction())
      static_cast<void>(connection_.script("CLOSE " + name_, Limit(Instant::max())));
  }

  Status fetch(std::uint64_t rows, const Limit& limit, BlockWriter& to) override {
    auto answers = connection_.simple(fmt::format("FETCH FORWARD {} FROM {}", rows, name_), limit);
    if (!answers) return std::unexpected(std::move(answers.error()));
    return connection_.read(answers->back().get(), to);
  }

 private:
  PostgresqlConnection& connection_;
  const std::string name_;
};

Result<std::unique_ptr<Connection::Cursor>> PostgresqlConnection::open(const Statement& statement,
                                                                       const Limit& limit) {
  const Parameters values(statement.set(0));
  if (values.withNul() != 0)
    return fail(Errc::kInvalid, fmt::format("value ${}: a text cannot have a NUL in it", values.withNul()));
  // Without a transaction around it the cursor brings its own, which ends when the connection is given back.
  if (!isInTransaction())
    if (Status begun = begin(Isolation::kRepeatableRead, Access::kRead, limit); !begun)
      return std::unexpected(std::move(begun.error()));
  const std::string name = fmt::format("c{}", ++cursors_);
  const std::string text = fmt::format("DECLARE {} NO SCROLL CURSOR FOR {}", name, statement.text);
  if (PQsendQueryParams(connection_, text.c_str(), values.count(), nullptr, values.pointers(),
                        values.lengths(), values.formats(), 0) == 0)
    return lost();
  if (auto answers = checked(wire_.answers(limit)); !answers)
    return std::unexpected(std::move(answers.error()));
  return std::make_unique<PostgresqlCursor>(*this, name);
}

// What the URL says, and what this plugin needs beside it; where both do, the URL.
Result<std::string> conninfoOf(const Settings& settings, std::chrono::seconds connect) {
  auto options = parsed(settings.url);
  if (!options) return std::unexpected(std::move(options.error()));
  std::string conninfo;
  std::string session = fmt::format(
      "-c TimeZone=UTC -c DateStyle=ISO -c statement_timeout={} "
      "-c idle_in_transaction_session_timeout={}",
      settings.longest_statement.count(), settings.longest_statement.count());
  bool named = false;
  for (const PQconninfoOption* option = options->get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view keyword = option->keyword;
    if (keyword == "options") {
      session += std::string(" ") + option->val;
      continue;
    }
    if (keyword == "client_encoding" || keyword == "connect_timeout") continue;
    named = named || keyword == "application_name";
    append(conninfo, keyword, option->val);
  }
  append(conninfo, "options", session);
  append(conninfo, "client_encoding", "UTF8");
  append(conninfo, "connect_timeout", std::to_string(std::max<std::int64_t>(2, connect.count())));
  if (!named) append(conninfo, "application_name", "revenge");
  return conninfo;
}

}  // namespace

std::string refusalOf(const std::string& url) {
  const auto options = parsed(url);
  return options ? std::string() : options.error().message;
}

Result<std::unique_ptr<Connection>> connect(const Settings& settings, Time& time, Rouser& rouser,
                                            const Limit& limit) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(limit.deadline() - time.now());
  auto conninfo = conninfoOf(settings, left);
  if (!conninfo) return std::unexpected(std::move(conninfo.error()));
  auto handle = std::make_unique<Poco::Data::PostgreSQL::SessionHandle>();
  try {
    handle->connect(*conninfo);
  } catch (const Poco::Exception& refused) {
    std::string why = refused.message();
    if (const std::size_t at = why.find("Connection Error: "); at != std::string::npos)
      why = why.substr(at + 18);
    while (!why.empty() && (why.back() == '\n' || why.back() == ' ')) why.pop_back();
    for (char& c : why)
      if (c == '\n') c = ' ';
    return fail(Errc::kUnavailable, "PostgreSQL: " + why);
  }
  auto connection = std::make_unique<PostgresqlConnection>(std::move(handle), settings, time, rouser);
  // So that a statement whose client has gone ends there too; servers before 14 cannot.
  if (PQserverVersion(connection->raw()) >= 140000)
    if (Status set = connection->script("SET client_connection_check_interval = '1s'", limit); !set)
      return std::unexpected(std::move(set.error()));
  return connection;
}

}  // namespace database::postgresql
