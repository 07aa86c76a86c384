// The file of what the operator wants. It is read by name, so that the input goes into a file in memory first.
#include <filesystem>
#include <fstream>

#include <stdlib.h>
#include <unistd.h>

#include "plugin/desired.hpp"
#include "require.hpp"

namespace {

using revenge::fuzz::require;

// A folder in memory where there is one: a disk would be asked to make every round durable.
class Folder {
 public:
  Folder() {
    const bool memory = ::access("/dev/shm", W_OK) == 0;
    std::string name =
        (memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) + "/revenge-XXXXXX";
    require(::mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::filesystem::path file() const { return path_ / "desired"; }

 private:
  std::filesystem::path path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using revenge::plugin::Desired;
  static const Folder folder;
  std::ofstream(folder.file(), std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  const auto wishes = Desired::read(folder.file());
  if (!wishes) {
    require(wishes.error().message.starts_with(folder.file().string() + ":"),
            "a refusal names file and line");
    return 0;
  }
  if (wishes->empty()) return 0;
  const auto [id, wish] = *wishes->begin();
  Desired desired(folder.file(), *wishes);
  require(desired.set(id, wish).has_value(), "what was read can be written");
  const auto again = Desired::read(folder.file());
  require(again.has_value() && *again == *wishes, "and is read back as it was");
  return 0;
}
