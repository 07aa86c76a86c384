// The fake of revenge.http-client/1: answers by rule, in memory; what was sent can be looked at. Tests reach it through
// FakeHost::client().
//
//   host.client().on("https://api.example.org/films", {.body = "[]"});
//   host.client().on("https://slow.example.org/", {.after = 3s});            // comes when the clock is advanced
//   host.client().on("https://gone.example.org/", {.failure = Errc::kUnavailable});
//   EXPECT_EQ(host.client().sent().front().header("authorization"), "Bearer x");
//
// A rule is for all URLs that begin with its own; the one set last goes first. What no rule matches fails as unreachable.
// An answer without `after` comes before `send` returns, so that `.wait()` works in a test of one thread.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <revenge/http_client.hpp>
#include <revenge/testing/fake_core.hpp>

namespace revenge::testing {

// A request as it went out.
struct SentRequest {
  Method method = Method::kGet;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::nanoseconds timeout{0};
  ClientTls tls{};

  std::string header(std::string_view name) const {
    for (const auto& [known, value] : headers)
      if (known == name) return value;
    return {};
  }
};

struct FakeAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};  // names in lower case
  std::string body{};
  std::vector<std::string> pieces{};  // of a streamed response; without any, its body is one
  std::chrono::nanoseconds after{0};  // beyond the request's timeout it ends as kTimedOut at that
  std::optional<Errc> failure{};      // instead of a response, with `body` as its message
};

class FakeHttpClient {
 public:
  using Rule = std::function<FakeAnswer(const SentRequest&)>;

  explicit FakeHttpClient(FakeTimers& timers) : timers_(&timers) {}

