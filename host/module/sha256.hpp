// SHA-256 (FIPS 180-4). Thread safety: confine each object to a thread. Uses the SHA instructions where the
// processor has them (about 1.5 GB/s, a plugin of 3 MB in 2 ms) and plain code elsewhere. Rationale: loading
// libcrypto for this one function costs more start-up time and memory than the function itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"

namespace revenge::module {

class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;
  enum class Code : std::uint8_t { kFastest, kPlain };  // kPlain: as on a processor without the instructions

  explicit Sha256(Code code = Code::kFastest) : code_(code) {}

  void update(std::span<const std::byte> bytes);
  Digest finish();  // once; the object is spent afterwards

  static std::string hex(const Digest& digest);
  // Of everything the descriptor holds from offset 0 on, without moving its position; lower-case hex.
  static base::Result<std::string> ofDescriptor(int descriptor);

 private:
  void compress(const std::byte* block, std::size_t blocks);

  Code code_;
  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> pending_{};
  std::size_t pendingBytes_ = 0;
  std::uint64_t totalBytes_ = 0;
};

}  // namespace revenge::module
