#include "process/outflow.hpp"

#include <cerrno>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <unistd.h>

namespace revenge::process {

using base::Errc;
using boost::asio::posix::stream_descriptor;

struct Outflow::Pipe {
  Pipe(boost::asio::io_context& context, int fd) : descriptor(context, fd) {}
  stream_descriptor descriptor;
};

Outflow::Outflow(InputForm form, std::string whole, PipeTie tie)
    : form_(form), tie_(std::move(tie)), written_(std::move(whole)), finished_(form != InputForm::kStream) {}
Outflow::~Outflow() = default;

void Outflow::open(base::UniqueFd pipe) {
  pipe_ = std::make_unique<Pipe>(tie_.reactor.context(tie_.loop), pipe.release());
  pipe_->descriptor.non_blocking(true);
  push();
}

// False: there is nothing to send now, or ever any more.
bool Outflow::refill() {
  Told told;
  bool last = false;
  {
    const std::lock_guard lock(mutex_);
    last = written_.empty() && finished_;
    starved_ = written_.empty() && !finished_;
    if (!written_.empty()) {
      sending_.swap(written_);
      written_.clear();
      sent_ = 0;
      told = std::exchange(writing_, nullptr);
    }
  }
  if (told) tie_.tell(std::move(told), Came{});
  if (last) pipe_.reset();  // the child reads its end
  return sent_ < sending_.size();
}

void Outflow::push() {
  while (pipe_ != nullptr && !waiting_) {
    if (sent_ == sending_.size()) {
      sending_.clear();
      sent_ = 0;
      if (!refill()) return;
    }
    const ssize_t wrote =
        ::write(pipe_->descriptor.native_handle(), sending_.data() + sent_, sending_.size() - sent_);
    if (wrote >= 0) {
      sent_ += static_cast<std::size_t>(wrote);
    } else if (errno == EAGAIN) {
      waiting_ = true;
      pipe_->descriptor.async_wait(stream_descriptor::wait_write,
                                   [this, keep = tie_.keep()](const boost::system::error_code& failed) {
                                     waiting_ = false;
                                     if (!failed) push();
                                   });
    } else if (errno != EINTR) {
      return close();  // EPIPE: it reads no more, which is its right
    }
  }
}

void Outflow::close() {
  pipe_.reset();
  sending_.clear();
  sent_ = 0;
  Told told;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    written_.clear();
    told = std::exchange(writing_, nullptr);
  }
  if (told) tie_.tell(std::move(told), Came{.end = true});
}

base::Result<Went> Outflow::write(std::string_view data, Told told) {
  bool wake = false;
  Went went = Went::kDone;
  {
    const std::lock_guard lock(mutex_);
    if (form_ != InputForm::kStream)
      return base::fail(Errc::kInvalid, "the input was not asked for as a stream");
    if (closed_) return Went::kEnd;
    if (finished_) return base::fail(Errc::kInvalid, "the input is complete already");
    if (writing_) return base::fail(Errc::kBusy, "a write is still waiting for room");
    written_ += data;
    wake = !written_.empty() && std::exchange(starved_, false);
    if (written_.size() >= kWindow) {
      writing_ = std::move(told);
      went = Went::kPending;
    }
  }
  if (wake) static_cast<void>(tie_.reactor.post(tie_.loop, [this, keep = tie_.keep()] { push(); }));
  return went;
}

base::Result<> Outflow::finish() {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (form_ != InputForm::kStream)
      return base::fail(Errc::kInvalid, "the input was not asked for as a stream");
    finished_ = true;
    wake = std::exchange(starved_, false);
  }
  if (wake) static_cast<void>(tie_.reactor.post(tie_.loop, [this, keep = tie_.keep()] { push(); }));
  return {};
}

}  // namespace revenge::process
