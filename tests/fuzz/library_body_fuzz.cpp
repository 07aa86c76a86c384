// The body of a library, and a patch of one, whatever bytes they are: what is read says where it is wrong, or is within its
// limits; a patch of itself changes nothing.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/json.hpp"
#include "api/library_settings.hpp"
#include "api/query_reader.hpp"
#include "naming/text.hpp"
#include "require.hpp"

using namespace library::api;
using revenge::fuzz::require;

namespace {

void requireRefusals(const FieldErrors& errors) {
  require(!errors.empty(), "a refusal says why");
  for (const FieldError& one : errors) {
    require(!one.code.empty() && !one.message.empty(), "each field has a code and a message");
    require(library::naming::isUtf8(one.field), "fields are UTF-8");
  }
}

void requireLimits(const LibrarySettings& settings) {
  require(!settings.name.empty() && lengthOf(settings.name) <= 255, "the name is within its limits");
  require(!settings.paths.empty() && settings.paths.size() <= 64, "there are some paths and not too many");
  for (const std::string& path : settings.paths) require(path.starts_with('/'), "paths are absolute");
  // Read again it is the same.
  const std::vector<std::string> nowhere;
  const auto again = readLibrary(jsonOf(settings), {.allowed = nowhere, .kept = settings.paths});
  require(again && *again == settings, "what was read is read back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = parseJson(text);
  if (!json) {
    require(json.error().line >= 1 && json.error().column >= 1 && json.error().column <= size + 1,
            "it is somewhere");
    require(!json.error().what.empty(), "it is told what is wrong");
    return 0;
  }
  // No path is looked for on the disk: those that could pass are kept ones.
  const std::vector<std::string> nowhere;
  const std::vector<std::string> kept{"/films", "/films/old", "/shows"};
  for (const Json& body :
       {*json, merged(jsonOf({.name = "Films", .type = "movie", .paths = {"/films"}}), *json)}) {
    const auto settings = readLibrary(body, {.allowed = nowhere, .kept = kept});
    if (settings)
      requireLimits(*settings);
    else
      requireRefusals(settings.error());
  }
  return 0;
}