  void on(std::string url, FakeAnswer answer) {
    decide(std::move(url), [answer = std::move(answer)](const SentRequest&) { return answer; });
  }
  // The answer as the request is, or by what the test has counted.
  void decide(std::string url, Rule rule) {
    const std::lock_guard lock(mutex_);
    rules_.emplace_front(std::move(url), std::move(rule));
  }
  std::vector<SentRequest> sent() const {
    const std::lock_guard lock(mutex_);
    std::vector<SentRequest> all;
    all.reserve(exchanges_.size());
    for (const Exchange& exchange : exchanges_) all.push_back(exchange.sent);
    return all;
  }
  // Exchanges that nobody has closed and that have not failed.
  std::size_t open() const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const Exchange& exchange : exchanges_) count += exchange.state == State::kClosed ? 0U : 1U;
    return count;
  }

  void withdraw(const Seat& seat) {
    for (Exchange& exchange : exchanges_)
      if (exchange.seat == &seat) end(exchange, REVENGE_CANCELLED, "the instance is being stopped");
  }

  // The table's side.

  revenge_status send(Seat& seat, const revenge_http_client_request& raw, revenge_handle& handle,
                      const revenge_completion& done, revenge_error* error) {
    SentRequest request = copied(raw);
    if (!request.url.starts_with("http://") && !request.url.starts_with("https://"))
      return boundary::write(error, request.url + ": not a URL of http or https"), REVENGE_INVALID;
    Exchange* exchange = nullptr;
    {
      const std::lock_guard lock(mutex_);
      exchange = &exchanges_.emplace_back();
      handle = exchanges_.size();
    }
    exchange->fake = this;
    exchange->seat = &seat;
    exchange->sent = std::move(request);
    exchange->done = done;
    exchange->streamed = raw.response_body == REVENGE_HTTP_CLIENT_STREAM;
    if (raw.request_body != REVENGE_HTTP_CLIENT_STREAM) answer(*exchange);
    return REVENGE_PENDING;
  }
  revenge_status write(revenge_handle handle, std::string_view data) {
    Exchange* exchange = find(handle);
    if (exchange == nullptr) return REVENGE_GONE;
    if (exchange->state == State::kAnswered) return REVENGE_END;
    exchange->sent.body += data;
    return REVENGE_OK;
  }
  revenge_status finish(revenge_handle handle) {
    Exchange* exchange = find(handle);
    if (exchange == nullptr) return REVENGE_GONE;
    if (exchange->state == State::kSent) answer(*exchange);
    return REVENGE_OK;
  }
  revenge_status response(revenge_handle handle, revenge_http_client_response& response) {
    Exchange* exchange = find(handle);
    if (exchange == nullptr) return REVENGE_GONE;
    if (exchange->state != State::kAnswered) return REVENGE_BUSY;
    response.status = static_cast<std::uint32_t>(exchange->answer.status);
    response.headers = exchange->fields.data();
    response.header_count = exchange->fields.size();
    response.body = exchange->streamed ? revenge_view{} : boundary::view(exchange->answer.body);
    response.content_length =
        exchange->streamed ? -1 : static_cast<std::int64_t>(exchange->answer.body.size());
    response.url = boundary::view(exchange->sent.url);
    return REVENGE_OK;
  }
  revenge_status read(revenge_handle handle, revenge_view& piece) {
    Exchange* exchange = find(handle);
    if (exchange == nullptr) return REVENGE_GONE;
    if (exchange->read == exchange->answer.pieces.size()) return REVENGE_END;
    piece = boundary::view(exchange->answer.pieces[exchange->read++]);
    return REVENGE_OK;
  }
  revenge_status cancel(revenge_handle handle) {
    Exchange* exchange = find(handle);
    if (exchange == nullptr) return REVENGE_GONE;
    if (exchange->done) end(*exchange, REVENGE_CANCELLED, "cancelled");
    return REVENGE_OK;
  }
  revenge_status close(revenge_handle handle) {
    Exchange* exchange = find(handle);
    if (exchange == nullptr) return REVENGE_GONE;
    end(*exchange, REVENGE_CANCELLED, "closed");
    return REVENGE_OK;
  }

 private:
  enum class State : std::uint8_t { kSent, kAnswered, kClosed };

  struct Exchange {
    FakeHttpClient* fake = nullptr;
    Seat* seat = nullptr;
    SentRequest sent;
    FakeAnswer answer;
    std::vector<revenge_field> fields;
    std::optional<revenge_completion> done;
    std::size_t read = 0;
    State state = State::kSent;
    bool streamed = false;
  };

  static SentRequest copied(const revenge_http_client_request& raw) {
    SentRequest request;
    request.method = static_cast<Method>(raw.method);
    request.url = boundary::text(raw.url);
    for (std::size_t i = 0; i < raw.header_count; ++i)
      request.headers.emplace_back(boundary::text(raw.headers[i].name), boundary::text(raw.headers[i].value));
    request.body = boundary::take(raw.body);
    request.timeout = std::chrono::nanoseconds(raw.timeout_ns);
    if (raw.tls != nullptr) {
      request.tls.caFile = boundary::text(raw.tls->ca_file);
      request.tls.certificateFile = boundary::text(raw.tls->certificate_file);
      request.tls.keyFile = boundary::text(raw.tls->key_file);
      request.tls.serverName = boundary::text(raw.tls->server_name);
    }
    return request;
  }

  Exchange* find(revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    if (handle == 0 || handle > exchanges_.size()) return nullptr;
    Exchange& exchange = exchanges_[handle - 1];
    return exchange.state == State::kClosed ? nullptr : &exchange;
  }

  Rule ruleFor(const std::string& url) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [prefix, rule] : rules_)
      if (url.starts_with(prefix)) return rule;
    return {};
  }

  void answer(Exchange& exchange) {
    const Rule rule = ruleFor(exchange.sent.url);
    exchange.answer = rule ? rule(exchange.sent)
                           : FakeAnswer{.body = exchange.sent.url + ": no rule of the test answers",
                                        .failure = Errc::kUnavailable};
    auto after = exchange.answer.after;
    const auto timeout = exchange.sent.timeout;
    if (timeout.count() > 0 && after > timeout) {
      after = timeout;
      exchange.answer = {.body = exchange.sent.url + ": timed out", .failure = Errc::kTimedOut};
    }
    if (after.count() == 0) return arrived(exchange);
    auto job = boundary::sized<revenge_job>();
    job.context = &exchange;
    job.run = [](void* context, const revenge_call*) {
      auto& due = *static_cast<Exchange*>(context);
      due.fake->arrived(due);
    };
    timers_->start(*exchange.seat, after.count(), 0, job);
  }

  void arrived(Exchange& exchange) {
    if (!exchange.done) return;
    FakeAnswer& answer = exchange.answer;
    if (answer.failure) return end(exchange, static_cast<revenge_status>(*answer.failure), answer.body);
    if (answer.pieces.empty() && !answer.body.empty()) answer.pieces.push_back(answer.body);
    for (const auto& [name, value] : answer.headers)
      exchange.fields.push_back({boundary::view(name), boundary::view(value)});
    exchange.state = State::kAnswered;
    const revenge_completion done = *std::exchange(exchange.done, std::nullopt);
    done.complete(done.context, REVENGE_OK, exchange.streamed ? revenge_view{} : boundary::view(answer.body),
                  nullptr);
  }

  void end(Exchange& exchange, revenge_status status, std::string_view why) {
    const auto done = std::exchange(exchange.done, std::nullopt);
    exchange.state = State::kClosed;
    if (!done) return;
    boundary::ErrorText error;
    boundary::write(&error, why);
    done->complete(done->context, status, {}, &error);
  }

  FakeTimers* timers_;
  mutable std::mutex mutex_;
  std::deque<std::pair<std::string, Rule>> rules_;
  std::deque<Exchange> exchanges_;  // never shrinks: a handle is an index + 1
};

}  // namespace revenge::testing
