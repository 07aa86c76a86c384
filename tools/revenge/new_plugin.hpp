// `revenge new`: a plugin that builds and passes its own tests, made from the template of the SDK. Thread safety: confined
// to one thread.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "revenge/installation.hpp"

namespace revenge::author {

struct NewPlugin {
  std::string name;
  std::filesystem::path folder;
};

// On failure the folder is as it was, but for what the disk did not take.
base::Result<> makePlugin(const NewPlugin& plugin, const Installation& installation);

}  // namespace revenge::author
