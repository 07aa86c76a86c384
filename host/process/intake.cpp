#include "process/intake.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

namespace revenge::process {

using base::Errc;
using boost::asio::posix::stream_descriptor;

namespace {

constexpr std::size_t kPieceBytes = 64U << 10U;
constexpr int kPiecesAtOnce = 4;  // others wait for this loop, too

}  // namespace

struct Intake::Pipe {
  Pipe(boost::asio::io_context& context, int fd) : descriptor(context, fd) {}
  stream_descriptor descriptor;
};

Intake::Intake(OutputWish wish, PipeTie tie, Notices notices)
    : wish_(wish), tie_(std::move(tie)), notices_(std::move(notices)), over_(!wanted()), ended_(!wanted()) {}
Intake::~Intake() = default;

void Intake::open(base::UniqueFd pipe) {
  if (over_) return;  // closed before it ran
  pipe_ = std::make_unique<Pipe>(tie_.reactor.context(tie_.loop), pipe.release());
  pipe_->descriptor.non_blocking(true);
  wait();
}

void Intake::wait() {
  if (waiting_ || pipe_ == nullptr) return;
  waiting_ = true;
  pipe_->descriptor.async_wait(stream_descriptor::wait_read,
                               [this, keep = tie_.keep()](const boost::system::error_code& failed) {
                                 waiting_ = false;
                                 if (!failed) take();
                               });
}

// One buffer of each loop's thread would do; a piece on the stack is as good and belongs to nobody.
void Intake::take() {
  std::array<char, kPieceBytes> piece;  // NOLINT(*-member-init): read() fills what is looked at
  for (int i = 0; pipe_ != nullptr; ++i) {
    if (i == kPiecesAtOnce && !left_) return wait();
    const std::size_t most = left_ ? std::min(*left_, piece.size()) : piece.size();
    if (most == 0) return end();
    const ssize_t got = ::read(pipe_->descriptor.native_handle(), piece.data(), most);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN && !left_) return wait();
    if (got <= 0) return end();
    if (left_) *left_ -= static_cast<std::size_t>(got);
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
    if (!(wish_.form == OutputForm::kStream ? pass(bytes) : collect(bytes))) return;
  }
}

// False: take no more just now.
bool Intake::collect(std::string_view bytes) {
  const std::uint64_t limit = wish_.max_bytes;
  if (wish_.beyond == Beyond::kKeepTail) {
    collected_ += bytes;
    if (collected_.size() > 2 * limit + kPieceBytes) {
      cut_ += collected_.size() - limit;
      collected_.erase(0, collected_.size() - limit);
    }
    return true;
  }
  const std::string_view fits = bytes.substr(0, limit - collected_.size());
  collected_ += fits;
  cut_ += bytes.size() - fits.size();
  if (cut_ > 0 && wish_.beyond == Beyond::kKill && !std::exchange(told_too_much_, true)) notices_.too_much();
  return true;
}

bool Intake::pass(std::string_view bytes) {
  Told told;
  Came came;
  bool goes_on = true;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return true;
    came_ += bytes;
    if (reading_) {
      told = std::exchange(reading_, nullptr);
      came.bytes = nextPiece();
    } else if (came_.size() >= kWindow) {
      paused_ = true;
      goes_on = false;
    }
  }
  if (told) tie_.tell(std::move(told), came);
  return goes_on;
}

std::string_view Intake::nextPiece() {
  piece_.swap(came_);
  came_.clear();
  return piece_;
}

void Intake::end() {
  if (std::exchange(over_, true)) return;
  pipe_.reset();
  Told told;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    told = std::exchange(reading_, nullptr);
  }
  if (told) tie_.tell(std::move(told), Came{.end = true});
  notices_.drained();
}

void Intake::childEnded() {
  if (pipe_ == nullptr) return end();  // it never ran
  int left = 0;
  ::ioctl(pipe_->descriptor.native_handle(), FIONREAD, &left);
  left_ = static_cast<std::size_t>(left);
  bool paused = false;
  {
    const std::lock_guard lock(mutex_);
    paused = paused_;
  }
  if (!paused) take();
}

void Intake::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    paused_ = false;
    came_.clear();
  }
  if (wish_.form == OutputForm::kStream) end();
}

std::string Intake::takeCollected() {
  if (collected_.size() > wish_.max_bytes) {
    cut_ += collected_.size() - wish_.max_bytes;
    collected_.erase(0, collected_.size() - wish_.max_bytes);
  }
  return std::move(collected_);
}

base::Result<Went> Intake::read(std::string_view& piece, Told told) {
  bool resume = false;
  Went went = Went::kDone;
  {
    const std::lock_guard lock(mutex_);
    if (wish_.form != OutputForm::kStream)
      return base::fail(Errc::kInvalid, "this output was not asked for as a stream");
    if (reading_) return base::fail(Errc::kBusy, "a read is still waiting");
    if (!came_.empty()) {
      piece = nextPiece();
      resume = std::exchange(paused_, false);
    } else if (ended_) {
      went = Went::kEnd;
    } else {
      reading_ = std::move(told);
      went = Went::kPending;
    }
  }
  if (resume) {
    static_cast<void>(tie_.reactor.post(tie_.loop, [this, keep = tie_.keep()] {
      if (!waiting_) take();
    }));
  }
  return went;
}

}  // namespace revenge::process
