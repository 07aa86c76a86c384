// One YAML document to Value: the core schema and nothing else (yes and 012 are what they look like: "yes" and 12).
// Thread safety: a pure function.
#pragma once

#include "base/result.hpp"
#include "document/limits.hpp"
#include "document/value.hpp"

namespace revenge::document {

// `name` is what messages begin with ("config/revenge.yaml:19: ..."). Refuses, naming the line: what exceeds the
// limits (aliases count expanded), duplicate keys, merge keys, keys that are no scalars, tags outside the core schema,
// .inf and .nan, a second document. An empty text is null. Quoted scalars are strings.
base::Result<Value> parseYaml(std::string_view text, std::string_view name, const Limits& limits = {});

}  // namespace revenge::document
