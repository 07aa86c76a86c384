// Files of one folder that are parts of one: "cd1" and "cd2" of the same name. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace library::naming {

struct NamedFile {
  std::string stem;  // display form
  std::string extension;
  std::size_t place = 0;  // in the list of the caller
};

struct Stack {
  std::string stem;  // without the mark of the part
  std::string extension;
  std::vector<std::size_t> places;  // in the order of the parts; one: a file by itself
  std::size_t order = 0;            // of its first file among those given
};

// Requires: the files are sorted by stem. A part without a second one is a file by itself.
std::vector<Stack> findStacks(std::span<const NamedFile> files);

}  // namespace library::naming
