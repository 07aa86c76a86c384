// A chunked body, whole and byte by byte, and the framing of our own answers read back.
#include <string>

#include "http/chunked.hpp"
#include "require.hpp"

namespace {

using revenge::fuzz::require;
using revenge::http::ChunkDecoder;
using Step = ChunkDecoder::Step;

struct Body {
  Step end = Step::kNeedMore;
  std::size_t consumed = 0;
  std::string payload;

  bool operator==(const Body&) const = default;
};

Body decode(std::string_view bytes, std::size_t piece) {
  ChunkDecoder decoder;
  Body body;
  while (body.consumed < bytes.size()) {
    const std::string_view given = bytes.substr(body.consumed, piece);
    const auto [step, consumed, data] = decoder.next(given);
    require(consumed > 0 && consumed <= given.size(), "it goes on, and within what it was given");
    require(step == Step::kData ? !data.empty() && data.data() >= given.data() &&
                                      data.data() + data.size() == given.data() + consumed
                                : data.empty(),
            "payload is the end of what was used");
    body.payload += data;
    body.consumed += consumed;
    body.end = step == Step::kData ? Step::kNeedMore : step;
    if (step == Step::kEnd || step == Step::kBad) break;
  }
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace revenge::http;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Body whole = decode(bytes, bytes.size());
  require(decode(bytes, 1) == whole, "it does not matter in what pieces a body arrives");
  require(decode(bytes, 7) == whole, "whatever their size");
  if (whole.end != Step::kEnd || whole.payload.empty()) return 0;
  std::string framed(ChunkHeader(whole.payload.size()).text());
  framed.append(whole.payload).append(kChunkEnd).append(kLastChunk);
  require(decode(framed, framed.size()) == Body{Step::kEnd, framed.size(), whole.payload},
          "we read what we write");
  return 0;
}
