#include "revengectl/response_reader.hpp"

#include <algorithm>
#include <charconv>

namespace revenge::ctl {

namespace {

using base::Errc;

constexpr std::size_t kMaxHead = 64U << 10U;
constexpr std::size_t kMaxLine = 1024;
constexpr std::size_t kStatusLine = 12;  // "HTTP/1.1 200"
constexpr int kDecimal = 10;
constexpr int kHexadecimal = 16;

std::unexpected<base::Error> garbage(std::string_view what) {
  return base::fail(Errc::kInvalid, "what answers is no Revenge host: {}", what);
}

template <typename Number>
bool parse(std::string_view text, Number& number, int radix = kDecimal) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, radix);
  return error == std::errc() && stop == end;
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return lowered;
}

}  // namespace

base::Result<> ResponseReader::take(std::string_view bytes) {
  bytes_ += bytes;
  while (part_ != Part::kDone) {
    const auto went_on = step();
    if (!went_on) return std::unexpected(went_on.error());
    if (!*went_on) return {};
  }
  return {};
}

base::Result<> ResponseReader::end() {
  if (part_ == Part::kUntilEnd) part_ = Part::kDone;
  if (part_ == Part::kDone) return {};
  return base::fail(Errc::kIo, "the host closed the connection before its answer was complete");
}

base::Result<bool> ResponseReader::step() {
  switch (part_) {
    case Part::kHead:
      return head();
    case Part::kSized:
      return sized(Part::kDone);
    case Part::kUntilEnd:
      left_ = bytes_.size();
      return sized(Part::kUntilEnd);
    case Part::kChunkSize:
      return chunkSize();
    case Part::kChunk:
      return sized(Part::kChunkEnd);
    case Part::kChunkEnd:
      return chunkEnd();
    case Part::kTrailer:
      return trailer();
    case Part::kDone:
      break;
  }
  return false;
}

base::Result<bool> ResponseReader::head() {
  const std::string_view expected = "HTTP/1.";
  const auto begin = std::string_view(bytes_).substr(0, expected.size());
  if (!expected.starts_with(begin)) return garbage("its answer is not HTTP/1.1");
  const std::size_t size = bytes_.find("\r\n\r\n");
  if (size == std::string::npos) {
    if (bytes_.size() > kMaxHead) return garbage("the head of its answer does not end");
    return false;
  }
  const std::string head = bytes_.substr(0, size + 2);
  bytes_.erase(0, size + 4);
  const std::string_view code = std::string_view(head).substr(0, kStatusLine);
  if (code.size() < kStatusLine || code[8] != ' ' || !parse(code.substr(9), status_) || status_ < 200)
    return garbage("its answer has no status");
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t stop = head.find("\r\n", at);
    if (auto ok = field(std::string_view(head).substr(at, stop - at)); !ok)
      return std::unexpected(ok.error());
    at = stop + 2;
  }
  part_ = chunked_ ? Part::kChunkSize : has_length_ ? Part::kSized : Part::kUntilEnd;
  return true;
}

base::Result<> ResponseReader::field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return garbage("a field of its answer has no name");
  const std::string name = lower(line.substr(0, colon));
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  value = value.substr(0, value.find_last_not_of(" \t") + 1);
  if (name == "content-length") {
    has_length_ = true;
    if (!parse(value, left_)) return garbage("its answer has no length");
  } else if (name == "transfer-encoding") {
    chunked_ = lower(value) == "chunked";
    if (!chunked_) return garbage("its answer is encoded in an unknown way");
  }
  return {};
}

// Hands on up to left_ bytes; then goes on with `next`.
base::Result<bool> ResponseReader::sized(Part next) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes_.size()));
  if (size > 0) {
    if (auto ok = body_(std::string_view(bytes_).substr(0, size)); !ok) return std::unexpected(ok.error());
    bytes_.erase(0, size);
    left_ -= size;
  }
  if (left_ > 0 || next == part_) return false;
  part_ = next;
  return true;
}

base::Result<bool> ResponseReader::chunkSize() {
  const std::size_t size = bytes_.find("\r\n");
  if (size == std::string::npos && bytes_.size() < kMaxLine) return false;
  const std::string_view line = std::string_view(bytes_).substr(0, size);
  if (size == std::string::npos || !parse(line.substr(0, line.find(';')), left_, kHexadecimal))
    return garbage("a chunk of its answer has no length");
  bytes_.erase(0, size + 2);
  part_ = left_ == 0 ? Part::kTrailer : Part::kChunk;
  return true;
}

base::Result<bool> ResponseReader::chunkEnd() {
  if (bytes_.size() < 2) return false;
  if (!bytes_.starts_with("\r\n")) return garbage("a chunk of its answer is longer than it says");
  bytes_.erase(0, 2);
  part_ = Part::kChunkSize;
  return true;
}

base::Result<bool> ResponseReader::trailer() {
  const std::size_t size = bytes_.find("\r\n");
  if (size == std::string::npos) {
    if (bytes_.size() > kMaxLine) return garbage("its answer does not end");
    return false;
  }
  bytes_.erase(0, size + 2);
  if (size == 0) part_ = Part::kDone;
  return true;
}

}  // namespace revenge::ctl
