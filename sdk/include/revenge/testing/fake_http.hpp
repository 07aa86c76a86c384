// The HTTP of the fake host: requests go to the routes directly, answers are kept for the test to read.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include <revenge/http.hpp>
#include <revenge/testing/fake_core.hpp>

namespace revenge::testing {

struct Ask {
  Method method = Method::kGet;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::vector<std::string> pieces{};  // of a streamed body; more may follow by FakeHost::feed
  bool moreFollows = false;
  std::string requestId = "test-1";
  std::string userKey{};
  std::chrono::nanoseconds queueDelay{0};  // that the plugin's workers are said to have
  std::uint64_t queue = 1;                 // which workers; 0: the route runs inline
};

// What a request got. Lives as long as the host and follows what happens later: a deferred answer, a stream.
struct Reply {
  int status = 0;  // 0: not answered yet
  std::string body;
  std::string contentType;
  std::string etag;
  std::string session;
  std::map<std::string, std::string> headers;
  std::string error;      // of a handler that failed
  bool complete = false;  // the body has ended well
  bool cut = false;       // a stream that was dropped
  // What Request::limit left of it.
  std::int64_t deadlineNs = INT64_MAX;
  std::uint64_t maxBodyBytes = UINT64_MAX;
  std::size_t id = 0;
};

class FakeHttp {
 public:
  explicit FakeHttp(const FakeClock& clock) : clock_(&clock) {}

  struct Registered {
    Seat* seat;
    revenge_http_route route;
    revenge_http_middleware middleware;
    revenge_http_listener listener;
    std::string pattern;
  };

  // An exchange's handle is its index + 1; its responder and its stream go by the same number.
  struct Exchange {
    Seat* seat = nullptr;
    Reply reply;
    Ask ask;
    std::vector<std::pair<std::string, std::string>> owned;
    std::vector<revenge_field> parameters, query, headers;
    std::string path, queryText;
    revenge_http_request request = boundary::sized<revenge_http_request>();
    revenge_origin origin = boundary::sized<revenge_origin>();
    revenge_call call = boundary::sized<revenge_call>();
    std::optional<revenge_completion> reading, writing;
    std::optional<revenge_http_watch> watch;
    std::map<std::string, std::uint64_t> ends;  // by plugin, the tag to tell
    std::int64_t answeredNs = 0;
    std::vector<revenge_handle> chain;  // the middleware to go through
    std::size_t nextOfChain = 0;
    std::size_t nextPiece = 0;
    bool deferred = false, streaming = false, over = false, gone = false;
    bool full = false;  // writes wait for room
    bool inMiddleware = false, letGo = false;
  };

  revenge_handle add(Seat& seat, Registered registered) {
    registered.seat = &seat;
    const std::lock_guard lock(mutex_);
    registered_[++last_] = std::move(registered);
    return last_;
  }
  // What another instance has registered is not there for this one.
  revenge_status remove(const Seat& seat, revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    const auto found = registered_.find(handle);
    if (found == registered_.end() || found->second.seat != &seat) return REVENGE_GONE;
    registered_.erase(found);
    return REVENGE_OK;
  }
  void withdraw(const Seat& seat) {
    const std::lock_guard lock(mutex_);
    std::erase_if(registered_, [&](const auto& each) { return each.second.seat == &seat; });
  }
  std::size_t registrations() const {
    const std::lock_guard lock(mutex_);
    return registered_.size();
  }

  Reply& handle(Ask ask) {
    Exchange& exchange = open(std::move(ask));
    if (exchange.ask.method == Method::kOptions) return exchange.reply;
    chain(exchange);
    pass(exchange);
    proceed();
    return exchange.reply;
  }

