// A plugin's folder and its build tree, as revenge_add_plugin() left them. Thread safety: confined to one thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace revenge::author {

struct Project {
  std::filesystem::path folder;  // absolute
  std::filesystem::path build;   // absolute
};

// What a build makes of the folder's plugin.json.
struct Product {
  std::string id;
  std::string target;             // of CMake
  std::filesystem::path package;  // folder
};

bool isConfigured(const Project& project);
std::vector<std::string> configureWords(const Project& project, const std::string& preset);
std::vector<std::string> buildWords(const Project& project, const std::string& target);

// kNotFound: the build tree knows of none.
base::Result<Product> productOf(const Project& project);

base::Result<std::string> readText(const std::filesystem::path& file);

}  // namespace revenge::author
