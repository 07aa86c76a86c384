// A Range field. Input: the size of the representation on a line, then the field.
#include <charconv>
#include <string>

#include "http/range.hpp"
#include "require.hpp"

using revenge::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace revenge::http;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  std::int64_t total = 0;
  std::from_chars(input.data(), input.data() + line, total);
  if (total < 0) return 0;
  const auto bytes = static_cast<std::uint64_t>(total);

  const RangeSet set = RangeSet::parse(input.substr(std::min(line + 1, size)), bytes);
  require((set.kind() == RangeSet::Kind::kParts) == !set.parts().empty(),
          "parts are there when they are sent");
  require(set.kind() == RangeSet::Kind::kWhole || bytes > 0, "an empty representation is sent whole");
  std::uint64_t asked = 0;
  std::string written = "bytes=";
  for (const ByteRange& part : set.parts()) {
    require(part.length > 0 && part.length <= bytes && part.offset <= bytes - part.length,
            "a part lies within");
    asked += part.length;
    const auto separator = written.ends_with('=') ? "" : ", ";
    written += separator + std::to_string(part.offset) + "-" + std::to_string(part.offset + part.length - 1);
  }
  require(asked <= bytes, "no answer is longer than the representation");
  if (set.kind() != RangeSet::Kind::kParts) return 0;
  const RangeSet again = RangeSet::parse(written, bytes);
  require(again.parts().size() == set.parts().size(), "written out, it asks for as many parts");
  for (std::size_t i = 0; i < set.parts().size(); ++i) {
    require(
        again.parts()[i].offset == set.parts()[i].offset && again.parts()[i].length == set.parts()[i].length,
        "and for the same");
  }
  return 0;
}
