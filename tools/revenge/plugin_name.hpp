// The name of a new plugin, and what is called after it. Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace revenge::author {

// The name becomes an id, a C++ namespace and a CMake target. kInvalid says what is wrong with it.
base::Result<> checkPluginName(std::string_view name);

std::string namespaceOf(std::string_view name);  // my-store: my_store
std::string classOf(std::string_view name);      // my-store: MyStorePlugin

// A file of the template, whose plugin is called hello, for the plugin of that name.
std::string renamed(std::string_view text, std::string_view name);

}  // namespace revenge::author
