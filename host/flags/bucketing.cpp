#include "flags/bucketing.hpp"

#include <bit>
#include <cstring>

namespace revenge::flags {
namespace {

std::uint32_t littleEndian(const void* bytes) {
  std::uint32_t block = 0;
  std::memcpy(&block, bytes, sizeof block);
  if constexpr (std::endian::native == std::endian::big) block = __builtin_bswap32(block);
  return block;
}

std::uint32_t scrambled(std::uint32_t block) { return std::rotl(block * 0xcc9e2d51U, 15) * 0x1b873593U; }

std::uint32_t mixed(std::uint32_t state, std::uint32_t block) {
  return std::rotl(state ^ scrambled(block), 13) * 5 + 0xe6546b64U;
}

}  // namespace

void Murmur3::add(std::string_view bytes) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint32_t filled = length_ % 4;
  std::uint32_t state = state_;
  std::uint32_t tail = tail_;
  length_ += static_cast<std::uint32_t>(left);
  const auto take = [&] {
    tail |= std::uint32_t{static_cast<unsigned char>(*at++)} << (8 * filled++);
    --left;
  };
  while (filled != 0 && filled < 4 && left != 0) take();
  if (filled == 4) {
    state = mixed(state, tail);
    tail = filled = 0;
  }
  for (; left >= 4; left -= 4, at += 4) state = mixed(state, littleEndian(at));
  while (left != 0) take();
  state_ = state;
  tail_ = tail;
}

std::uint32_t Murmur3::ended() const {
  std::uint32_t state = state_;
  if (length_ % 4 != 0) state ^= scrambled(tail_);
  state ^= length_;
  state = (state ^ state >> 16) * 0x85ebca6bU;
  state = (state ^ state >> 13) * 0xc2b2ae35U;
  return state ^ state >> 16;
}

std::uint32_t murmur3(std::string_view bytes) {
  Murmur3 hash;
  hash.add(bytes);
  return hash.ended();
}

}  // namespace revenge::flags
