#include "http/connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <sys/epoll.h>

#include "http/dispatch.hpp"
#include "http/exchange_record.hpp"
#include "http/io_loop.hpp"
#include "http/request_trace.hpp"
#include "http/server_core.hpp"
#include "http/status.hpp"
#include "observe/log_context.hpp"

namespace revenge::http {
namespace {

using Phase = ExchangeRecord::Phase;

constexpr std::size_t kLeastSpace = 4096;
constexpr unsigned kAnswersPerTurn = 64;         // of pipelined requests, before others have their turn
constexpr std::size_t kBodyAhead = 64U << 10U;   // of a streamed body, read before its reader asks
constexpr std::size_t kMaxSkipped = 64U << 10U;  // of a body nobody read, to keep the connection
constexpr std::size_t kMaxLingered = 1U << 20U;
constexpr unsigned kLeft = 499;  // counted for a client that did not wait for its answer
constexpr base::Duration kLingerTime = std::chrono::seconds(2);

}  // namespace

Connection::Connection(IoLoop& loop, base::UniqueFd socket, Peer peer)
    : loop_(loop),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      parser_(loop.core().options.max_header_bytes) {}

Connection::~Connection() = default;

Turn Connection::ready(std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  if ((events & EPOLLRDHUP) != 0) half_closed_ = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) broken_ = true;
  return run();
}

Turn Connection::run() {
  answered_ = 0;
  for (;;) {
    Turn turn = Turn::kWait;
    switch (state_) {
      case State::kHead:
        turn = readHead();
        break;
      case State::kBody:
        turn = readBody();
        break;
      case State::kHandling:
        turn = handling();
        break;
      case State::kSending:
        turn = sendMore();
        break;
      case State::kLingering:
        turn = linger();
        break;
      case State::kClosed:
        break;
    }
    if (turn != Turn::kGoOn) return turn;
    if (state_ == State::kHead && answered_ > kAnswersPerTurn) {
      loop_.again(*this);
      return Turn::kWait;
    }
  }
}

Connection::Got Connection::receive() {
  if (broken_) return Got::kEnd;
  while (readable_) {
    makeSpace();
    const std::size_t space = loop_.bufferSize() - end_;
    if (space == 0) return Got::kNothing;
    const ssize_t got = ::recv(socket(), input_.get() + end_, space, 0);
    if (got > 0) {
      end_ += static_cast<std::size_t>(got);
      // Fewer bytes than asked for: the socket is empty, the next event says when it is not.
      if (static_cast<std::size_t>(got) < space && !half_closed_) readable_ = false;
      return Got::kBytes;
    }
    if (got == 0) return Got::kEnd;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return Got::kEnd;
    readable_ = false;
  }
  return Got::kNothing;
}

void Connection::makeSpace() {
  if (!input_) input_ = loop_.takeBuffer();
  if (begin_ == end_) {
    begin_ = end_ = floor_;
  } else if (loop_.bufferSize() - end_ < kLeastSpace && begin_ > floor_) {
    std::memmove(input_.get() + floor_, input_.get() + begin_, end_ - begin_);
    end_ -= begin_ - floor_;
    begin_ = floor_;
  }
}

Turn Connection::readHead() {
  for (;;) {
    if (std::exchange(unparsed_, false)) {
      const Parsed parsed = parser_.parse({input_.get() + begin_, end_ - begin_}, loop_.spareHead());
      if (parsed.state != ParseState::kNeedMore) return this->parsed(parsed);
    }
    switch (receive()) {
      case Got::kBytes:
        unparsed_ = true;
        break;
      case Got::kNothing:
        return waitForHead();
      case Got::kEnd:
        close();
        return Turn::kWait;
    }
  }
}

Turn Connection::waitForHead() {
  if (begin_ != end_) {
    // From the first byte on, not from each: a client that trickles gains nothing by it.
    if (!std::exchange(head_begun_, true)) loop_.arm(*this, loop_.core().options.header_timeout);
    return Turn::kWait;
  }
  if (loop_.core().stopping.load(std::memory_order_relaxed)) {
    close();
    return Turn::kWait;
  }
  if (input_) loop_.giveBuffer(std::move(input_));
  begin_ = end_ = 0;
  if (std::exchange(served_, false)) loop_.arm(*this, loop_.core().options.idle_timeout);
  return Turn::kWait;
}

