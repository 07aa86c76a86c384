#include "database.hpp"

#include <algorithm>

#include "statement_text.hpp"

namespace database {

namespace {

PoolOptions named(PoolOptions options, std::string name, std::size_t max, std::size_t min) {
  options.name = std::move(name);
  options.max = max;
  options.min = std::min(min, max);
  return options;
}

PoolParts partsOf(const Backend& backend, const DatabaseParts& parts, Access access) {
  return {
      .time = parts.time,
      .connect = [connect = backend.connect, access](const Limit& limit) { return connect(access, limit); },
      .elsewhere = parts.elsewhere,
      .leaked = parts.leaked,
      .seed = parts.seed + (access == Access::kWrite ? 1 : 0)};
}

Status allowed(const Statement& statement) {
  if (statement.text.find_first_not_of(" \t\r\n;") == std::string_view::npos)
    return fail(Errc::kInvalid, "statement: it is empty");
  if (!controlsSession(statement.text)) return {};
  return fail(Errc::kRefused,
              "statement: transactions and sessions have functions of their own, not statements");
}

Instant nearest(Instant now, Duration limit, const Asked& asked) {
  const Duration own = asked.timeout > Duration(0) ? asked.timeout : limit;
  return std::min(now + own, asked.deadline);
}

}  // namespace

Database::Database(Backend backend, DatabaseOptions options, DatabaseParts parts)
    : backend_(std::move(backend)),
      options_(std::move(options)),
      parts_(std::move(parts)),
      writer_(backend_.one_writer ? std::make_unique<Pool>(named(options_.pool, "writing connections", 1, 1),
                                                           partsOf(backend_, parts_, Access::kWrite))
                                  : nullptr),
      readers_(named(options_.pool, backend_.one_writer ? "reading connections" : "connections",
                     options_.max_connections, options_.min_connections),
               partsOf(backend_, parts_, backend_.one_writer ? Access::kRead : Access::kWrite)) {}

Instant Database::statementDeadline(const Asked& asked) const {
  return nearest(parts_.time.now(), options_.query_limit, asked);
}

Instant Database::transactionDeadline(const Asked& asked) const {
  return nearest(parts_.time.now(), options_.transaction_limit, asked);
}

Result<Pool::Lent> Database::acquire(Access access, const Limit& limit, std::string_view borrower) {
  class Nearer final : public Limit {
   public:
    Nearer(const Limit& outer, Instant deadline) : Limit(deadline), outer_(outer) {}
    bool isGivenUp() const override { return outer_.isGivenUp(); }

   private:
    const Limit& outer_;
  };
  const Instant patience = parts_.time.now() + options_.acquire_limit;
  return poolFor(access).acquire(Nearer(limit, std::min(limit.deadline(), patience)), borrower);
}

// The words tell most statements; WITH ... and what else is unclear are asked about on a connection that reads.
Result<Pool::Lent> Database::connectionFor(const Statement& statement, const Limit& limit,
                                           std::string_view borrower) {
  if (!writer_ || looksLikeWrite(statement.text) || statement.sets > 1)
    return acquire(Access::kWrite, limit, borrower);
  auto reader = acquire(Access::kRead, limit, borrower);
  if (!reader || looksLikeRead(statement.text)) return reader;
  const Result<bool> writes = (*reader)->writes(statement.text, limit);
  if (!writes) return std::unexpected(writes.error());
  if (!*writes) return reader;
  reader = Pool::Lent();
  return acquire(Access::kWrite, limit, borrower);
}

Status Database::execute(const Statement& statement, const Limit& limit, BlockWriter& to) {
  if (Status may = allowed(statement); !may) return may;
  const Instant begun = parts_.time.now();
  for (int attempt = 1;; ++attempt) {
    auto connection = connectionFor(statement, limit, statement.text);
    if (!connection) return std::unexpected(std::move(connection.error()));
    Status done = (*connection)->execute(statement, limit, to);
    learn(**connection);
    // The server closed it while nobody used it: reading is as good on another one.
    const bool again = !done && attempt == 1 && (*connection)->isBroken() && looksLikeRead(statement.text);
    if (again) {
      to.begin(to.most());
      continue;
    }
    report(statement, begun, to);
    return done;
  }
}

Result<std::unique_ptr<Database::Transaction>> Database::begin(Isolation isolation, Access access,
                                                               Instant deadline, const Limit& limit,
                                                               std::string_view borrower) {
  for (int attempt = 1;; ++attempt) {
    auto connection = acquire(access, limit, borrower);
    if (!connection) return std::unexpected(std::move(connection.error()));
    Status begun = (*connection)->begin(isolation, access, limit);
    learn(**connection);
    if (begun) return std::make_unique<Transaction>(*this, std::move(*connection), deadline);
    if (attempt > 1 || !(*connection)->isBroken()) return std::unexpected(std::move(begun.error()));
  }
}

Result<std::unique_ptr<Database::Rows>> Database::open(const Statement& statement, const Limit& limit,
                                                       std::string_view borrower) {
  auto connection = connectionFor(statement, limit, borrower);
  if (!connection) return std::unexpected(std::move(connection.error()));
  auto cursor = (*connection)->open(statement, limit);
  if (!cursor) return std::unexpected(std::move(cursor.error()));
  return std::make_unique<Rows>(std::move(*connection), std::move(*cursor));
}

Result<std::unique_ptr<Connection>> Database::connectApart(const Limit& limit) {
  auto connection = backend_.connect(Access::kWrite, limit);
  if (!connection) return connection;
  readers_.expectSuccess();
  if (writer_) writer_->expectSuccess();
  return connection;
}

Result<Pool::Lent> Database::holdWrites(const Limit& limit) {
  return poolFor(Access::kWrite).acquire(limit, "upkeep");
}

void Database::learn(Connection& connection) {
  if (const auto taken = connection.takeNewsOfWrites()) takes_writes_ = *taken;
}

// Whether what took no writes does again: nobody may be writing, to find out.
void Database::probeWrites() {
  constexpr std::string_view kTable =
      "CREATE TABLE IF NOT EXISTS revenge_probe (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)";
  constexpr std::string_view kWrite =
      "INSERT INTO revenge_probe VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = revenge_probe.n + 1";
  constexpr std::chrono::seconds kProbe(1);
  const Limit limit(parts_.time.now() + kProbe);
  auto connection = connectApart(limit);
  if (!connection) return;
  BlockWriter ignored;
  ignored.begin(UINT64_MAX);
  if (!(*connection)->execute({.text = kTable, .values = {}}, limit, ignored)) return;
  if ((*connection)->execute({.text = kWrite, .values = {}}, limit, ignored)) takes_writes_ = true;
}

void Database::report(const Statement& statement, Instant begun, const BlockWriter& to) const {
  const Duration took = parts_.time.now() - begun;
  if (took < options_.slow) return;
  const std::string text = redacted(statement.text);
  parts_.slow({text, took, to.rows()});
}

void Database::tend() {
  if (!takesWrites()) probeWrites();
  readers_.tend();
  if (writer_) writer_->tend();
}

void Database::close() {
  readers_.close();
  if (writer_) writer_->close();
}

bool Database::awaitEmpty(Instant until) {
  const bool readers = readers_.awaitEmpty(until);
  return (!writer_ || writer_->awaitEmpty(until)) && readers;
}

std::string Database::trouble() const {
  std::string writer = writer_ ? writer_->trouble() : std::string();
  return writer.empty() ? readers_.trouble() : writer;
}

template <class Work>
Status Database::Transaction::within(Work work) {
  const std::unique_lock lock(busy_, std::try_to_lock);
  if (!lock) return fail(Errc::kBusy, "the transaction is doing something else");
  if (!connection_) return lost();
  Status done = work(*connection_);
  if (!connection_) return done;
  database_.learn(*connection_);
  if (!connection_->isBroken()) return done;
  // Nothing of it runs on another connection, which would know nothing of what was done before.
  end();
  if (done || done.error().code == Errc::kFailed) return done;
  return fail(Errc::kGone, "tx_lost: " + done.error().message);
}

void Database::Transaction::end() {
  cursors_.clear();
  connection_ = Pool::Lent();
}

Status Database::Transaction::lost() const {
  if (over_) return fail(Errc::kGone, "the transaction has ended: its time was over, and it was rolled back");
  return fail(Errc::kGone, "the transaction has ended");
}

Status Database::Transaction::execute(const Statement& statement, const Limit& limit, BlockWriter& to) {
  if (Status may = allowed(statement); !may) return may;
  const Instant begun = database_.parts_.time.now();
  return within([&](Connection& connection) {
    Status done = connection.execute(statement, limit, to);
    database_.report(statement, begun, to);
    return done;
  });
}

Status Database::Transaction::commit(const Limit& limit) {
  return within([&](Connection& connection) {
    Status done = connection.commit(limit);
    if (!connection.isBroken()) end();
    return done;
  });
}

Status Database::Transaction::rollback(const Limit& limit) {
  return within([&](Connection& connection) {
    Status done = connection.rollback(limit);
    if (!connection.isBroken()) end();
    return done;
  });
}

Status Database::Transaction::savepoint(std::string_view verb, std::string_view name, const Limit& limit) {
  return within([&](Connection& connection) { return connection.savepoint(verb, name, limit); });
}

bool Database::Transaction::endIfOver(Instant now) {
  const std::unique_lock lock(busy_, std::try_to_lock);
  if (!lock) return false;
  if (now >= deadline_ && connection_) {
    over_ = true;
    end();
  }
  return !connection_;
}

Result<std::unique_ptr<Database::Rows>> Database::Rows::within(std::shared_ptr<Transaction> transaction,
                                                               const Statement& statement,
                                                               const Limit& limit) {
  auto rows = std::make_unique<Rows>(Pool::Lent(), nullptr);
  Status opened = transaction->within([&](Connection& connection) -> Status {
    auto made = connection.open(statement, limit);
    if (!made) return std::unexpected(std::move(made.error()));
    rows->place_ = transaction->cursors_.insert(transaction->cursors_.end(), std::move(*made));
    return {};
  });
  if (!opened) return std::unexpected(std::move(opened.error()));
  rows->transaction_ = std::move(transaction);
  return rows;
}

Database::Rows::~Rows() {
  if (!transaction_) {
    cursor_.reset();  // before its connection
    return;
  }
  const std::lock_guard lock(transaction_->busy_);
  if (transaction_->connection_) transaction_->cursors_.erase(place_);
}

Status Database::Rows::fetch(std::uint64_t rows, const Limit& limit, BlockWriter& to) {
  if (transaction_)
    return transaction_->within([&](Connection&) { return (*place_)->fetch(rows, limit, to); });
  const std::unique_lock lock(busy_, std::try_to_lock);
  if (!lock) return fail(Errc::kBusy, "the cursor is fetching already");
  Status done = cursor_->fetch(rows, limit, to);
  if (!done && connection_->isBroken())
    return fail(Errc::kGone, "the cursor has ended: " + done.error().message);
  return done;
}

}  // namespace database
