// KeyedHash: 128 bits that stand for a text which others may choose: a user, an address, an API key. Keyed by a secret of the
// process, so nobody can choose two texts that meet, and a hash that is seen (in a log, in a state) cannot be tried against a list of
// texts. By chance two of 100 000 meet with a probability below 10^-28.
//
//   const auto secret = revenge::HashSecret::random();      // once; handed over with what is kept by its hashes
//   revenge::keyedHash(api_key, secret)                     // what others may come to see
//   revenge::tableHash(name, secret)                        // faster: for tables that nobody else sees
//
// SipHash-2-4 and SipHash-1-3 with 128 bits of output (Aumasson, Bernstein: SipHash, a fast short-input PRF, 2012; the reference
// code's 128-bit variant). No cryptographic hash of contents: who knows the secret can make texts meet. Pure functions.
#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace revenge {

struct HashSecret {
  std::uint64_t first = 0;
  std::uint64_t second = 0;

  static HashSecret random() {
    std::random_device device;
    const auto word = [&] { return std::uint64_t{device()} << 32U | device(); };
    const std::uint64_t first = word();
    return {first, word()};
  }
};

struct KeyedHash {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  auto operator<=>(const KeyedHash&) const = default;
};

namespace detail {

static_assert(std::endian::native == std::endian::little, "words are read as they lie in memory");

// The four words of SipHash; a word of the text takes kRounds, each half of the answer kFinalRounds.
template <int kRounds, int kFinalRounds>
class SipHash {
 public:
  explicit SipHash(const HashSecret& secret) noexcept
      : v0_(secret.first ^ 0x736f6d6570736575U),
        v1_(secret.second ^ 0x646f72616e646f6dU ^ 0xeeU),
        v2_(secret.first ^ 0x6c7967656e657261U),
        v3_(secret.second ^ 0x7465646279746573U) {}

  KeyedHash of(std::string_view text) noexcept {
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at, sizeof word);
      take(word);
    }
    std::uint64_t last = 0;
    if (at < text.size()) std::memcpy(&last, text.data() + at, text.size() - at);
    take(last | std::uint64_t{text.size()} << 56U);
    v2_ ^= 0xeeU;
    const std::uint64_t first = folded();
    v1_ ^= 0xddU;
    return {first, folded()};
  }

 private:
  void rounds(int count) noexcept {
    for (; count > 0; --count) {
      v0_ += v1_;
      v1_ = std::rotl(v1_, 13) ^ v0_;
      v0_ = std::rotl(v0_, 32);
      v2_ += v3_;
      v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ += v3_;
      v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ += v1_;
      v1_ = std::rotl(v1_, 17) ^ v2_;
      v2_ = std::rotl(v2_, 32);
    }
  }
  void take(std::uint64_t word) noexcept {
    v3_ ^= word;
    rounds(kRounds);
    v0_ ^= word;
  }
  std::uint64_t folded() noexcept {
    rounds(kFinalRounds);
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

  std::uint64_t v0_;
  std::uint64_t v1_;
  std::uint64_t v2_;
  std::uint64_t v3_;
};

}  // namespace detail

inline KeyedHash keyedHash(std::string_view text, const HashSecret& secret) noexcept {
  return detail::SipHash<2, 4>(secret).of(text);
}
inline KeyedHash tableHash(std::string_view text, const HashSecret& secret) noexcept {
  return detail::SipHash<1, 3>(secret).of(text);
}

}  // namespace revenge
