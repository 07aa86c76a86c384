// The flags file to checked and compiled definitions. What is wrong is refused here, so that no evaluation meets it:
// unknown keys and operators, values of the wrong type, cycles, segments and variants that do not exist, a second split
// with the salt of the first. Thread safety: pure functions.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "document/schema.hpp"
#include "flags/definition.hpp"

namespace revenge::flags {

// One line each: "config/flags.yaml:7: flags.new-player.percentage: expected a number from 0 to 100, got 101".
using Problems = std::vector<std::string>;

// `name` is what messages begin with. An empty text defines no flags.
std::expected<Definitions, Problems> readDefinitions(std::string_view text, std::string_view name);

// What the file looks like.
const document::Schema& definitionsSchema();

}  // namespace revenge::flags
