#include "http/response_reader.hpp"

#include <algorithm>

namespace revenge::http {

void ResponseReader::begin(Method to) {
  to_ = to;
  at_ = At::kHead;
  started_ = false;
  interim_ = 0;
  head_ = nullptr;
  why_ = {};
}

ResponseReader::Read ResponseReader::next(std::string_view bytes) {
  if (!bytes.empty()) started_ = true;
  if (at_ == At::kHead) {
    std::size_t used = 0;
    for (;;) {  // interim heads leave what comes behind them
      Read read = readHead(bytes.substr(used));
      read.consumed += used;
      if (read.step != Step::kNeedMore || read.consumed == bytes.size()) return read;
      used = read.consumed;
    }
  }
  if (at_ == At::kEnded || body_ == BodyEnd::kNone) {
    at_ = At::kEnded;
    return {Step::kEnd, 0, {}};
  }
  if (bytes.empty()) return {Step::kNeedMore, 0, {}};
  if (body_ == BodyEnd::kClose) return {Step::kData, bytes.size(), bytes};
  if (body_ == BodyEnd::kLength) {
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    left_ -= take;
    if (left_ == 0) body_ = BodyEnd::kNone;
    return {Step::kData, take, bytes.substr(0, take)};
  }
  const ChunkDecoder::Decoded decoded = chunks_.next(bytes);
  switch (decoded.step) {
    case ChunkDecoder::Step::kNeedMore:
      return {Step::kNeedMore, decoded.consumed, {}};
    case ChunkDecoder::Step::kData:
      return {Step::kData, decoded.consumed, decoded.piece};
    case ChunkDecoder::Step::kEnd:
      at_ = At::kEnded;
      return {Step::kEnd, decoded.consumed, {}};
    case ChunkDecoder::Step::kBad:
      break;
  }
  return bad("has malformed chunks");
}

ResponseReader::Read ResponseReader::readHead(std::string_view bytes) {
  if (head_ == nullptr) head_ = std::make_unique<ResponseHead>();
  std::string& kept = head_->bytes;
  std::size_t used = 0;
  while (used < bytes.size()) {
    const std::size_t line_feed = bytes.find('\n', used);
    const std::size_t end = line_feed == std::string_view::npos ? bytes.size() : line_feed + 1;
    if (kept.size() + (end - used) > max_head_bytes_)
      return bad("has a head longer than the operator allows");
    kept.append(bytes, used, end - used);
    used = end;
    if (line_feed == std::string_view::npos) break;
    if (kept.size() < 2 || kept[kept.size() - 2] != '\r') return bad("has a line without CRLF");
    if (kept.ends_with("\r\n\r\n")) return headDone(used);
    if (kept.size() == 2) return bad("begins with an empty line");
  }
  return {Step::kNeedMore, used, {}};
}

ResponseReader::Read ResponseReader::headDone(std::size_t consumed) {
  if (const auto wrong = readResponseHead(*head_, to_); !wrong.empty()) return bad(wrong);
  if (head_->status == 101) return bad("switches protocols, which nobody asked for");
  if (head_->status < 200) {
    head_ = nullptr;
    if (++interim_ > kMaxInterim) return bad("has too many interim heads");
    return {Step::kNeedMore, consumed, {}};
  }
  at_ = At::kBody;
  body_ = head_->body;
  persistence_ = head_->persistence;
  left_ = body_ == BodyEnd::kLength ? static_cast<std::uint64_t>(head_->content_length) : 0;
  chunks_ = ChunkDecoder();
  return {Step::kHead, consumed, {}};
}

ResponseReader::Step ResponseReader::closed() {
  if (at_ == At::kEnded || (at_ == At::kBody && (body_ == BodyEnd::kClose || body_ == BodyEnd::kNone))) {
    at_ = At::kEnded;
    return Step::kEnd;
  }
  why_ = at_ == At::kHead ? "was cut off in its head" : "was cut off in its body";
  return Step::kBad;
}

}  // namespace revenge::http
