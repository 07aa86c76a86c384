// Changes one value in a text of YAML and leaves all else of it, comments and layout too, as it stands. What comes out was
// parsed again: it is the old tree with that one change, or the edit is refused. Thread safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "document/value.hpp"

namespace revenge::document {

// `steps` lead through objects; sections that are missing on the way are made. Errors begin with `name`: what parseYaml
// refuses, and kRefused where the text is written in a way that only a person can change (anchors, tags, keys with "?").
base::Result<std::string> withValue(std::string_view text, std::string_view name,
                                    std::span<const std::string> steps, const Value& value);

// Takes a key out, and the sections around it that would stay empty. kNotFound: it is not there.
base::Result<std::string> withoutValue(std::string_view text, std::string_view name,
                                       std::span<const std::string> steps);

}  // namespace revenge::document
