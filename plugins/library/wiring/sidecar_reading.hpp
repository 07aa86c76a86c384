// What is in one sidecar file (.nfo), as it is stored. Blocks for as long as the disk takes; safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "disk/folder.hpp"

namespace library {

struct SidecarFile {
  std::string path{};  // below the root
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;
  std::uint64_t inode = 0;
};

struct SidecarText {
  std::string facts{};         // a line of JSON for each description
  std::string tags{};          // as catalogue/sidecar.hpp stores them
  std::string error{};         // why there is nothing, for people
  bool is_text_alone = false;  // it is no description at all: what releases come with
  std::vector<std::string> warnings{};
};

// `roots`: the folders of the library, which hold the images that it may name; asked for when it names any. What the warnings name is
// left out. `changed`: the file is no longer what it was when it was listed.
struct SidecarChanged {};
std::expected<SidecarText, SidecarChanged> readSidecarFile(
    const disk::Root& root, const SidecarFile& file, const std::function<std::vector<std::string>()>& roots);

}  // namespace library
