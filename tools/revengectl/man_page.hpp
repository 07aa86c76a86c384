// revengectl(1), made of the table of commands: what --help says, as roff. Thread safety: a pure function.
#pragma once

#include <string>

namespace revenge::ctl {

std::string manPage();

}  // namespace revenge::ctl