Turn Connection::parsed(const Parsed& parsed) {
  parser_.reset();
  head_begun_ = false;
  if (parsed.state == ParseState::kRejected) {
    rejectHead(parsed);
    return Turn::kGoOn;
  }
  begin_ += parsed.consumed;
  floor_ = begin_;
  disarm();
  return startExchange();
}

Turn Connection::startExchange() {
  ExchangeRecord& record = loop_.begin();
  record_ = &record;
  record.connection = this;
  std::swap(record.head, loop_.spareHead());
  record.begun = loop_.now();
  loop_.core().stats.begun();
  const RequestHead& head = record.head;
  close_after_ = head.persistence == Persistence::kClose;
  continue_due_ = head.expects_continue;
  body_ended_ = head.framing == Framing::kNone;
  body_left_ = head.content_length > 0 ? static_cast<std::uint64_t>(head.content_length) : 0;
  body_read_ = 0;
  body_waited_ = {};
  body_awaited_since_ = kNotAwaited;
  chunks_ = {};
  state_ = State::kHandling;
  return dispatch(record);
}

void Connection::expectBody(std::uint64_t limit) { body_limit_ = limit; }

Connection::BodyStep Connection::bodyStep(std::string_view& piece) {
  while (!body_ended_) {
    const std::string_view bytes(input_.get() + begin_, end_ - begin_);
    if (bytes.empty()) {
      switch (receive()) {
        case Got::kBytes:
          continue;
        case Got::kNothing:
          return BodyStep::kWait;
        case Got::kEnd:
          return BodyStep::kGone;
      }
    }
    if (record_->head.framing == Framing::kLength) {
      piece = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, bytes.size())));
      begin_ += piece.size();
      body_left_ -= piece.size();
      body_ended_ = body_left_ == 0;
    } else {
      const ChunkDecoder::Decoded decoded = chunks_.next(bytes);
      begin_ += decoded.consumed;
      if (decoded.step == ChunkDecoder::Step::kBad) return BodyStep::kBad;
      body_ended_ = decoded.step == ChunkDecoder::Step::kEnd;
      piece = decoded.piece;
    }
    body_read_ += piece.size();
    if (body_awaited_since_ != kNotAwaited)
      body_waited_ += loop_.now() - std::exchange(body_awaited_since_, kNotAwaited);
    if (!piece.empty()) return BodyStep::kPiece;
  }
  return BodyStep::kEnd;
}

void Connection::readWholeBody() {
  const std::size_t buffered = end_ - begin_;
  if (record_->head.framing == Framing::kLength && body_left_ <= buffered) {
    record_->request_view.body = {input_.get() + begin_, static_cast<std::size_t>(body_left_)};
    begin_ += static_cast<std::size_t>(body_left_);
    // The handler reads it in place: what follows must not move over it.
    floor_ = begin_;
    body_left_ = 0;
    body_ended_ = true;
    state_ = State::kHandling;
    ready_to_advance_ = true;
    return;
  }
  sendContinue();
  state_ = State::kBody;
}

Turn Connection::readBody() {
  std::string_view piece;
  for (;;) {
    switch (bodyStep(piece)) {
      case BodyStep::kPiece:
        if (body_read_ > body_limit_) {
          rejectBody(413, "the body is too large");
          return Turn::kGoOn;
        }
        record_->body.append(piece);
        break;
      case BodyStep::kEnd:
        disarm();
        record_->request_view.body = view(record_->body);
        state_ = State::kHandling;
        return advance(*record_);
      case BodyStep::kWait:
        awaitBody();
        return Turn::kWait;
      case BodyStep::kBad:
        rejectBody(400, "malformed chunk");
        return Turn::kGoOn;
      case BodyStep::kGone:
        peerLeft();
        return Turn::kWait;
    }
  }
}

// A client gains nothing by a byte now and then: the rate it has to keep counts over all the time that it let wait.
void Connection::awaitBody() {
  const ServerOptions& options = loop_.core().options;
  base::Duration left = options.body_timeout;
  if (options.body_bytes_per_s != 0) {
    const double earned_s = static_cast<double>(body_read_) / static_cast<double>(options.body_bytes_per_s);
    const auto earned = std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(earned_s));
    left = std::clamp(options.body_timeout + earned - body_waited_, base::Duration::zero(), left);
  }
  if (body_awaited_since_ == kNotAwaited) body_awaited_since_ = loop_.now();
  loop_.deadlines().arm(*this, body_awaited_since_ + left);
}

void Connection::rejectBody(unsigned status, std::string_view line) {
  {
    const std::scoped_lock lock(record_->mutex);
    record_->answer.set(status, line);
    record_->phase = Phase::kAnswered;
  }
  answer(*record_);
}

