// Waits for a PostgreSQL server without blocking in libpq: until its answer, or until the limit; then the statement is
// cancelled there. One thread at a time. Borrows the PGconn.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include "connection.hpp"
#include "postgresql/rouser.hpp"
#include "time.hpp"

namespace database::postgresql {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

class Wire {
 public:
  using Elsewhere = std::function<bool(std::function<void()>)>;

  Wire(PGconn* connection, Time& time, Rouser& rouser, Elsewhere elsewhere)
      : connection_(connection), time_(time), wait_(rouser), elsewhere_(std::move(elsewhere)) {}

  // The answers to what was sent, all of them; of a pipeline up to its sync. The last one may be an error of the server's.
  // kTimedOut, kCancelled: it was cancelled; kUnavailable: the connection broke. When it cannot be known that the
  // server is done, the wire is broken.
  Result<std::vector<Answer>> answers(const Limit& limit);
  bool isBroken() const { return broken_ || PQstatus(connection_) != CONNECTION_OK; }
  void breakOff() { broken_ = true; }
  std::string lastError() const;

 private:
  enum class Wait { kReady, kOver, kBroken };
  struct Cancelling;

  Wait pump(std::vector<Answer>& answers, Instant until, const Limit* limit);
  // Until the server says something, or at times.
  short awaitServer(bool unsent, Duration left, bool& is_long);
  bool ask(const std::shared_ptr<Cancelling>& asked);
  Result<std::vector<Answer>> cancelled(std::vector<Answer> answers, const Limit& limit);

  PGconn* const connection_;
  Time& time_;
  Rouser::Wait wait_;
  const Elsewhere elsewhere_;
  bool broken_ = false;
  bool looks_ = true;  // for the answer, before it waits: the last one came at once
};

}  // namespace database::postgresql
