// What ffprobe answers of a file, which may be anybody's: reading it ends, its texts are UTF-8, its numbers are in their ranges.
#include <string_view>

#include <nlohmann/json.hpp>

#include "media/facts_json.hpp"
#include "media/probe.hpp"
#include "naming/text.hpp"
#include "require.hpp"

using namespace library::media;
using revenge::fuzz::require;

namespace {

void requireText(std::string_view text) { require(library::naming::isUtf8(text), "it is UTF-8"); }

void requireStream(const Stream& stream) {
  for (const std::string& text : {stream.codec, stream.profile, stream.language, stream.title,
                                  stream.audio.layout, stream.video.pixel_format}) {
    requireText(text);
  }
  const int rotation = stream.video.rotation.value_or(0);
  require(rotation >= 0 && rotation < 360, "a rotation is less than a turn");
  require(stream.video.width.value_or(1) > 0 && stream.audio.channels.value_or(1) > 0,
          "a size is more than none");
  for (const auto& ratio : {stream.video.frame_rate, stream.video.sample_aspect}) {
    require(!ratio || (ratio->numerator > 0 && ratio->denominator > 0), "a ratio is more than none");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto facts = readProbe({reinterpret_cast<const char*>(data), size});
  if (!facts) {
    requireText(facts.error());
    require(!facts.error().empty(), "a refusal says why");
    return 0;
  }
  require(facts->duration_ms.value_or(0) >= 0 && facts->bit_rate.value_or(1) > 0, "no length is below none");
  require(facts->streams.size() <= kMaxStreams && facts->chapters.size() <= kMaxChapters,
          "the lists are bounded");
  for (const Stream& stream : facts->streams) requireStream(stream);
  for (const Chapter& chapter : facts->chapters) {
    require(chapter.start_ms >= 0 && chapter.end_ms >= chapter.start_ms, "a chapter ends after it starts");
  }
  const std::string json = toJson(*facts);
  requireText(json);
  require(nlohmann::json::accept(json), "what is written is JSON");
  return 0;
}
