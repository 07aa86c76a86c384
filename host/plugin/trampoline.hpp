// The host's side of every call into a plugin: an exception that a plugin let out (one not built on the SDK's glue) becomes
// a status here, once, and goes no further; and what it was entered for is noted, should it not come back. Thread safety:
// stateless.
#pragma once

#include <cstring>
#include <exception>
#include <string_view>

#include <revenge/abi/base.h>

#include "base/current_plugin.hpp"

namespace revenge::plugin {

inline void write(revenge_error& error, std::string_view text) {
  if (text.size() > sizeof error.message) {
    text = text.substr(0, sizeof error.message);
    // Not in the middle of a character: continuation bytes and the lead byte before them go.
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.remove_suffix(1);
  }
  std::memcpy(error.message, text.data(), text.size());
  error.length = static_cast<std::uint32_t>(text.size());
}

// `doing` is what the plugin is entered for, a text that outlives the call.
template <typename Call>
revenge_status guarded(const char* doing, revenge_error& error, Call&& call) {
  const base::ActivityScope activity(doing);
  try {
    return call();
  } catch (const std::exception& thrown) {
    write(error, thrown.what());
  } catch (...) {
    write(error, "threw something that is no std::exception");
  }
  return REVENGE_FAILED;
}

}  // namespace revenge::plugin
