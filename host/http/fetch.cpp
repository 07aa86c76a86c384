#include "http/fetch.hpp"

#include <utility>

#include "http/outlet.hpp"

namespace revenge::http {

using base::Errc;

Fetch::Fetch(std::shared_ptr<Outlet> outlet, OutgoingRequest request)
    : outlet_(std::move(outlet)),
      request_(std::move(request)),
      response_form_(request_.response_body),
      body_length_(request_.body_length),
      max_response_bytes_(request_.max_response_bytes),
      streams_request_(request_.request_body == BodyForm::kStream),
      mark_(request_.mark),
      keeper_(request_.keeper) {}

Fetch::~Fetch() {
  outlet_->unreserve(reserved_);
  outlet_->left();
}

void Fetch::start(Told told) {
  {
    const std::lock_guard lock(mutex_);
    state_ = State::kSent;
    sending_ = std::move(told);
  }
  const bool taken = outlet_->post([self = shared_from_this()] { self->outlet_->begin(self); });
  if (!taken) failed({Errc::kCancelled, "the host is stopping"});
}

base::Result<Went> Fetch::write(std::string_view data, Told told) {
  bool wake = false;
  Went went = Went::kDone;
  {
    const std::lock_guard lock(mutex_);
    if (!streams_request_) return base::fail(Errc::kInvalid, "the request was not sent with a streamed body");
    if (state_ == State::kFailed) return std::unexpected(base::Error{Errc::kGone, why_.message});
    if (state_ == State::kWhole) return Went::kEnd;
    if (finished_) return base::fail(Errc::kInvalid, "the body is complete already");
    if (writing_) return base::fail(Errc::kBusy, "a write is still waiting for room");
    written_bytes_ += data.size();
    if (body_length_ > 0 && written_bytes_ > body_length_)
      return base::fail(Errc::kInvalid, "body_length is {} bytes, and more was written", body_length_);
    written_ += data;
    wake = !written_.empty() && std::exchange(starved_, false);
    if (written_.size() >= kWindow) {
      writing_ = std::move(told);
      went = Went::kPending;
    }
  }
  if (wake) wakeLoop();
  return went;
}

base::Result<> Fetch::finish() {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::kFailed) return std::unexpected(base::Error{Errc::kGone, why_.message});
    if (!streams_request_) return base::fail(Errc::kInvalid, "the request was not sent with a streamed body");
    if (finished_) return {};
    if (body_length_ > 0 && written_bytes_ < body_length_)
      return base::fail(Errc::kInvalid, "body_length is {} bytes, and {} were written", body_length_,
                        written_bytes_);
    finished_ = true;
    wake = std::exchange(starved_, false);
  }
  if (wake) wakeLoop();
  return {};
}

base::Result<Fetch::Shown> Fetch::response() const {
  const std::lock_guard lock(mutex_);
  const bool here = response_form_ == BodyForm::kWhole ? state_ == State::kWhole : head_ != nullptr;
  if (!here) return base::fail(Errc::kBusy, "the response has not come yet");
  return Shown{head_.get(), response_form_ == BodyForm::kWhole ? body_ : std::string_view(), url_};
}

// What came since the last one, as a whole: the bytes change place by a swap.
std::string_view Fetch::nextPiece() {
  piece_.swap(body_);
  body_.clear();
  outlet_->unreserve(reserved_);
  reserved_ = 0;
  return piece_;
}

base::Result<Went> Fetch::read(std::string_view& piece, Told told) {
  bool wake = false;
  Went went = Went::kDone;
  {
    const std::lock_guard lock(mutex_);
    if (response_form_ != BodyForm::kStream)
      return base::fail(Errc::kInvalid, "the request was not sent for a streamed response");
    if (reading_) return base::fail(Errc::kBusy, "a read is still waiting");
    if (!body_.empty()) {
      piece = nextPiece();
      wake = std::exchange(paused_, false);
    } else if (state_ == State::kFailed) {
      return std::unexpected(why_);
    } else if (state_ == State::kWhole) {
      went = Went::kEnd;
    } else {
      reading_ = std::move(told);
      went = Went::kPending;
    }
  }
  if (wake) wakeLoop();
  return went;
}

