// Installed packages as text for people. Thread safety: pure functions.
#pragma once

#include <string>

#include "document/value.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

std::string showInstalled(const document::Value& installed, Colours colours);
std::string showPackages(const document::Value& packages, Colours colours);

}  // namespace revenge::ctl
