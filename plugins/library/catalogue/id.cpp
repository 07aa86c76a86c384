#include "catalogue/id.hpp"

#include <algorithm>
#include <cstring>

namespace library {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::array<std::size_t, 4> kHyphens{8, 13, 18, 23};
constexpr std::size_t kTextSize = 36;
constexpr int kKeyCountBits = 21;

bool isHyphenPlace(std::size_t at) { return std::ranges::find(kHyphens, at) != kHyphens.end(); }

int digitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string text(const Id& id) {
  std::string out;
  out.reserve(kTextSize);
  for (const unsigned char byte : id.bytes) {
    if (isHyphenPlace(out.size())) out += '-';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

std::optional<Id> parseId(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  Id id;
  std::size_t digits = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (isHyphenPlace(at)) {
      if (text[at] != '-') return std::nullopt;
      continue;
    }
    const int digit = digitOf(text[at]);
    if (digit < 0) return std::nullopt;
    unsigned char& byte = id.bytes[digits++ / 2];
    byte = static_cast<unsigned char>(unsigned{byte} << 4U | static_cast<unsigned>(digit));
  }
  return id;
}

std::string_view bytesOf(const Id& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

std::optional<Id> idOf(std::string_view bytes) {
  Id id;
  if (bytes.size() != id.bytes.size()) return std::nullopt;
  std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
  return id;
}

std::size_t IdHash::operator()(const Id& id) const {
  std::size_t low = 0;
  std::memcpy(&low, id.bytes.data() + id.bytes.size() - sizeof low, sizeof low);
  return low;
}

Id IdMaker::id(std::int64_t unix_ms) {
  // Within a millisecond the 12 bits beside the version count, so that the order holds there too.
  constexpr std::uint32_t kMostCounted = 0xfff;
  if (unix_ms > last_ms_) {
    last_ms_ = unix_ms;
    count_ = static_cast<std::uint32_t>(random_() & 0xffU);
  } else if (++count_ > kMostCounted) {
    ++last_ms_;
    count_ = 0;
  }
  Id id;
  for (std::size_t i = 0; i < 6; ++i)
    id.bytes[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(last_ms_) >> (8 * (5 - i)));
  id.bytes[6] = static_cast<unsigned char>(0x70U | count_ >> 8U);
  id.bytes[7] = static_cast<unsigned char>(count_);
  const std::uint64_t random = random_();
  std::memcpy(id.bytes.data() + 8, &random, sizeof random);
  id.bytes[8] = static_cast<unsigned char>(0x80U | (id.bytes[8] & 0x3fU));
  return id;
}

std::int64_t IdMaker::key(std::int64_t unix_ms) {
  const std::int64_t earliest = unix_ms << kKeyCountBits | static_cast<std::int64_t>(random_() & 0xffU);
  last_key_ = std::max(last_key_ + 1, earliest);
  return last_key_;
}

}  // namespace library
