#include "state.hpp"

namespace stream {

void StateWriter::number(std::uint64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(value >> shift & 0xFFU);
}

void StateWriter::text(std::string_view value) {
  number(value.size());
  bytes_ += value;
}

std::string_view StateReader::take(std::uint64_t length) {
  good_ = good_ && length <= rest_.size();
  if (!good_) return {};
  const std::string_view taken = rest_.substr(0, length);
  rest_.remove_prefix(taken.size());
  return taken;
}

std::uint64_t StateReader::number() {
  std::uint64_t value = 0;
  unsigned shift = 0;
  for (const char byte : take(8)) {
    value |= std::uint64_t{static_cast<unsigned char>(byte)} << shift;
    shift += 8;
  }
  return value;
}

std::string StateReader::text() { return std::string(take(number())); }

}  // namespace stream
