#include "http/client_connection.hpp"

#include <utility>

#include "http/chunked.hpp"
#include "http/outlet.hpp"
#include "http/request_writer.hpp"

namespace revenge::http {
namespace {

using base::Errc;

// What is read of a redirect's own body to keep its connection; beyond, a new one is cheaper.
constexpr std::size_t kMaxDiscarded = 64U << 10U;

bool isRedirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

double inSeconds(base::Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

// What has to be known before the first packet, found out aside.
struct ClientConnection::Prepared {
  base::Result<std::vector<Address>> addresses;
  base::Result<ClientTls::Context> tls;
};

ClientConnection::ClientConnection(Outlet& outlet, Origin& origin)
    : outlet_(outlet),
      origin_(origin),
      stream_(outlet.core().parts.reactor, outlet.loop(), outlet.core().parts.scheduler),
      reader_(outlet.core().options.max_header_bytes) {}

std::string_view ClientConnection::doing() const {
  switch (phase_) {
    case Phase::kConnecting:
      return "while connecting";
    case Phase::kHandshake:
      return "in the TLS handshake";
    case Phase::kSending:
      return "while the request was being sent";
    case Phase::kAwaiting:
      return "while waiting for the response";
    case Phase::kReceiving:
      return "while the response was coming";
    case Phase::kResting:
    case Phase::kClosed:
      break;
  }
  return "";
}

void ClientConnection::enter(Phase phase) {
  // Once the response comes, that is what counts, also while the rest of the request still goes out.
  if (phase_ == Phase::kReceiving && (phase == Phase::kSending || phase == Phase::kAwaiting)) return;
  phase_ = phase;
  const OutgoingOptions& options = outlet_.core().options;
  switch (phase) {
    case Phase::kConnecting:
      return outlet_.arm(*this, options.connect_timeout);
    case Phase::kHandshake:
      return outlet_.arm(*this, options.tls_timeout);
    case Phase::kSending:
    case Phase::kReceiving:
      return outlet_.arm(*this, options.idle_timeout);
    case Phase::kAwaiting:
      return outlet_.arm(*this, options.first_byte_timeout);
    case Phase::kResting:
      return outlet_.arm(*this, options.keep_idle);
    case Phase::kClosed:
      return disarm();
  }
}

base::Error ClientConnection::timedOut() const {
  const OutgoingOptions& options = outlet_.core().options;
  switch (phase_) {
    case Phase::kConnecting:
      return {Errc::kTimedOut,
              fmt::format("no connection within {} s; is the host up, and does no firewall swallow it?",
                          inSeconds(options.connect_timeout))};
    case Phase::kHandshake:
      return {Errc::kTimedOut, fmt::format("no TLS handshake within {} s; does the port speak TLS?",
                                           inSeconds(options.tls_timeout))};
    case Phase::kSending:
      return {Errc::kTimedOut, fmt::format("the server took nothing more of the request for {} s",
                                           inSeconds(options.idle_timeout))};
    case Phase::kAwaiting:
      return {Errc::kTimedOut,
              fmt::format("no response began within {} s", inSeconds(options.first_byte_timeout))};
    default:
      return {Errc::kTimedOut,
              fmt::format("nothing more of the response came for {} s", inSeconds(options.idle_timeout))};
  }
}

void ClientConnection::reached() {
  const auto self = shared_from_this();
  if (phase_ == Phase::kResting) return close();
  broken(timedOut());
}

void ClientConnection::open(Errand& errand) {
  errand_ = &errand;
  errand.connection = this;
  enter(Phase::kConnecting);
  prepare();
}

void ClientConnection::prepare() {
  const auto submitted =
      outlet_.core().aside.submit([contexts = outlet_.core().tls, outlet = outlet_.weak_from_this(),
                                   self = weak_from_this(), url = origin_.url, tls = origin_.tls]() mutable {
        Prepared found{resolve(url.host, url.port), ClientTls::Context()};
        if (url.scheme == Scheme::kHttps) found.tls = contexts->context(tls);
        const auto alive = outlet.lock();
        if (alive == nullptr) return;
        static_cast<void>(alive->post([self = std::move(self), found = std::move(found)]() mutable {
          if (const auto connection = self.lock()) connection->prepared(std::move(found));
        }));
      });
  if (submitted == base::Submitted::kTaken) return;
  outlet_.defer([self = shared_from_this()] {
    self->broken({Errc::kUnavailable, "too many name look-ups are waiting; is the name server reachable?"});
  });
}

void ClientConnection::prepared(Prepared found) {
  if (phase_ != Phase::kConnecting) return;
  if (!found.addresses) return broken(std::move(found.addresses.error()));
  if (!found.tls) return broken(std::move(found.tls.error()));
  stream_.connect(std::move(*found.addresses), [self = shared_from_this(), tls = std::move(*found.tls)](
                                                   base::Result<std::size_t> result) {
    if (!result) return self->broken(std::move(result.error()));
    if (tls == nullptr) return self->connected();
    self->enter(Phase::kHandshake);
    const Origin& origin = self->origin_;
    self->stream_.handshake(tls, origin.tls.server_name.empty() ? origin.url.host : origin.tls.server_name,
                            origin.verify, [self](base::Result<std::size_t> shaken) {
                              if (!shaken) return self->broken(std::move(shaken.error()));
                              self->connected();
                            });
  });
}

void ClientConnection::connected() { send(); }

void ClientConnection::serve(Errand& errand) {
  errand_ = &errand;
  errand.connection = this;
  send();
}

void ClientConnection::send() {
  using Body = HeadToWrite::Body;
  payload_ = errand_->payload;
  request_sent_ = paused_ = last_ = false;
  bytes_sent_ = true;
  unread_ = {};
  reader_.begin(errand_->method);
  const bool streams = payload_->request_body == BodyForm::kStream;
  const std::string_view body = streams || !errand_->with_body ? std::string_view() : payload_->body.view();
  chunked_ = streams && payload_->body_length == 0;
  HeadToWrite head{errand_->method, errand_->url, payload_->fields};
  if (chunked_) head.body = Body::kChunked;
  if (!chunked_ && (streams || !body.empty())) head.body = Body::kLength;
  head.length = streams ? payload_->body_length : body.size();
  if (payload_->trace) {
    const bool own = payload_->parent == OutgoingRequest::Parent::kAsGiven;
    head.trace = own ? payload_->trace : outlet_.traceIds().begin(payload_->trace);
  }
  head_.clear();
  writeRequestHead(head_, head);
  phase_ = Phase::kSending;
  enter(Phase::kSending);
  writing_ = true;
  stream_.write(head_, body, [self = shared_from_this()](base::Result<std::size_t> result) {
    self->sent(std::move(result));
  });
  if (!reading_) read();
}

// The read that is under way says why a write failed, or brings the answer that came before its end.
void ClientConnection::sent(base::Result<std::size_t> result) {
  writing_ = false;
  if (!result) {
    bytes_sent_ = bytes_sent_ && result.error().code != Errc::kUnavailable;
    return enter(Phase::kAwaiting);
  }
  if (errand_ == nullptr) return payload_.reset();
  if (payload_->request_body == BodyForm::kStream && !last_) return sendMore();
  request_sent_ = true;
  payload_.reset();
  enter(Phase::kAwaiting);
}

void ClientConnection::sendMore() {
  if (writing_ || request_sent_ || payload_ == nullptr || payload_->request_body != BodyForm::kStream) return;
  sending_.clear();
  if (!errand_->fetch->takeWritten(sending_, last_)) {
    if (phase_ == Phase::kSending) disarm();  // it is the caller who is slow
    return;
  }
  head_.clear();
  if (chunked_) {
    if (!sending_.empty()) {
      head_ = ChunkHeader(sending_.size()).text();
      sending_ += kChunkEnd;
    }
    if (last_) sending_ += kLastChunk;
  }
  enter(Phase::kSending);
  writing_ = true;
  stream_.write(head_, sending_, [self = shared_from_this()](base::Result<std::size_t> result) {
    self->sent(std::move(result));
  });
}

void ClientConnection::goOn() {
  if (std::exchange(paused_, false)) {
    enter(Phase::kReceiving);
    if (!reading_) read();
  }
  sendMore();
}

void ClientConnection::read() {
  reading_ = true;
  stream_.read(buffer_, [self = shared_from_this()](base::Result<std::size_t> result) {
    self->got(std::move(result));
  });
}

void ClientConnection::got(base::Result<std::size_t> result) {
  reading_ = false;
  // A kept connection that ends, or speaks unasked, is none to send on.
  if (errand_ == nullptr) return close();
  if (!result) return broken(std::move(result.error()));
  if (*result > 0) {
    unread_ = {buffer_.data(), *result};
    return consume();
  }
  if (!reader_.started()) return broken({Errc::kIo, "the server closed the connection before it answered"});
  if (reader_.closed() == ResponseReader::Step::kEnd) return responseEnded();
  broken({Errc::kIo, fmt::format("the response {}", reader_.why())});
}

void ClientConnection::consume() {
  enter(Phase::kReceiving);
  for (;;) {
    const ResponseReader::Read part = reader_.next(unread_);
    unread_.remove_prefix(part.consumed);
    switch (part.step) {
      case ResponseReader::Step::kNeedMore:
        if (!paused_) return read();
        return disarm();  // it is the caller who is slow
      case ResponseReader::Step::kHead:
        if (!headCame()) return;
        break;
      case ResponseReader::Step::kData:
        if (!bodyCame(part.piece)) return;
        break;
      case ResponseReader::Step::kEnd:
        return responseEnded();
      case ResponseReader::Step::kBad:
        return broken({Errc::kIo, fmt::format("the response {}", reader_.why())});
    }
  }
}

bool ClientConnection::headCame() {
  auto head = reader_.takeHead();
  errand_->status = head->status;
  const std::string_view location = head->field("location");
  const OutgoingRequest& asked = *errand_->payload;
  if (isRedirect(head->status) && asked.max_redirects > 0 && !location.empty() &&
      asked.request_body == BodyForm::kWhole) {
    errand_->next = location;
    return true;
  }
  outlet_.headCame(*errand_);
  errand_->fetch->headCame(std::move(head), errand_->url.text());
  return true;
}

bool ClientConnection::bodyCame(std::string_view piece) {
  if (!errand_->next.empty()) {
    errand_->discarded += piece.size();
    if (errand_->discarded <= kMaxDiscarded) return true;
    const auto self = shared_from_this();
    Errand& errand = *std::exchange(errand_, nullptr);
    errand.connection = nullptr;
    close();
    outlet_.redirect(errand);
    return false;
  }
  switch (errand_->fetch->bodyCame(piece)) {
    case Fetch::Room::kGoOn:
      return true;
    case Fetch::Room::kPause:
      paused_ = true;
      return true;
    case Fetch::Room::kTooLong:
      broken({Errc::kLimit,
              fmt::format("the response is longer than {} bytes; ask for it as a stream, or allow more",
                          errand_->payload->max_response_bytes)});
      return false;
    case Fetch::Room::kPluginFull:
      broken({Errc::kLimit,
              "the plugin holds too much of its responses in memory (http_client.max_buffered_bytes)"});
      return false;
  }
  return false;
}

void ClientConnection::responseEnded() {
  const auto self = shared_from_this();
  Errand& errand = *std::exchange(errand_, nullptr);
  errand.connection = nullptr;
  const bool stays =
      reader_.persistence() == Persistence::kKeepAlive && request_sent_ && !writing_ && unread_.empty();
  const bool follows = !errand.next.empty();
  if (!follows) outlet_.done(errand);
  if (stays) {
    kept_ = true;
    phase_ = Phase::kResting;
    enter(Phase::kResting);
    if (!reading_) read();
    outlet_.rest(*this);
  } else {
    close();
  }
  if (follows) outlet_.redirect(errand);  // perhaps on this one
}

// Sent once more only when the server cannot have acted on it: it ended a kept connection without a byte of an answer,
// and either took nothing of the request or may be asked twice.
void ClientConnection::broken(base::Error why) {
  const auto self = shared_from_this();
  Errand* const errand = std::exchange(errand_, nullptr);
  if (errand == nullptr) return close();
  errand->connection = nullptr;
  const bool unanswered = why.code == Errc::kIo && !reader_.started();
  const bool harmless = isIdempotent(errand->method) || !bytes_sent_;
  if (kept_ && unanswered && harmless && !errand->again && !errand->fetch->touched()) {
    outlet_.sendAgain(*errand);
    return close();
  }
  if (unanswered) why.code = Errc::kUnavailable;
  close();
  outlet_.fail(*errand, named(std::move(why)));
}

base::Error ClientConnection::named(base::Error why) const {
  return {why.code, fmt::format("{}: {}", origin_.url.origin(), why.message)};
}

void ClientConnection::abandon() {
  errand_ = nullptr;
  close();
}

void ClientConnection::close() {
  if (phase_ == Phase::kClosed) return;
  const auto self = shared_from_this();
  phase_ = Phase::kClosed;
  remove();  // it may outlive its Outlet, in an operation that is being called off
  stream_.close();
  outlet_.closed(*this);
}

}  // namespace revenge::http