void Fetch::wakeLoop() {
  static_cast<void>(outlet_->post([self = shared_from_this()] { self->outlet_->goOn(*self); }));
}

void Fetch::cancel(const base::Error& why) {
  const bool taken = outlet_->post([self = shared_from_this(), why] { self->outlet_->giveUp(*self, why); });
  if (!taken) failed(why);
}

void Fetch::close() {
  bool running = false;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    running = !over();
  }
  if (running) cancel({Errc::kCancelled, "closed by its caller"});
  giveBack();
}

void Fetch::giveBack() {
  std::shared_ptr<void> keeper;
  const std::lock_guard lock(mutex_);
  if (closed_ || over()) keeper = std::move(keeper_);
}

bool Fetch::takeWritten(std::string& into, bool& last) {
  Told told;
  {
    const std::lock_guard lock(mutex_);
    if (written_.empty() && !finished_) {
      starved_ = true;
      return false;
    }
    into.swap(written_);
    written_.clear();
    last = finished_;
    told = std::move(writing_);
    writing_ = nullptr;
  }
  touched_ = true;
  if (told) tell(std::move(told), Came{});
  return true;
}

void Fetch::headCame(std::unique_ptr<ResponseHead> head, std::string url) {
  Told told;
  {
    const std::lock_guard lock(mutex_);
    state_ = State::kHead;
    head_ = std::move(head);
    url_ = std::move(url);
    if (response_form_ == BodyForm::kStream) told = std::exchange(sending_, nullptr);
  }
  if (told) tell(std::move(told), Came{});
}

Fetch::Room Fetch::bodyCame(std::string_view piece) {
  Told told;
  Came came;
  Room room = Room::kGoOn;
  {
    const std::lock_guard lock(mutex_);
    came_ += piece.size();
    if (max_response_bytes_ > 0 && came_ > max_response_bytes_) return Room::kTooLong;
    if (!outlet_->reserve(piece.size())) return Room::kPluginFull;
    reserved_ += piece.size();
    // Grown once where the server says how long it will be; no further than it has been seen to keep its word.
    if (response_form_ == BodyForm::kWhole && body_.empty() && head_->content_length > 0)
      body_.reserve(std::min<std::uint64_t>(static_cast<std::uint64_t>(head_->content_length), kWindow));
    body_ += piece;
    if (reading_) {
      told = std::exchange(reading_, nullptr);
      came.bytes = nextPiece();
    } else if (response_form_ == BodyForm::kStream && body_.size() >= kWindow) {
      paused_ = true;
      room = Room::kPause;
    }
  }
  if (told) tell(std::move(told), came);
  return room;
}

void Fetch::ended() {
  Told sent;
  Told written;
  Told read;
  std::string_view whole;
  {
    const std::lock_guard lock(mutex_);
    state_ = State::kWhole;
    sent = std::exchange(sending_, nullptr);
    written = std::exchange(writing_, nullptr);
    read = std::exchange(reading_, nullptr);
    whole = body_;
  }
  if (sent)
    tell(std::move(sent), Came{.bytes = response_form_ == BodyForm::kWhole ? whole : std::string_view()});
  if (written) tell(std::move(written), Came{.end = true});
  if (read) tell(std::move(read), Came{.end = true});
  giveBack();
}

void Fetch::failed(const base::Error& why) {
  Told all[3];
  {
    const std::lock_guard lock(mutex_);
    if (over()) return;
    state_ = State::kFailed;
    why_ = why;
    all[0] = std::exchange(sending_, nullptr);
    all[1] = std::exchange(writing_, nullptr);
    all[2] = std::exchange(reading_, nullptr);
  }
  for (Told& told : all)
    if (told) tell(std::move(told), std::unexpected(why));
  giveBack();
}

// Nothing is left to do for the loop when the function is a plugin's and does not come back.
void Fetch::tell(Told told, base::Result<Came> result) {
  outlet_->defer([self = shared_from_this(), told = std::move(told), result = std::move(result)]() mutable {
    runtime::Reactor::Excursion away(self->mark_);
    told(result);
    told = nullptr;
    static_cast<void>(away.end());
  });
}

}  // namespace revenge::http
