#include "http/network.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include <arpa/inet.h>

namespace revenge::http {
namespace {

constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;
constexpr unsigned kAllBits = 128;
constexpr unsigned kByteBits = 8;

}  // namespace

bool Network::read(std::string_view address, Bytes& bytes) {
  const std::string text(address);
  if (text.contains(':')) return ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
  std::ranges::copy(kMapped, bytes.begin());
  return ::inet_pton(AF_INET, text.c_str(), bytes.data() + kMapped.size()) == 1;
}

base::Result<Network> Network::parse(std::string_view text) {
  const auto refuse = [&] {
    return base::fail(base::Errc::kInvalid, "expected addresses as 10.0.0.0/8 or 2001:db8::/32, got \"{}\"",
                      text);
  };
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  Network network;
  if (!read(address, network.bytes_)) return refuse();
  const unsigned before = address.contains(':') ? 0 : kMappedBits;
  network.bits_ = kAllBits;
  if (slash == std::string_view::npos) return network;
  const std::string_view length = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (error != std::errc() || end != length.data() + length.size() || bits > kAllBits - before)
    return refuse();
  network.bits_ = before + bits;
  return network;
}

bool Network::holds(std::string_view address) const {
  Bytes bytes;
  if (!read(address, bytes)) return false;
  for (unsigned bit = 0; bit < bits_; bit += kByteBits) {
    const unsigned left = std::min(bits_ - bit, kByteBits);
    const auto mask = static_cast<unsigned char>(0xff << (kByteBits - left));
    if (((bytes.at(bit / kByteBits) ^ bytes_.at(bit / kByteBits)) & mask) != 0) return false;
  }
  return true;
}

}  // namespace revenge::http
