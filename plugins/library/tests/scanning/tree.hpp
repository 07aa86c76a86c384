// Tree: a folder of files for one test, gone with it.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

namespace library::testing {

class Tree {
 public:
  Tree() {
    std::string name = (std::filesystem::temp_directory_path() / "library.XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Tree() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  std::string path(std::string_view below = "") const {
    return below.empty() ? path_ : path_ + "/" + std::string(below);
  }
  void write(std::string_view below, std::string_view text = "film") const {
    const std::filesystem::path file(path(below));
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  void folder(std::string_view below) const { std::filesystem::create_directories(path(below)); }
  void link(std::string_view target, std::string_view below) const {
    std::filesystem::create_symlink(std::filesystem::path(target), path(below));
  }

 private:
  std::string path_;
};

}  // namespace library::testing
