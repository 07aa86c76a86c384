// How the host is, as people read it. Thread safety: pure functions.
#pragma once

#include <string>

#include "document/value.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

std::string showHealth(const document::Value& health, Colours colours);

}  // namespace revenge::ctl
