// A folder of the test's own with files in it, gone at its end.
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <stdlib.h>

namespace stream::testing {

namespace fs = std::filesystem;

class MediaFolder {
 public:
  MediaFolder() {
    std::string pattern = (fs::temp_directory_path() / "stream-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    // The temporary folder may itself be a link.
    path_ = fs::canonical(pattern);
    fs::permissions(path_, fs::perms{0755});
  }
  MediaFolder(const MediaFolder&) = delete;
  MediaFolder& operator=(const MediaFolder&) = delete;
  ~MediaFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  const fs::path& path() const { return path_; }
  std::string text() const { return path_.string(); }

  fs::path write(const std::string& relative, const std::string& content = "bytes") const {
    const fs::path file = path_ / relative;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }
  // `target` as it stands in the link.
  void link(const std::string& relative, const fs::path& target) const {
    fs::create_directories((path_ / relative).parent_path());
    fs::create_symlink(target, path_ / relative);
  }

 private:
  fs::path path_;
};

}  // namespace stream::testing
