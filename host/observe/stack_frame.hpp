// One frame of somebody's stack, as it is written down and shown. Thread safety: a plain value.
#pragma once

#include <cstdint>
#include <string>

namespace revenge::observe {

struct StackFrame {
  std::string build_id{};  // of the image; empty: none, or no image is known there
  std::uint64_t offset = 0;
  std::string plugin{};    // empty: the image is of no plugin
  std::string path{};      // of the image as it was loaded
  std::string function{};  // empty: not known, see symbols.hpp

  // For people: "scan(Folder&) thumbs.so+0x1139 (build 1f3c9a02)".
  std::string text() const;
};

}  // namespace revenge::observe
