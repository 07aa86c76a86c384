// What an .nfo file tells of the streams of its film. Thread safety: as Entry has it.
#pragma once

#include "entry.hpp"

namespace library::nfo {

void fileInfo(Entry& entry, const Element& element);

}  // namespace library::nfo
