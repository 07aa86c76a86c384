#include "postgresql/wire.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>

#include <poll.h>
#include <sched.h>

namespace database::postgresql {

namespace {

constexpr std::chrono::milliseconds kLook(20);      // how often it is asked whether anybody still waits
constexpr std::chrono::microseconds kQuick(100);    // an answer that comes within is one that came at once
constexpr int kLooks = 1000;                        // within it at most
constexpr std::chrono::milliseconds kSoon(50);      // more than the two periods of a Rouser
constexpr std::chrono::seconds kCancelPatience(1);  // for the server to end what was cancelled
constexpr std::chrono::milliseconds kAskAgain(50);

struct FreeCancel {
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};

std::string trimmed(const char* text) {
  std::string out = text == nullptr ? "" : text;
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return out;
}

}  // namespace

// It names the connection, not the statement: until it has come back, one sent now could end the next statement.
struct Wire::Cancelling {
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
};

std::string Wire::lastError() const {
  const std::string text = trimmed(PQerrorMessage(connection_));
  return text.empty() ? "the connection to the database was lost" : text;
}

// Requires: something was sent. A pipeline ends with its sync, anything else with no more answers.
Wire::Wait Wire::pump(std::vector<Answer>& answers, Instant until, const Limit* limit) {
  const bool pipeline = PQpipelineStatus(connection_) != PQ_PIPELINE_OFF;
  bool is_long = false;
  for (;;) {
    const int unsent = PQflush(connection_);
    if (unsent < 0) return Wait::kBroken;
    while (PQisBusy(connection_) == 0) {
      Answer answer(PQgetResult(connection_));
      if (!answer) {
        if (!pipeline) return Wait::kReady;
        // Between two statements of a pipeline.
        if (PQisBusy(connection_) == 0) {
          answer.reset(PQgetResult(connection_));
          if (!answer) break;
        } else {
          break;
        }
      }
      const ExecStatusType status = PQresultStatus(answer.get());
      answers.push_back(std::move(answer));
      if (status == PGRES_PIPELINE_SYNC) return Wait::kReady;
      if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
        return Wait::kBroken;
      if (PQstatus(connection_) != CONNECTION_OK) return Wait::kBroken;
    }
    const Instant now = time_.now();
    if (now >= until || (limit != nullptr && limit->isGivenUp())) return Wait::kOver;
    const short happened = awaitServer(unsent > 0, until - now, is_long);
    if ((happened & (POLLIN | POLLHUP | POLLERR)) != 0 && PQconsumeInput(connection_) == 0)
      return Wait::kBroken;
  }
}

// What is over soon, or takes long already, has a timer of its own.
short Wire::awaitServer(bool unsent, Duration left, bool& is_long) {
  std::array<pollfd, 2> waited{pollfd{.fd = PQsocket(connection_),
                                      .events = static_cast<short>(unsent ? POLLIN | POLLOUT : POLLIN),
                                      .revents = 0},
                               pollfd{.fd = wait_.descriptor(), .events = POLLIN, .revents = 0}};
  // A core that went idle for the answer costs three times what the answer takes: while answers come at once, it is looked for.
  if (!is_long && looks_) {
    const Instant end = time_.now() + kQuick;
    for (int look = 0; look < kLooks && time_.now() < end; ++look) {
      if (::poll(waited.data(), 1, 0) > 0) return waited[0].revents;
      ::sched_yield();
    }
    looks_ = false;
  }
  const Instant began = time_.now();
  if (is_long || left < kSoon || !wait_.begin()) {
    const auto shortly = std::min<Duration>(left, kLook);
    ::poll(waited.data(), 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(shortly).count()));
    return waited[0].revents;
  }
  ::poll(waited.data(), waited.size(), -1);
  wait_.end();
  looks_ = time_.now() - began < kQuick;
  if (waited[1].revents != 0) {
    wait_.clear();
    is_long = true;
  }
  return waited[0].revents;
}

Result<std::vector<Answer>> Wire::answers(const Limit& limit) {
  std::vector<Answer> answers;
  switch (pump(answers, limit.deadline(), &limit)) {
    case Wait::kReady:
      return answers;
    case Wait::kOver:
      return cancelled(std::move(answers), limit);
    case Wait::kBroken:
      break;
  }
  broken_ = true;
  // The server may have said why before it hung up.
  if (!answers.empty() && PQresultStatus(answers.back().get()) == PGRES_FATAL_ERROR) return answers;
  return fail(Errc::kUnavailable, lastError());
}

// Asked again until the statement has ended: a request that comes before the server has begun with it is lost.
Result<std::vector<Answer>> Wire::cancelled(std::vector<Answer> answers, const Limit& limit) {
  const bool given_up = limit.isGivenUp();
  const Instant patience = time_.now() + kCancelPatience;
  Wait waited = Wait::kOver;
  bool runs = true;
  while (runs && waited == Wait::kOver && time_.now() < patience) {
    const auto asked = std::make_shared<Cancelling>();
    runs = ask(asked);
    if (!runs) break;
    waited = pump(answers, std::min<Instant>(patience, time_.now() + kAskAgain), nullptr);
    std::unique_lock lock(asked->mutex);
    while (!asked->over && time_.now() < patience) time_.wait(asked->changed, lock, patience);
    runs = asked->over;
  }
  const bool clean = runs && waited == Wait::kReady;
  if (!clean) broken_ = true;
  // It may have ended by itself just before: then that is the answer.
  if (clean && !answers.empty() && PQresultErrorField(answers.back().get(), PG_DIAG_SQLSTATE) == nullptr)
    return answers;
  if (given_up) return fail(Errc::kCancelled, "statement: nobody waits for it any more");
  return fail(Errc::kTimedOut, "query_timeout: the statement ran out of time and was cancelled");
}

bool Wire::ask(const std::shared_ptr<Cancelling>& asked) {
  const std::shared_ptr<PGcancel> cancel(PQgetCancel(connection_), FreeCancel());
  return cancel && elsewhere_([asked, cancel] {
           std::array<char, 256> ignored{};
           PQcancel(cancel.get(), ignored.data(), static_cast<int>(ignored.size()));
           const std::lock_guard lock(asked->mutex);
           asked->over = true;
           asked->changed.notify_one();
         });
}

}  // namespace database::postgresql
