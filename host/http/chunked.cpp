#include "http/chunked.hpp"

#include <algorithm>
#include <charconv>

#include "http/text.hpp"

namespace revenge::http {

ChunkDecoder::Decoded ChunkDecoder::next(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    if (at_ == At::kData) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - used));
      left_ -= take;
      if (left_ == 0) at_ = At::kDataCr;
      return {Step::kData, used + take, bytes.substr(used, take)};
    }
    if (!step(bytes[used++])) return {Step::kBad, used, {}};
    if (at_ == At::kEnded) return {Step::kEnd, used, {}};
  }
  return {Step::kNeedMore, used, {}};
}

bool ChunkDecoder::addDigit(char c) {
  const int digit = hexValue(c);
  if (digit < 0 || left_ > (std::uint64_t{INT64_MAX} >> 4U)) return false;
  left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
  return true;
}

bool ChunkDecoder::step(char c) {
  const auto go = [this](At at) {
    at_ = at;
    return true;
  };
  switch (at_) {
    case At::kSizeFirst:
      left_ = 0;
      return addDigit(c) && go(At::kSize);
    case At::kSize:
      if (c == '\r') return go(At::kSizeLf);
      if (c == ';') return countExtra() && go(At::kExtension);
      return countExtra() && addDigit(c);
    case At::kExtension:
      if (c == '\r') return go(At::kSizeLf);
      return isFieldValueByte(c) && countExtra();
    case At::kSizeLf:
      return c == '\n' && go(left_ == 0 ? At::kTrailerFirst : At::kData);
    case At::kDataCr:
      return c == '\r' && go(At::kDataLf);
    case At::kDataLf:
      return c == '\n' && go(At::kSizeFirst);
    case At::kTrailerFirst:
      if (c == '\r') return go(At::kEndLf);
      return isTokenByte(c) && countExtra() && go(At::kTrailer);
    case At::kTrailer:
      if (c == '\r') return go(At::kTrailerLf);
      return isFieldValueByte(c) && countExtra();
    case At::kTrailerLf:
      return c == '\n' && go(At::kTrailerFirst);
    case At::kEndLf:
      return c == '\n' && go(At::kEnded);
    case At::kData:
    case At::kEnded:
      break;
  }
  return false;
}

ChunkHeader::ChunkHeader(std::uint64_t size) {
  char* end = std::to_chars(text_.data(), text_.data() + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  size_ = static_cast<std::size_t>(end - text_.data());
}

}  // namespace revenge::http
