// JSON text to Value and back, for hostile input: strict RFC 8259 and bounded. Thread safety: pure functions.
#pragma once

#include "base/result.hpp"
#include "document/limits.hpp"
#include "document/value.hpp"

namespace revenge::document {

// `name` is what messages begin with ("plugins/stream/plugin.json:3: ..."). Refuses, naming the line: what exceeds the
// limits, duplicate keys, invalid UTF-8, anything after the value. Integers beyond 64 bits become doubles.
base::Result<Value> parseJson(std::string_view text, std::string_view name, const Limits& limits = {});

enum class Layout { kCompact, kPretty };

// Always valid JSON and valid UTF-8: a byte that is neither becomes U+FFFD. A double that is no finite number is null.
std::string writeJson(const Value& value, Layout layout = Layout::kCompact);

}  // namespace revenge::document
