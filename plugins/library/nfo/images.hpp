// Pictures, by what writers of .nfo files call them. Thread safety: as Entry has it.
#pragma once

#include <string>

#include "entry.hpp"

namespace library::nfo {

// As it stands there, without the white space around it. Empty: it says nothing, or what no place can be.
std::string placeOf(Entry& entry, const Element& element);

void thumb(Entry& entry, const Element& element);
void fanart(Entry& entry, const Element& element);
void art(Entry& entry, const Element& element);

// Of an element that is called as its kind is: <poster>. False: it is none.
bool addNamedImage(Entry& entry, const Element& element);

}  // namespace library::nfo