// A worker, a responder or a stream has the request. What the client does meanwhile matters only when it leaves.
Turn Connection::handling() {
  if (std::exchange(ready_to_advance_, false)) return advance(*record_);
  if (body_wanted_) readStreamedBody();
  if (state_ == State::kHandling && (broken_ || half_closed_)) peerLeft();
  return Turn::kWait;
}

void Connection::wantBody() {
  if (state_ != State::kHandling && state_ != State::kSending) return;
  sendContinue();
  body_wanted_ = true;
  readStreamedBody();
}

void Connection::readStreamedBody() {
  ExchangeRecord& record = *record_;
  for (;;) {
    {
      const std::scoped_lock lock(record.mutex);
      if (record.next.size() >= kBodyAhead || record.body_done || record.body_failed) {
        body_wanted_ = false;  // until the reader has taken what is there
        disarm();
        return;
      }
    }
    std::string_view piece;
    const BodyStep step = bodyStep(piece);
    if (step == BodyStep::kWait) {
      awaitBody();
      return;
    }
    Done reader;
    revenge_status status = REVENGE_OK;
    std::string_view given;
    {
      const std::scoped_lock lock(record.mutex);
      if (step == BodyStep::kPiece && body_read_ <= body_limit_) record.next.append(piece);
      if (step == BodyStep::kEnd) record.body_done = true;
      if (step == BodyStep::kBad || step == BodyStep::kGone || body_read_ > body_limit_)
        record.body_failed = true;
      if (record.reader) {
        reader = std::exchange(record.reader, nullptr);
        record.piece.clear();
        std::swap(record.piece, record.next);
        given = record.piece;
        status = record.body_failed ? body_read_ > body_limit_ ? REVENGE_LIMIT : REVENGE_GONE
                 : given.empty()    ? REVENGE_END
                                    : REVENGE_OK;
      }
    }
    if (reader) reader(status, given);
    if (step == BodyStep::kGone) broken_ = true;
    if (state_ != State::kHandling && state_ != State::kSending) return;
  }
}

