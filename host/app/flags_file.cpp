#include "app/flags_file.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>

#include <fmt/ranges.h>

#include "flags/read.hpp"

namespace revenge::app {

base::Result<flags::Definitions> readFlagsFile(const std::filesystem::path& file) {
  constexpr std::size_t kMaxBytes = std::size_t{1024} * 1024;
  const std::string name = file.string();
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(std::fopen(name.c_str(), "re"), &std::fclose);
  if (opened == nullptr) {
    if (errno == ENOENT) return flags::Definitions{};
    return base::fail(base::Errc::kIo, "{}: {}; make it readable or name another file with flags.file", name,
                      base::errnoText(errno));
  }
  std::string text(kMaxBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), opened.get()));
  if (std::ferror(opened.get()) != 0)
    return base::fail(base::Errc::kIo, "{}: {}; expected a file", name, base::errnoText(errno));
  auto read = flags::readDefinitions(text, name);
  if (!read) return base::fail(base::Errc::kInvalid, "{}", fmt::join(read.error(), "\n"));
  return std::move(*read);
}

}  // namespace revenge::app
