// A folder with a configuration in it. Thread safety: for one test's thread.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "config/load.hpp"
#include "document/json.hpp"

namespace revenge::config {

inline document::Schema schemaOf(std::string_view text) {
  return document::Schema::load(document::parseJson(text, "schema").value(), "schema").value();
}

class ConfigFolder : public testing::Test {
 protected:
  ConfigFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "revenge-config-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~ConfigFolder() override { std::filesystem::remove_all(folder_); }

  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  void write(std::string_view name, std::string_view text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  // Without the folder of the test.
  std::string shown(std::string line) const {
    const std::string folder = folder_.string() + "/";
    for (auto at = line.find(folder); at != std::string::npos; at = line.find(folder))
      line.erase(at, folder.size());
    return line;
  }

  std::filesystem::path folder_;
};

}  // namespace revenge::config
