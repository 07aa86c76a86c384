// placeSidecars(): which of the titles and items of a folder its sidecar files describe, by their names, and by what they were
// found to say. Pure; thread safe.
#pragma once

#include "catalogue/placing.hpp"

namespace library {

// Adds the sidecars among the files to the items, the loose files and the sidecars of titles.
void placeSidecars(LibraryType type, std::string_view folder, std::span<const NamedFile> files,
                   Placement& placement);

// The entry that describes such a title, or such a part of one; nothing: the sidecar is of something else.
std::optional<std::size_t> entryFor(const TitleSidecar& sidecar, std::span<const SidecarEntry> entries);

// A name that sidecars of titles have, whatever the folder.
bool isSidecarOfTitle(std::string_view name);

}  // namespace library
