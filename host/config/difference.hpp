// Which values two configurations differ in. Thread safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "document/value.hpp"

namespace revenge::config {

// JSON pointers of leaves (an array is one) that are in one of both only, or another value there; never the values. In
// the order of `after`, then what has gone.
std::vector<std::string> changedPointers(const document::Value& before, const document::Value& after);

}  // namespace revenge::config
