// An Outgoing on a reactor of its own, with time by hand, and short verbs to go out. Waits end by an answer, or fail by
// the test's patience.
#pragma once

#include <chrono>
#include <csignal>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "base/manual_scheduler.hpp"
#include "http/outgoing.hpp"
#include "unit/http/advance.hpp"
#include "unit/http/peer.hpp"

namespace revenge::http {

class OutgoingTest : public testing::Test {
 protected:
  OutgoingTest() : reactor_({.threads = 2}, scheduler_) { ::signal(SIGPIPE, SIG_IGN); }
  ~OutgoingTest() override {
    outgoing_.reset();
    reactor_.stop(std::chrono::seconds(5));
  }

  Outgoing& outgoing() {
    if (outgoing_ == nullptr)
      outgoing_ = std::make_unique<Outgoing>(Outgoing::Parts{reactor_, scheduler_, metrics_}, options_);
    return *outgoing_;
  }

  struct Ended {
    bool ok = false;
    bool end = false;
    std::string bytes;
    base::Error error;
  };
  static Ended ended(const base::Result<Came>& came) {
    if (!came) return {false, false, {}, came.error()};
    return {true, came->end, std::string(came->bytes), {}};
  }

  // A request under way.
  class Trip {
   public:
    std::shared_ptr<Fetch> fetch;
    std::future<Ended> future;

    bool isOver() const { return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }
    Ended wait() {
      if (future.wait_for(kPatience) != std::future_status::ready) {
        ADD_FAILURE() << "not told within the test's patience";
        return {};
      }
      return future.get();
    }
    // The whole body, or "error: ..." with its message.
    std::string body() {
      const Ended result = wait();
      return result.ok ? result.bytes : "error: " + result.error.message;
    }
    unsigned status() const { return fetch->response()->head->status; }
  };

  static OutgoingRequest ask(const std::string& url, Method method = Method::kGet) {
    OutgoingRequest request;
    request.method = method;
    auto parsed = parseUrl(url);
    EXPECT_TRUE(parsed) << parsed.error().message;
    request.url = std::move(*parsed);
    return request;
  }
  static OutgoingRequest post(const std::string& url, std::string body) {
    OutgoingRequest request = ask(url, Method::kPost);
    request.body = Bytes(std::move(body));
    return request;
  }

  Trip send(OutgoingRequest request, std::string_view plugin = "p") {
    auto prepared = outgoing().prepare(plugin, std::move(request));
    Trip trip;
    std::promise<Ended> promise;
    trip.future = promise.get_future();
    if (!prepared) {
      promise.set_value({false, false, {}, prepared.error()});
      return trip;
    }
    trip.fetch = *prepared;
    trip.fetch->start([promise = std::move(promise)](const base::Result<Came>& came) mutable {
      promise.set_value(ended(came));
    });
    return trip;
  }
  Trip get(const std::string& url) { return send(ask(url)); }

  // One piece of a streamed response.
  static Ended read(Fetch& fetch) {
    auto promise = std::make_shared<std::promise<Ended>>();
    auto future = promise->get_future();
    std::string_view piece;
    const auto went =
        fetch.read(piece, [promise](const base::Result<Came>& came) { promise->set_value(ended(came)); });
    if (!went) return {false, false, {}, went.error()};
    if (*went == Went::kDone) return {true, false, std::string(piece), {}};
    if (*went == Went::kEnd) return {true, true, {}, {}};
    if (future.wait_for(kPatience) != std::future_status::ready) {
      ADD_FAILURE() << "no piece within the test's patience";
      return {};
    }
    return future.get();
  }
  static std::string readAll(Fetch& fetch) {
    std::string all;
    for (;;) {
      const Ended piece = read(fetch);
      if (!piece.ok) return all + "error: " + piece.error.message;
      if (piece.end) return all;
      all += piece.bytes;
    }
  }

  template <typename Done>
  void advanceUntil(Done done) {
    http::advanceUntil(scheduler_, reactor_, std::move(done));
  }
  template <typename Done>
  static void await(Done done) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!done() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    EXPECT_TRUE(done());
  }

  double metric(const std::string& line) const {
    const std::string all = metrics_.render();
    const std::size_t at = all.find("\n" + line + " ");
    return at == std::string::npos ? -1 : std::stod(all.substr(at + line.size() + 2));
  }

  base::ManualClock clock_;
  base::ManualScheduler scheduler_{clock_};
  observe::Metrics metrics_;
  runtime::Reactor reactor_;
  OutgoingOptions options_;
  std::unique_ptr<Outgoing> outgoing_;
};

}  // namespace revenge::http
