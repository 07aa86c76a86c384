// One connection to a database, whichever it is: what the pool keeps and transactions are bound to. Used by one thread
// at a time; calls block that thread until they end or their limit is reached.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <revenge/abi/sql.h>
#include <revenge/result.hpp>

#include "block.hpp"
#include "time.hpp"

namespace database {

using revenge::Errc;
using revenge::fail;
using revenge::Result;
using revenge::Status;

// How long a call may go on. Looked at every few hundred microseconds of work; a call past it is cancelled.
class Limit {
 public:
  explicit Limit(Instant deadline) : deadline_(deadline) {}
  virtual ~Limit() = default;

  Instant deadline() const { return deadline_; }
  // Nobody waits for the answer any more.
  virtual bool isGivenUp() const { return false; }

 private:
  Instant deadline_;
};

struct Statement {
  std::string_view text;
  std::span<const revenge_sql_value> values;  // of all sets
  std::size_t sets = 1;

  std::span<const revenge_sql_value> set(std::size_t index) const {
    const std::size_t each = values.size() / sets;
    return values.subspan(index * each, each);
  }
};

enum class Isolation { kReadCommitted, kRepeatableRead, kSerializable };
enum class Access { kRead, kWrite };

class Connection {
 public:
  // The rows of one statement, some at a time. Ends before its connection is used for anything else, unless the
  // connection says otherwise.
  class Cursor {
   public:
    virtual ~Cursor() = default;
    // Adds up to `rows` more; none: there are no more.
    virtual Status fetch(std::uint64_t rows, const Limit& limit, BlockWriter& to) = 0;
  };

  virtual ~Connection() = default;

  virtual Status execute(const Statement& statement, const Limit& limit, BlockWriter& to) = 0;
  virtual Result<std::unique_ptr<Cursor>> open(const Statement& statement, const Limit& limit) = 0;
  // Whether the statement changes anything: then it wants a connection that may.
  virtual Result<bool> writes(std::string_view text, const Limit& limit) = 0;

  virtual Status begin(Isolation isolation, Access access, const Limit& limit) = 0;
  // kFailed: the connection broke on the way, and nobody knows.
  virtual Status commit(const Limit& limit) = 0;
  virtual Status rollback(const Limit& limit) = 0;
  // `verb name`, such as SAVEPOINT; the name is quoted here.
  virtual Status savepoint(std::string_view verb, std::string_view name, const Limit& limit) = 0;
  // Statements of the plugin's own and of migrations, as many as there are; no parameters, no rows.
  virtual Status script(std::string_view text, const Limit& limit) = 0;

  virtual Status ping(const Limit& limit) = 0;
  virtual bool isInTransaction() const = 0;
  // Cannot be used any more: its server has gone, or it is not known what it is doing.
  virtual bool isBroken() const = 0;
  // What it has learnt since this was last asked: writes are taken, or not (a standby, a full disk, a file that may only be
  // read); nullopt: nothing.
  virtual std::optional<bool> takeNewsOfWrites() = 0;
};

}  // namespace database