  // What was let go on goes on, and what is over is told.
  void proceed() {
    for (;;) {
      std::deque<Exchange*> resumed;
      std::deque<Exchange*> over;
      {
        const std::lock_guard lock(mutex_);
        resumed.swap(resumed_);
        over.swap(over_);
      }
      if (resumed.empty() && over.empty()) return;
      for (Exchange* const each : resumed) pass(*each);
      for (Exchange* const each : over) tellEnd(*each);
    }
  }
  // Time has moved: what waits beyond its deadline is answered.
  void clockMoved() {
    {
      const std::lock_guard lock(mutex_);
      for (Exchange& each : exchanges_)
        if (each.deferred && !each.over && !each.gone && isLate(each)) settle(each, 504, "not in time");
    }
    proceed();
  }

  // Through what is left of the chain, then to the route.
  void pass(Exchange& exchange) {
    if (!runMiddleware(exchange)) return;
    const std::optional<Registered> route = match(exchange);
    if (!route) return settle(exchange, 404, "not found");
    if (exchange.ask.body.size() > exchange.reply.maxBodyBytes)
      return settle(exchange, 413, "the body is too large");
    exchange.seat = route->seat;
    const auto run = [&](boundary::ErrorText& error) {
      return route->route.handle(route->route.context, &exchange.call, &exchange.request, &error);
    };
    boundary::ErrorText error;
    const auto headers = exchange.reply.headers;
    exchange.request.may_block = route->route.execution == REVENGE_HTTP_WORKER;
    revenge_status status = run(error);
    if (status == REVENGE_BUSY && exchange.request.may_block == 0) {
      exchange.request.may_block = 1;
      exchange.reply.headers = headers;
      error = {};
      status = run(error);
    }
    concluded(exchange, status, error);
  }

