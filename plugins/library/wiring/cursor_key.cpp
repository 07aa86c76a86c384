#include "wiring/cursor_key.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <revenge/result.hpp>

#include "disk/folder.hpp"

namespace library {

namespace {

constexpr std::size_t kBytes = 32;

std::string readKey(const std::string& path) {
  std::string key(kBytes, '\0');
  const revenge::File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.descriptor() < 0 ||
      ::read(file.descriptor(), key.data(), key.size()) != static_cast<ssize_t>(kBytes))
    return {};
  return key;
}

[[noreturn]] void refuse(const std::string& path) {
  throw revenge::Failure(revenge::Errc::kIo, path + ": " + std::generic_category().message(errno));
}

}  // namespace

std::string cursorKey(const std::string& folder) {
  const std::string path = folder + "/cursor.key";
  if (std::string key = readKey(path); !key.empty()) return key;
  std::string key(kBytes, '\0');
  if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(kBytes)) refuse(path);
  const std::string made = path + "." + std::to_string(::getpid());
  constexpr mode_t kMode = 0600;
  {
    const revenge::File file(::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode));
    if (file.descriptor() < 0 ||
        ::write(file.descriptor(), key.data(), key.size()) != static_cast<ssize_t>(kBytes))
      refuse(made);
  }
  if (::rename(made.c_str(), path.c_str()) != 0) refuse(path);
  return key;
}

}  // namespace library
