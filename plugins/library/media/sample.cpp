#include "sample.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>

#include <unistd.h>
#include <xxhash.h>

namespace library::media {
namespace {

// 0, or an errno.
int readAll(int descriptor, std::span<std::byte> into, std::uint64_t offset) {
  while (!into.empty()) {
    const ssize_t count = ::pread(descriptor, into.data(), into.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return ENODATA;
    into = into.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return 0;
}

}  // namespace

std::expected<Sample, int> sampleOf(int descriptor, std::uint64_t size) {
  constexpr std::size_t kPrefix = sizeof size;
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(size, 2 * kSampleBytes));
  const auto bytes = std::make_unique_for_overwrite<std::byte[]>(kPrefix + taken);
  for (std::size_t i = 0; i < kPrefix; ++i) bytes[i] = static_cast<std::byte>(size >> (8 * i));
  const std::span<std::byte> content(bytes.get() + kPrefix, taken);

  const std::size_t front = size == taken ? taken : kSampleBytes;
  if (const int error = readAll(descriptor, content.first(front), 0)) return std::unexpected(error);
  const auto back = content.subspan(front);
  if (const int error = readAll(descriptor, back, size - back.size())) return std::unexpected(error);

  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(&digest, XXH3_128bits(bytes.get(), kPrefix + taken));
  Sample sample;
  static_assert(sizeof digest.digest == sizeof sample);
  std::memcpy(sample.data(), digest.digest, sizeof sample);
  return sample;
}

}  // namespace library::media
