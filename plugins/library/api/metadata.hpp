// metadataJson(): what providers say of a title or an item, as clients see it. Pure; thread safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace library::api {

struct MetadataView {
  std::string_view provider;
  std::string_view part{};  // "season 2", "artist"; empty: the title or item itself
  std::string_view facts;   // a JSON object; anything else says nothing
};

// Of each field the first of `views` that has it: they are in the order of precedence. Empty: nothing is said.
std::string metadataJson(std::span<const MetadataView> views);

}  // namespace library::api