void Connection::sendContinue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  if (!std::exchange(continue_due_, false)) return;
  // The socket's buffer is empty here: all earlier answers are out.
  if (::send(socket(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(kContinue.size())) {
    broken_ = true;
  }
}

// A short rest of a body that nobody wanted is cheaper read than the connection made anew.
bool Connection::skipBody() {
  if (continue_due_) return false;
  std::string_view piece;
  const std::uint64_t limit = body_read_ + kMaxSkipped;
  while (body_read_ < limit) {
    const BodyStep step = bodyStep(piece);
    if (step == BodyStep::kEnd) return true;
    if (step != BodyStep::kPiece) return false;
  }
  return false;
}

void Connection::answer(ExchangeRecord& record) {
  record.leases.clear();
  record.deadline().disarm();
  disarm();
  if (!body_ended_ && !skipBody()) close_after_ = true;
  if (record.timed_out || loop_.core().stopping.load(std::memory_order_relaxed)) close_after_ = true;
  record.output.clear();
  if (!record.end_wishes.empty()) record.answered_at = loop_.now();
  const auto framed = record.answer.write(
      record.head, close_after_ ? Persistence::kClose : Persistence::kKeepAlive, loop_.date(), record.output);
  record.status_sent = framed.status;
  record.head_bytes = framed.head_bytes;
  state_ = State::kSending;
}

void Connection::stream(ExchangeRecord& record) {
  if (!record.head_written) {
    record.head_written = true;
    if (!record.end_wishes.empty()) record.answered_at = loop_.now();
    record.leases.clear();
    record.deadline().disarm();
    if (!record.head.http11 || loop_.core().stopping.load(std::memory_order_relaxed)) close_after_ = true;
    const auto framed =
        record.answer.write(record.head, close_after_ ? Persistence::kClose : Persistence::kKeepAlive,
                            loop_.date(), record.output);
    record.status_sent = framed.status;
    record.head_bytes = framed.head_bytes;
  }
  if (state_ == State::kHandling) state_ = State::kSending;
}

Turn Connection::sendMore() {
  if (broken_) {
    peerLeft();
    return Turn::kWait;
  }
  if (record_->head_written && half_closed_) {
    peerLeft();
    return Turn::kWait;
  }
  if (body_wanted_) readStreamedBody();
  const std::uint64_t before = record_->output.bytes();
  switch (record_->output.send(socket())) {
    case Output::Sent::kAll:
      break;
    case Output::Sent::kBlocked:
      if (record_->output.bytes() != before || !armed()) loop_.arm(*this, loop_.core().options.write_timeout);
      return Turn::kWait;
    case Output::Sent::kYield:
      loop_.again(*this);
      return Turn::kWait;
    case Output::Sent::kShort:
      finish(Ended::kShort);
      close();
      return Turn::kWait;
    case Output::Sent::kFailed:
      peerLeft();
      return Turn::kWait;
  }
  disarm();
  if (record_->head_written) return nextOfStream();
  finish(Ended::kComplete);
  closeAfterAnswer();
  return Turn::kGoOn;
}

Turn Connection::nextOfStream() {
  ExchangeRecord& record = *record_;
  Done room;
  StreamEnd end = StreamEnd::kComplete;
  bool closed = false;
  bool in_handler = false;
  record.sending.clear();
  {
    const std::scoped_lock lock(record.mutex);
    std::swap(record.sending, record.pending);
    in_handler = record.in_handler;
    record.flush_posted = false;
    if (record.sending.empty()) room = std::exchange(record.room, nullptr);
    closed = record.closed;
    end = record.end;
  }
  if (!record.sending.empty()) {
    record.output.restart();
    record.output.addBody(record.sending);
    return Turn::kGoOn;
  }
  if (room) room(REVENGE_OK, {});
  if (!closed) {
    state_ = State::kHandling;
    return Turn::kGoOn;
  }
  if (end == StreamEnd::kCut) {
    finish(Ended::kShort);
    close();
    return Turn::kWait;
  }
  if (!record.ended && record.head.http11 && record.head.method != Method::kHead) {
    record.ended = true;
    record.output.restart();
    record.output.addBody(kLastChunk);
    return Turn::kGoOn;
  }
  // The client has everything; the handler that wrote it may still read the request.
  if (in_handler) {
    state_ = State::kHandling;
    return Turn::kGoOn;
  }
  if (!body_ended_) close_after_ = true;
  finish(Ended::kComplete);
  closeAfterAnswer();
  return Turn::kGoOn;
}

void Connection::count(const ExchangeRecord& record, unsigned status, base::Duration took) {
  const revenge_origin& origin = record.origin;
  observe::Exemplar example{origin.trace_id_high, origin.trace_id_low, origin.span_id, 0, {}};
  const bool sampled = (origin.trace_flags & observe::TraceContext::kSampled) != 0;
  if (sampled) example.at = loop_.core().parts.scheduler.clock().wall();
  const Endpoint* const endpoint = record.endpoint;
  loop_.core().stats.finished(
      loop_.knownSeries(),
      {.plugin = record.running != nullptr ? std::string_view(record.running->plugin) : "",
       .method = record.head.method,
       .route = endpoint != nullptr ? std::string_view(endpoint->candidates.front().pattern) : "",
       .status = status,
       .bytes = record.output.total(),
       .took = took,
       .sampled = sampled ? &example : nullptr});
}

// The exchange has ended as far as the client is concerned.
void Connection::finish(Ended ended) {
  ExchangeRecord& record = *std::exchange(record_, nullptr);
  ServerCore& core = loop_.core();
  const base::Instant now = loop_.now();
  const base::Duration took = now - record.begun;
  const std::string_view plugin = record.running != nullptr ? std::string_view(record.running->plugin) : "";
  core.stats.ended();
  count(record, record.status_sent, took);
  if (core.options.access_log == Toggle::kOn) {
    const std::string_view query = text(record.request_view.query);
    const auto attributes = std::to_array<observe::Attribute>({{"method", name(record.head.method)},
                                                               {"path", text(record.request_view.path)},
                                                               {"status", record.status_sent},
                                                               {"bytes", record.output.total()},
                                                               {"took", took},
                                                               {"plugin", plugin},
                                                               {"complete", ended == Ended::kComplete},
                                                               {"query", query}});
    core.logger.log(observe::Level::kInfo, "request",
                    std::span(attributes).first(attributes.size() - (query.empty() ? 1 : 0)),
                    observe::contextOf(record.origin));
  }
  endTrace(record,
           broken_                  ? Ending::kClientLeft
           : ended == Ended::kShort ? Ending::kCutShort
                                    : Ending::kAnswered,
           now);
  loop_.tellFinished(record, ended);
  loop_.tellEnd(record, ended);
  record.connection = nullptr;
  body_wanted_ = false;
  floor_ = 0;
  if (record.late_reader) record.parked = std::move(input_);
  loop_.finished(record);
}

void Connection::closeAfterAnswer() {
  if (!close_after_) {
    state_ = State::kHead;
    served_ = true;
    ++answered_;
    unparsed_ = begin_ != end_;
    return;
  }
  begin_ = end_ = 0;
  if (half_closed_) return close();
  // Closing now would reset the connection under the answer if the client is still sending.
  ::shutdown(socket(), SHUT_WR);
  state_ = State::kLingering;
  loop_.arm(*this, kLingerTime);
}

Turn Connection::linger() {
  for (;;) {
    begin_ = end_ = 0;
    const Got got = receive();
    if (got == Got::kNothing) return Turn::kWait;
    lingered_ += end_;
    if (got == Got::kEnd || lingered_ > kMaxLingered) {
      close();
      return Turn::kWait;
    }
  }
}

void Connection::rejectHead(const Parsed& parsed) {
  loop_.core().logger.debug(
      "request refused", {{"remote", peer_.address}, {"status", parsed.status}, {"reason", parsed.reason}});
  loop_.core().stats.finished(loop_.knownSeries(), {.status = parsed.status});
  traceRefused(loop_, parsed);
  const std::string answer = fmt::format(
      "{}Date: {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: "
      "close\r\n\r\n{}\n",
      statusLine(parsed.status), loop_.date(), parsed.reason.size() + 1, parsed.reason);
  // All earlier answers are out, so that this fits the socket's buffer.
  static_cast<void>(::send(socket(), answer.data(), answer.size(), MSG_NOSIGNAL));
  close_after_ = true;
  closeAfterAnswer();
}

// The client has gone, or half of it: a handler that watches is told. A stream ends at once; another answer is still
// sent to a client that only said that it has nothing more to ask.
void Connection::peerLeft() {
  ExchangeRecord& record = *record_;
  bool streaming = false;
  std::function<void()> gone;
  Done room;
  Done reader;
  {
    const std::scoped_lock lock(record.mutex);
    streaming = record.phase == Phase::kStreaming;
    gone = std::exchange(record.gone, nullptr);
    if (broken_ || streaming || state_ == State::kBody || state_ == State::kSending) {
      record.client_gone = true;
      room = std::exchange(record.room, nullptr);
      reader = std::exchange(record.reader, nullptr);
    }
  }
  const bool detached = record.client_gone;
  if (detached) detach();
  if (gone) gone();
  if (room) room(REVENGE_GONE, {});
  if (reader) reader(REVENGE_GONE, {});
}

// Ends the connection; the exchange goes on without it while a handler, a responder or a stream's writer has it.
void Connection::detach() {
  ExchangeRecord& record = *record_;
  bool in_use = false;
  {
    const std::scoped_lock lock(record.mutex);
    record.client_gone = true;
    in_use = record.in_handler || record.phase == Phase::kDeferred ||
             (record.phase == Phase::kStreaming && !record.closed);
  }
  if (!in_use) {
    finish(Ended::kShort);
    return close();
  }
  ServerCore& core = loop_.core();
  const base::Instant now = loop_.now();
  core.stats.ended();
  count(record, kLeft, now - record.begun);
  endTrace(record, Ending::kClientLeft, now);
  loop_.tellEnd(record, Ended::kShort);
  record.parked = std::move(input_);
  record.connection = nullptr;
  record_ = nullptr;
  close();
}

void Connection::closeIfIdle() {
  if (state_ == State::kHead && begin_ == end_) close();
}

void Connection::abort() {
  if (state_ == State::kClosed) return;
  if (record_ == nullptr) return close();
  broken_ = true;
  peerLeft();
}

void Connection::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  disarm();
  if (input_) loop_.giveBuffer(std::move(input_));
  socket_.reset();
  loop_.bury(*this);
}

void Connection::reached() {
  switch (state_) {
    case State::kHead:
      if (begin_ != end_) {
        rejectHead({ParseState::kRejected, 0, 408, "the request's head took too long"});
        return;
      }
      return close();
    case State::kBody:
      rejectBody(408, "the request's body took too long");
      static_cast<void>(run());
      return;
    case State::kHandling:
      broken_ = true;  // of a streamed body: its client has stalled
      return peerLeft();
    case State::kSending:
      return abort();
    case State::kLingering:
    case State::kClosed:
      return close();
  }
}

}  // namespace revenge::http
