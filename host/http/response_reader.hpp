// Takes a response apart as its bytes arrive: interim heads are skipped, then the head, pieces of the body, and its end.
// Knows no socket. Thread safety: a plain value with one user.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "http/chunked.hpp"
#include "http/response_head.hpp"

namespace revenge::http {

class ResponseReader {
 public:
  enum class Step : std::uint8_t {
    kNeedMore,  // all bytes given were used
    kHead,      // takeHead() has it
    kData,      // `piece` is a part of the body
    kEnd,       // the response is whole; what is left belongs to nobody
    kBad        // why() says what is wrong
  };
  struct Read {
    Step step;
    std::size_t consumed;  // of the bytes given; give the rest again, also when there is none
    std::string_view piece;
  };
  static constexpr unsigned kMaxInterim = 16;

  explicit ResponseReader(std::size_t max_head_bytes) : max_head_bytes_(max_head_bytes) {}

  void begin(Method to);  // the response to come is to a request of that method
  Read next(std::string_view bytes);
  // The connection ended: kEnd where that ends the body, else kBad.
  Step closed();

  std::unique_ptr<ResponseHead> takeHead() { return std::move(head_); }
  std::string_view why() const { return why_; }
  bool started() const { return started_; }  // some byte of it has come
  Persistence persistence() const { return persistence_; }

 private:
  enum class At : std::uint8_t { kHead, kBody, kEnded };

  Read readHead(std::string_view bytes);
  Read headDone(std::size_t consumed);
  Read bad(std::string_view why) {
    why_ = why;
    return {Step::kBad, 0, {}};
  }

  const std::size_t max_head_bytes_;
  Method to_ = Method::kGet;
  At at_ = At::kHead;
  BodyEnd body_ = BodyEnd::kNone;
  Persistence persistence_ = Persistence::kClose;
  bool started_ = false;
  unsigned interim_ = 0;
  std::uint64_t left_ = 0;
  ChunkDecoder chunks_;
  std::unique_ptr<ResponseHead> head_;
  std::string_view why_;
};

}  // namespace revenge::http
