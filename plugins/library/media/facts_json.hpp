// Facts as clients of the API read them: one JSON object, names in snake_case, times in `_ms`, what is not set left out.
// Thread safety: a pure function.
#pragma once

#include <string>

#include "facts.hpp"

namespace library::media {

// {"container":"matroska,webm","duration_ms":1024,"streams":[...],"chapters":[...],"tags":{...}}; the two lists and the tags
// are always there, rationals are "24000/1001". UTF-8 on one line, if the texts of the facts are UTF-8.
std::string toJson(const MediaFacts& facts);

}  // namespace library::media