  void finished(const Reply& reply, std::uint64_t bytes, bool complete) {
    std::vector<Registered> listeners;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [handle, each] : registered_)
        if (each.listener.finished != nullptr) listeners.push_back(each);
    }
    auto raw = boundary::sized<revenge_http_finished>();
    raw.status = static_cast<std::uint32_t>(reply.status);
    raw.session = boundary::view(reply.session);
    raw.bytes_sent = bytes;
    raw.complete = complete ? 1 : 0;
    const auto nobody = boundary::sized<revenge_call>();
    for (const Registered& each : listeners) each.listener.finished(each.listener.context, &nobody, &raw);
  }

  // Its exchange: what a handler that is done with it has left to do.
  bool streaming(const Reply& reply) const {
    const std::lock_guard lock(mutex_);
    return exchanges_.at(reply.id - 1).streaming;
  }
  bool answered(const Reply& reply) const {
    const std::lock_guard lock(mutex_);
    return exchanges_.at(reply.id - 1).over;
  }
  std::vector<Registered> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<Registered> found;
    found.reserve(registered_.size());
    for (const auto& [handle, each] : registered_) found.push_back(each);
    return found;
  }

  // The client of a request leaves: its watch is told, its writes fail.
  void leave(const Reply& reply) {
    Exchange& exchange = exchanges_.at(reply.id - 1);
    exchange.gone = true;
    if (const auto watch = std::exchange(exchange.watch, std::nullopt); watch && !exchange.over)
      watch->client_gone(watch->context, &exchange.call);
    complete(exchange.reading, REVENGE_GONE, {});
    complete(exchange.writing, REVENGE_GONE, {});
    {
      const std::lock_guard lock(mutex_);
      if (!exchange.over || exchange.streaming) over_.push_back(&exchange);
    }
    proceed();
  }
  // Whether a stream's writes wait; opening the room ends the wait.
  void setFull(const Reply& reply, bool full) {
    Exchange& exchange = exchanges_.at(reply.id - 1);
    exchange.full = full;
    if (!full) complete(exchange.writing, REVENGE_OK, {});
  }
  // Another piece of a streamed body; nullopt: its end.
  void feed(const Reply& reply, std::optional<std::string> piece) {
    Exchange& exchange = exchanges_.at(reply.id - 1);
    if (!piece) exchange.ask.moreFollows = false;
    if (piece) exchange.ask.pieces.push_back(std::move(*piece));
    if (!exchange.reading) return;
    if (exchange.nextPiece < exchange.ask.pieces.size())
      complete(exchange.reading, REVENGE_OK, boundary::view(exchange.ask.pieces[exchange.nextPiece++]));
    else
      complete(exchange.reading, REVENGE_END, {});
  }
  // Before an instance ends, what it waits for is cancelled and what it owes is dropped.
  void cancel(const Seat& seat) {
    for (Exchange& exchange : exchanges_) {
      if (exchange.seat != &seat) continue;
      complete(exchange.reading, REVENGE_CANCELLED, {});
      complete(exchange.writing, REVENGE_CANCELLED, {});
    }
  }

  Exchange* find(revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    return handle == 0 || handle > exchanges_.size() ? nullptr : &exchanges_[handle - 1];
  }

  // Whether there was such an exchange, whatever became of it.
  bool knows(revenge_handle exchange) { return find(exchange) != nullptr; }

  // The table's side.

  revenge_status respond(revenge_handle handle, const revenge_http_response& response) {
    std::string body =
        response.kind == REVENGE_HTTP_FILE ? fileBytes(response) : boundary::take(response.body);
    const std::lock_guard lock(mutex_);
    Exchange* exchange = find(handle);
    if (exchange == nullptr) return REVENGE_GONE;
    if (exchange->over) return REVENGE_EXISTS;
    if (exchange->gone) return REVENGE_GONE;
    head(*exchange, response);
    exchange->reply.body = std::move(body);
    exchange->reply.complete = exchange->over = true;
    exchange->watch.reset();
    over_.push_back(exchange);
    return REVENGE_OK;
  }
  revenge_status limit(revenge_handle handle, const revenge_http_limit& limit) {
    const std::lock_guard lock(mutex_);
    Exchange* exchange = find(handle);
    if (exchange == nullptr || exchange->gone) return REVENGE_GONE;
    if (exchange->over) return REVENGE_EXISTS;
    Reply& reply = exchange->reply;
    reply.deadlineNs = std::min(reply.deadlineNs, limit.deadline_ns);
    reply.maxBodyBytes = std::min(reply.maxBodyBytes, limit.max_body_bytes);
    if (reply.deadlineNs != INT64_MAX) exchange->call.deadline_ns = reply.deadlineNs;
    return REVENGE_OK;
  }
  revenge_status tellEnd(const Seat& seat, revenge_handle handle, std::uint64_t tag) {
    const std::lock_guard lock(mutex_);
    Exchange* exchange = find(handle);
    if (exchange == nullptr || exchange->gone) return REVENGE_GONE;
    if (exchange->over) return REVENGE_EXISTS;
    return exchange->ends.emplace(seat.id, tag).second ? REVENGE_OK : REVENGE_EXISTS;
  }
  revenge_status resume(revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    Exchange* exchange = find(handle);
    if (exchange == nullptr || exchange->gone || exchange->over) return REVENGE_GONE;
    if (!exchange->deferred) return REVENGE_INVALID;
    exchange->deferred = false;
    exchange->watch.reset();
    exchange->letGo = exchange->inMiddleware;
    if (!exchange->letGo) resumed_.push_back(exchange);
    return REVENGE_OK;
  }
  revenge_status defer(revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    Exchange* exchange = find(handle);
    if (exchange == nullptr || exchange->over) return REVENGE_GONE;
    exchange->deferred = true;
    return REVENGE_OK;
  }
  revenge_status watch(revenge_handle handle, const revenge_http_watch& watch) {
    const std::lock_guard lock(mutex_);
    Exchange* exchange = find(handle);
    if (exchange == nullptr) return REVENGE_GONE;
    exchange->watch = watch;
    return REVENGE_OK;
  }
  revenge_status openStream(revenge_handle handle, const revenge_http_response& response) {
    const std::lock_guard lock(mutex_);
    Exchange* exchange = find(handle);
    if (exchange == nullptr || exchange->gone) return REVENGE_GONE;
    if (exchange->over) return REVENGE_EXISTS;
    head(*exchange, response);
    return exchange->streaming = exchange->over = true, REVENGE_OK;
  }
  revenge_status write(revenge_handle handle, std::string_view data, const revenge_completion& done) {
    const std::lock_guard lock(mutex_);
    Exchange* exchange = find(handle);
    if (exchange == nullptr || exchange->gone || !exchange->streaming) return REVENGE_GONE;
    if (exchange->writing) return REVENGE_BUSY;
    exchange->reply.body += data;
    if (!exchange->full) return REVENGE_OK;
    exchange->writing = done;
    return REVENGE_PENDING;
  }
  revenge_status close(revenge_handle handle, bool well) {
    const std::lock_guard lock(mutex_);
    Exchange* exchange = find(handle);
    if (exchange == nullptr || !exchange->streaming) return REVENGE_GONE;
    exchange->streaming = false;
    exchange->watch.reset();
    if (!exchange->gone) over_.push_back(exchange);
    (well ? exchange->reply.complete : exchange->reply.cut) = true;
    return REVENGE_OK;
  }
  revenge_status drop(revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    Exchange* exchange = find(handle);
    if (exchange == nullptr || exchange->over) return REVENGE_GONE;
    settle(*exchange, 500, "dropped");
    return REVENGE_OK;
  }
  revenge_status read(revenge_handle handle, revenge_view& piece, const revenge_completion& done) {
    const std::lock_guard lock(mutex_);
    Exchange* exchange = find(handle);
    if (exchange == nullptr || exchange->gone) return REVENGE_GONE;
    if (exchange->reading) return REVENGE_BUSY;
    if (exchange->nextPiece < exchange->ask.pieces.size()) {
      piece = boundary::view(exchange->ask.pieces[exchange->nextPiece++]);
      return REVENGE_OK;
    }
    if (!exchange->ask.moreFollows) return REVENGE_END;
    exchange->reading = done;
    return REVENGE_PENDING;
  }

 private:
  static void complete(std::optional<revenge_completion>& waiting, revenge_status status,
                       revenge_view result) {
    if (const auto done = std::exchange(waiting, std::nullopt))
      done->complete(done->context, status, result, nullptr);
  }

  bool isLate(const Exchange& exchange) const { return clock_->ns() >= exchange.reply.deadlineNs; }

  void tellEnd(Exchange& exchange) {
    std::map<std::string, std::uint64_t> ends;
    std::vector<Registered> listeners;
    auto raw = boundary::sized<revenge_http_ended>();
    {
      const std::lock_guard lock(mutex_);
      ends.swap(exchange.ends);
      for (const auto& [handle, each] : registered_)
        if (each.listener.ended != nullptr) listeners.push_back(each);
      raw.status = static_cast<std::uint32_t>(exchange.reply.status);
      raw.received_ns = exchange.request.received_ns;
      raw.answered_ns = exchange.answeredNs;
      raw.bytes_sent = exchange.reply.body.size();
      raw.complete = exchange.reply.complete;
    }
    const auto nobody = boundary::sized<revenge_call>();
    for (const Registered& each : listeners) {
      const auto asked = ends.find(each.seat->id);
      if (asked == ends.end()) continue;
      raw.tag = asked->second;
      each.listener.ended(each.listener.context, &nobody, &raw);
    }
  }

  void head(Exchange& exchange, const revenge_http_response& response) const {
    exchange.answeredNs = clock_->ns();
    Reply& reply = exchange.reply;
    reply.status = static_cast<int>(response.status);
    reply.contentType = boundary::text(response.content_type);
    reply.etag = boundary::text(response.etag);
    reply.session = boundary::text(response.session);
    for (std::size_t i = 0; i < response.header_count; ++i)
      reply.headers[std::string(boundary::text(response.headers[i].name))] =
          boundary::text(response.headers[i].value);
  }
  static std::string fileBytes(const revenge_http_response& response) {
    const File file(response.file);
    std::string bytes;
    char piece[4096];
    auto at = static_cast<off_t>(response.offset);
    while (bytes.size() < response.length) {
      const std::size_t wanted = std::min<std::uint64_t>(sizeof piece, response.length - bytes.size());
      const ssize_t got = ::pread(file.descriptor(), piece, wanted, at);
      if (got <= 0) break;
      bytes.append(piece, static_cast<std::size_t>(got));
      at += got;
    }
    return bytes;
  }
  void settle(Exchange& exchange, int status, std::string body) {
    const std::lock_guard lock(mutex_);
    exchange.answeredNs = clock_->ns();
    over_.push_back(&exchange);
    exchange.reply.status = status;
    exchange.reply.body = std::move(body);
    exchange.reply.complete = exchange.over = true;
    exchange.watch.reset();
  }
  void concluded(Exchange& exchange, revenge_status status, const revenge_error& error) {
    const std::lock_guard lock(mutex_);
    if (status < 0) exchange.reply.error = boundary::text(error);
    if (exchange.over || (status >= 0 && exchange.deferred)) return;
    if (status >= 0) return settle(exchange, 500, "the handler did not answer");
    const Response answer = failed(boundary::failure(status, &error));
    settle(exchange, answer.status, answer.body);
  }

  Exchange& open(Ask ask) {
    const std::lock_guard lock(mutex_);
    Exchange& exchange = exchanges_.emplace_back();
    exchange.ask = std::move(ask);
    exchange.reply.id = exchanges_.size();
    const std::string_view target = exchange.ask.target;
    const std::size_t mark = target.find('?');
    exchange.path = decoded(target.substr(0, mark));
    if (mark != std::string_view::npos) exchange.queryText = target.substr(mark + 1);
    // The views below point into these strings: they are complete before the first view is taken.
    std::size_t from = 0;
    while (from < exchange.queryText.size()) {
      const std::size_t end = std::min(exchange.queryText.find('&', from), exchange.queryText.size());
      const std::string_view pair = std::string_view(exchange.queryText).substr(from, end - from);
      const std::size_t equals = std::min(pair.find('='), pair.size());
      exchange.owned.emplace_back(decoded(pair.substr(0, equals)),
                                  decoded(pair.substr(std::min(equals + 1, pair.size()))));
      from = end + 1;
    }
    for (const auto& [name, value] : exchange.owned)
      exchange.query.push_back({boundary::view(name), boundary::view(value)});
    for (const auto& [name, value] : exchange.ask.headers)
      exchange.headers.push_back({boundary::view(name), boundary::view(value)});
    fill(exchange);
    return exchange;
  }
  void fill(Exchange& exchange) const {
    exchange.origin.request_id = boundary::view(exchange.ask.requestId);
    exchange.origin.user_key = boundary::view(exchange.ask.userKey);
    exchange.call.origin = &exchange.origin;
    revenge_http_request& request = exchange.request;
    request.method = static_cast<std::uint32_t>(exchange.ask.method);
    request.exchange = exchange.reply.id;
    request.target = boundary::view(exchange.ask.target);
    request.path = boundary::view(exchange.path);
    request.query = boundary::view(exchange.queryText);
    request.query_parameters = exchange.query.data();
    request.query_parameter_count = exchange.query.size();
    request.headers = exchange.headers.data();
    request.header_count = exchange.headers.size();
    request.remote_address = boundary::view("192.0.2.1");
    request.remote_port = 4711;
    request.body = boundary::view(exchange.ask.body);
    request.content_length =
        exchange.ask.moreFollows ? -1 : static_cast<std::int64_t>(exchange.ask.body.size());
    request.received_ns = clock_->ns();
    request.queue_delay_ns = exchange.ask.queueDelay.count();
    request.queue = exchange.ask.queue;
  }

  void chain(Exchange& exchange) {
    const std::lock_guard lock(mutex_);
    std::multimap<std::int32_t, revenge_handle> ordered;
    for (const auto& [handle, each] : registered_)
      if (each.middleware.before != nullptr && exchange.path.starts_with(each.pattern))
        ordered.emplace(each.middleware.order, handle);
    for (const auto& [order, handle] : ordered) exchange.chain.push_back(handle);
  }
  // The next of the chain that is still there.
  std::optional<Registered> nextOf(Exchange& exchange) {
    const std::lock_guard lock(mutex_);
    while (exchange.nextOfChain < exchange.chain.size()) {
      const auto found = registered_.find(exchange.chain[exchange.nextOfChain++]);
      if (found == registered_.end()) continue;
      exchange.seat = found->second.seat;
      exchange.inMiddleware = true;
      return found->second;
    }
    return std::nullopt;
  }
  // False: it is answered, or waits until it is let go on.
  bool runMiddleware(Exchange& exchange) {
    while (const std::optional<Registered> each = nextOf(exchange)) {
      boundary::ErrorText error;
      const revenge_status status =
          each->middleware.before(each->middleware.context, &exchange.call, &exchange.request, &error);
      if (status < 0) concluded(exchange, status, error);
      const std::lock_guard lock(mutex_);
      exchange.inMiddleware = false;
      if (exchange.over || exchange.deferred) return false;
      exchange.letGo = false;
    }
    if (isLate(exchange)) settle(exchange, 504, "not in time");
    return !exchange.over;
  }

  std::optional<Registered> match(Exchange& exchange) {
    const std::lock_guard lock(mutex_);
    const Registered* best = nullptr;
    for (const auto& [handle, each] : registered_) {
      if (each.route.handle == nullptr || each.route.method != exchange.request.method) continue;
      // Literals win over parameters: among matching patterns '{' sorts after every literal character.
      if (bind(exchange, each.pattern) && (best == nullptr || each.pattern < best->pattern)) best = &each;
    }
    if (best == nullptr) return std::nullopt;
    bind(exchange, best->pattern);
    exchange.request.pattern = boundary::view(best->pattern);
    exchange.request.path_parameters = exchange.parameters.data();
    exchange.request.path_parameter_count = exchange.parameters.size();
    return *best;
  }
  static bool bind(Exchange& exchange, std::string_view pattern) {
    exchange.parameters.clear();
    std::string_view path = exchange.path;
    while (!pattern.empty() && !path.empty()) {
      const std::string_view wanted = takeSegment(pattern);
      if (wanted.starts_with("/{") && wanted.ends_with("...}")) {
        exchange.parameters.push_back(
            {boundary::view(wanted.substr(2, wanted.size() - 6)), boundary::view(path.substr(1))});
        return true;
      }
      const std::string_view given = takeSegment(path);
      if (wanted.starts_with("/{") && given.size() > 1)
        exchange.parameters.push_back(
            {boundary::view(wanted.substr(2, wanted.size() - 3)), boundary::view(given.substr(1))});
      else if (wanted != given)
        return false;
    }
    return pattern.empty() && path.empty();
  }
  static std::string_view takeSegment(std::string_view& rest) {
    const std::string_view segment = rest.substr(0, std::min(rest.find('/', 1), rest.size()));
    rest.remove_prefix(segment.size());
    return segment;
  }
  static std::string decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%' && i + 2 < text.size()) {
        plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        plain += text[i];
      }
    }
    return plain;
  }

  mutable std::recursive_mutex mutex_;  // never held while code of the plugin runs
  std::map<revenge_handle, Registered> registered_;
  revenge_handle last_ = kBeforeHandles;
  std::deque<Exchange> exchanges_;
  std::deque<Exchange*> resumed_;  // to go on
  std::deque<Exchange*> over_;     // to be told
  const FakeClock* clock_;
};

}  // namespace revenge::testing
