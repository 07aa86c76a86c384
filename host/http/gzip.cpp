#include "http/gzip.hpp"

#include <cstdint>

#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/crc.hpp>

namespace revenge::http {
namespace {

namespace zlib = boost::beast::zlib;

// Deflate, no name, no time, unknown system.
constexpr std::string_view kHead("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
constexpr int kLevel = 1;  // of text that repeats itself it leaves a tenth; more work leaves little less
constexpr int kWindowBits = 15;
constexpr int kMemoryLevel = 8;

void appendLittleEndian(std::string& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 0xff);
}

}  // namespace

std::string gzipped(std::string_view plain) {
  zlib::deflate_stream deflate;
  deflate.reset(kLevel, kWindowBits, kMemoryLevel, zlib::Strategy::normal);
  std::string out(kHead);
  out.resize(kHead.size() + deflate.upper_bound(plain.size()) + 16);
  zlib::z_params stream;
  stream.next_in = plain.data();
  stream.avail_in = plain.size();
  stream.next_out = out.data() + kHead.size();
  stream.avail_out = out.size() - kHead.size();
  boost::beast::error_code ended;
  deflate.write(stream, zlib::Flush::finish, ended);
  out.resize(out.size() - stream.avail_out);

  boost::crc_32_type sum;
  sum.process_bytes(plain.data(), plain.size());
  appendLittleEndian(out, sum.checksum());
  appendLittleEndian(out, static_cast<std::uint32_t>(plain.size()));
  return out;
}

}  // namespace revenge::http
