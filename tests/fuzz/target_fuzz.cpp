// The path and the query of a target, as a request line may hold them.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "http/target.hpp"
#include "http/text.hpp"
#include "require.hpp"

namespace {

using namespace revenge::http;
using revenge::fuzz::require;

std::string_view text(revenge_view view) { return {view.data, view.size}; }

std::string escaped(std::string_view bytes, std::string_view kept) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (kept.contains(c)) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return out;
}

void checkPath(std::string_view raw) {
  std::string storage;
  const auto path = decodePath(raw, storage);
  if (!path) return;
  require(path->starts_with('/'), "a path begins at the root");
  require(!path->contains('\0'), "holds no NUL");
  require(path->size() <= raw.size(), "decoding only shrinks");
  require(std::ranges::count(*path, '/') <= std::ranges::count(raw, '/'), "no segment is split");
  const std::string closed = std::string(*path) + "/";
  require(!closed.contains("/../") && !closed.contains("/./"), "no dot segment is left");
  std::string again;
  require(decodePath(escaped(*path, "/"), again) == path, "escaped and decoded, it is itself");
}

void checkQuery(std::string_view raw) {
  std::string storage;
  std::vector<revenge_field> pairs;
  if (!decodeQuery(raw, storage, pairs)) return;
  require(std::cmp_less_equal(pairs.size(), std::ranges::count(raw, '&') + 1), "no pair is made up");
  const auto inside = [](std::string_view part, std::string_view whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
  };
  std::string written;
  for (const auto& [name, value] : pairs) {
    for (const auto part : {text(name), text(value)}) {
      require(part.empty() || inside(part, raw) || inside(part, storage), "a view lies in raw or storage");
      require(!part.contains('\0'), "no part holds a NUL");
    }
    written += (written.empty() ? "" : "&") + escaped(text(name), "") + "=" + escaped(text(value), "");
  }
  std::string again;
  std::vector<revenge_field> same;
  require(decodeQuery(written, again, same) && same.size() == pairs.size(),
          "escaped and decoded, it is as long");
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    require(text(same[i].name) == text(pairs[i].name) && text(same[i].value) == text(pairs[i].value),
            "and itself");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view target(reinterpret_cast<const char*>(data), size);
  // The request parser has refused a target with controls.
  if (!std::ranges::all_of(target, isFieldValueByte)) return 0;
  const std::size_t question = target.find('?');
  checkPath(target.substr(0, question));
  if (question != std::string_view::npos) checkQuery(target.substr(question + 1));
  return 0;
}
