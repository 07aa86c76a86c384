// A C++ plugin that pulls in templates with static data: unmaps only without unique symbols.
#include <regex>

#include "zoo.h"

static const std::regex pattern("[a-z]+");

ZOO_EXPORT int zoo_matches(const char* text) { return std::regex_match(text, pattern) ? 1 : 0; }
ZOO_PLUGIN
