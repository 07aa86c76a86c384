// The database as its users see it: statements, transactions and cursors over pools of connections. Whichever database
// it is stands in Backend. Thread safety: a Database from any thread; a Transaction or Rows one call at a time, a second
// one gets kBusy. Calls block the calling thread until their limit.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "connection.hpp"
#include "pool.hpp"

namespace database {

// What differs between databases.
struct Backend {
  std::uint32_t dialect = REVENGE_SQL_SQLITE;
  // Opens a connection that reads only, or one that also writes.
  std::function<Result<std::unique_ptr<Connection>>(Access, const Limit&)> connect;
  bool one_writer = true;  // writes have a pool of one connection of their own
};

struct DatabaseOptions {
  std::size_t max_connections = 4;  // that read, where one writes
  std::size_t min_connections = 2;
  Duration acquire_limit = std::chrono::seconds(5);
  Duration query_limit = std::chrono::seconds(5);
  Duration transaction_limit = std::chrono::seconds(30);
  Duration slow = std::chrono::milliseconds(500);  // longer statements are reported
  std::uint64_t max_bytes = 16U << 20U;            // of a result
  PoolOptions pool;                                // name, max and min are set here
};

struct Slow {
  std::string_view text;  // without what stood in quotes
  Duration took;
  std::uint64_t rows;
};

struct DatabaseParts {
  Time& time;
  std::function<bool(std::function<void()>)> elsewhere;
  std::function<void(std::string_view borrower, Duration age)> leaked;
  std::function<void(const Slow&)> slow;
  std::uint64_t seed = 0;
};

// What a call asks for, in numbers of abi/sql.h.
struct Asked {
  Instant deadline = Instant::max();  // the call's
  Duration timeout{0};                // its own; 0: the operator's
  std::uint64_t max_bytes = 0;        // 0: the operator's
};

class Database {
 public:
  class Transaction;
  class Rows;

  Database(Backend backend, DatabaseOptions options, DatabaseParts parts);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  std::uint32_t dialect() const { return backend_.dialect; }
  bool takesWrites() const { return takes_writes_.load(std::memory_order_relaxed); }
  // Until when a call may run: the nearest of what it says and what the operator allows.
  Instant statementDeadline(const Asked& asked) const;
  Instant transactionDeadline(const Asked& asked) const;
  std::uint64_t mostBytes(std::uint64_t asked) const { return asked == 0 ? options_.max_bytes : asked; }

  // A statement by itself: it is its own transaction.
  Status execute(const Statement& statement, const Limit& limit, BlockWriter& to);
  // `deadline` ends the transaction, whoever holds it; `limit` this call.
  Result<std::unique_ptr<Transaction>> begin(Isolation isolation, Access access, Instant deadline,
                                             const Limit& limit, std::string_view borrower);
  Result<std::unique_ptr<Rows>> open(const Statement& statement, const Limit& limit,
                                     std::string_view borrower);
  // Outside the pools: for migrations and checks, which are not to wait for what the pools do.
  Result<std::unique_ptr<Connection>> connectApart(const Limit& limit);

  // As long as it is kept, no write of a plugin begins where one connection writes. Waits for those under way.
  Result<Pool::Lent> holdWrites(const Limit& limit);

  void tend();
  void close();
  bool awaitEmpty(Instant until);

  PoolStats readers() const { return readers_.stats(); }
  PoolStats writers() const { return writer_ ? writer_->stats() : readers_.stats(); }
  std::string trouble() const;

 private:
  Pool& poolFor(Access access) { return access == Access::kWrite && writer_ ? *writer_ : readers_; }
  Result<Pool::Lent> acquire(Access access, const Limit& limit, std::string_view borrower);
  Result<Pool::Lent> connectionFor(const Statement& statement, const Limit& limit, std::string_view borrower);
  void learn(Connection& connection);
  void probeWrites();
  void report(const Statement& statement, Instant begun, const BlockWriter& to) const;

  const Backend backend_;
  const DatabaseOptions options_;
  const DatabaseParts parts_;
  std::atomic<bool> takes_writes_ = true;
  std::unique_ptr<Pool> writer_;
  Pool readers_;
};

// Ends with its object at the latest: what was not committed is rolled back.
class Database::Transaction {
 public:
  Transaction(Database& database, Pool::Lent connection, Instant deadline)
      : database_(database), connection_(std::move(connection)), deadline_(deadline) {}

  Status execute(const Statement& statement, const Limit& limit, BlockWriter& to);
  Status commit(const Limit& limit);
  Status rollback(const Limit& limit);
  Status savepoint(std::string_view verb, std::string_view name, const Limit& limit);
  Instant deadline() const { return deadline_; }
  // Rolls back when its time is over and nobody is inside it; whether it has ended.
  bool endIfOver(Instant now);

 private:
  friend class Rows;
  template <class Work>
  Status within(Work work);
  Status lost() const;
  void end();

  Database& database_;
  std::mutex busy_;
  Pool::Lent connection_;
  std::list<std::unique_ptr<Connection::Cursor>> cursors_;  // of its Rows; gone before the connection is
  const Instant deadline_;
  bool over_ = false;  // by its deadline
};

// The rows of one statement, some at a time.
class Database::Rows {
 public:
  Rows(Pool::Lent connection, std::unique_ptr<Connection::Cursor> cursor)
      : connection_(std::move(connection)), cursor_(std::move(cursor)) {}
  // Rows of a transaction, which stays as long as they do.
  static Result<std::unique_ptr<Rows>> within(std::shared_ptr<Transaction> transaction,
                                              const Statement& statement, const Limit& limit);
  ~Rows();

  Status fetch(std::uint64_t rows, const Limit& limit, BlockWriter& to);

 private:
  std::mutex busy_;
  std::shared_ptr<Transaction> transaction_;
  Pool::Lent connection_;
  std::unique_ptr<Connection::Cursor> cursor_;                      // where it has a connection of its own
  std::list<std::unique_ptr<Connection::Cursor>>::iterator place_;  // else: in transaction_
};

}  // namespace database
