// Takes an HTTP/1.1 response as it arrives from the control socket and hands its body on piece by piece. Believes
// nothing: what is no such response, or too big, is an error. Thread safety: confined to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace revenge::ctl {

class ResponseReader {
 public:
  using Body = std::function<base::Result<>(std::string_view piece)>;

  explicit ResponseReader(Body body) : body_(std::move(body)) {}

  base::Result<> take(std::string_view bytes);
  base::Result<> end();  // the connection ended: fails unless that is how this response ends

  bool headDone() const { return part_ != Part::kHead; }
  bool done() const { return part_ == Part::kDone; }
  int status() const { return status_; }  // 0 until headDone

 private:
  enum class Part : std::uint8_t { kHead, kSized, kUntilEnd, kChunkSize, kChunk, kChunkEnd, kTrailer, kDone };

  base::Result<bool> step();  // false: more bytes are needed
  base::Result<bool> head();
  base::Result<> field(std::string_view line);
  base::Result<bool> sized(Part next);
  base::Result<bool> chunkSize();
  base::Result<bool> chunkEnd();
  base::Result<bool> trailer();

  Body body_;
  Part part_ = Part::kHead;
  std::string bytes_;  // not yet understood
  int status_ = 0;
  bool chunked_ = false;
  bool has_length_ = false;
  std::uint64_t left_ = 0;  // of the body or the chunk
};

}  // namespace revenge::ctl
