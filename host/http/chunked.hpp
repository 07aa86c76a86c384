// Chunked framing: a strict decoder for request bodies, and the framing of answers whose length is not known.
// Thread safety: plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace revenge::http {

// Gives the payload of a chunked body out of bytes as they arrive, without copying. Refuses sizes beyond 2^63,
// lines without CRLF, and extensions or trailers beyond kMaxExtra bytes in all.
class ChunkDecoder {
 public:
  enum class Step : std::uint8_t {
    kNeedMore,  // all bytes given were used
    kData,      // `piece` is payload
    kEnd,       // the body has ended; the rest of the bytes belongs to the next request
    kBad,
  };
  struct Decoded {
    Step step;
    std::size_t consumed;  // of the bytes given; give the rest again
    std::string_view piece;
  };
  static constexpr std::size_t kMaxExtra = 4096;

  Decoded next(std::string_view bytes);

 private:
  enum class At : std::uint8_t {
    kSizeFirst,
    kSize,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerFirst,
    kTrailer,
    kTrailerLf,
    kEndLf,
    kEnded
  };
  bool step(char c);
  bool addDigit(char c);
  bool countExtra() { return ++extra_ <= kMaxExtra; }

  At at_ = At::kSizeFirst;
  std::uint64_t left_ = 0;
  std::size_t extra_ = 0;
};

// "1f40\r\n" for a chunk of that size.
class ChunkHeader {
 public:
  explicit ChunkHeader(std::uint64_t size);
  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 18> text_;
  std::size_t size_;
};

inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace revenge::http
