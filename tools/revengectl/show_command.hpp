// Commands of plugins and what they answer, as people read them. Thread safety: pure functions.
#pragma once

#include <string>

#include "document/value.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

// Those of one plugin, each with its arguments.
std::string showCommands(const document::Value& listed, Colours colours);
// Whatever a command answers: its plain members a line each, its lists of objects as tables. `taken_at` is shown as a time and
// `size_bytes` as a size, by the endings of their names.
std::string showAnswer(const document::Value& answer, Colours colours);

}  // namespace revenge::ctl
