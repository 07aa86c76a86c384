#include "app/programs.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>

#include <fmt/ranges.h>
#include <unistd.h>

namespace revenge::app {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "revenge-";

// Nothing that leads out of a folder is a word.
bool isWord(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool isProgram(const fs::path& file) {
  std::error_code failed;
  return fs::is_regular_file(file, failed) && ::access(file.c_str(), X_OK) == 0;
}

}  // namespace

std::vector<fs::path> programFolders(const fs::path& host) {
  const fs::path here = host.parent_path();
  return {here.parent_path() / "libexec" / "revenge", here};
}

std::vector<std::string> programWords(std::span<const fs::path> folders) {
  std::set<std::string> words;
  for (const fs::path& folder : folders) {
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed); !failed && entry != fs::directory_iterator();
         entry.increment(failed)) {
      const std::string name = entry->path().filename().string();
      const std::string_view word = std::string_view(name).substr(std::min(kPrefix.size(), name.size()));
      if (name.starts_with(kPrefix) && isWord(word) && isProgram(entry->path())) words.emplace(word);
    }
  }
  return {words.begin(), words.end()};
}

base::Result<fs::path> findProgram(std::string_view word, std::span<const fs::path> folders) {
  for (const fs::path& folder : folders) {
    fs::path program = folder / fmt::format("{}{}", kPrefix, word);
    if (isWord(word) && isProgram(program)) return program;
  }
  const auto known = programWords(folders);
  if (known.empty()) {
    return base::fail(base::Errc::kNotFound,
                      "'{}': no such program, nor is there any other; revenge --help lists the options",
                      word);
  }
  return base::fail(base::Errc::kNotFound, "'{}': no such program; there are: {}", word,
                    fmt::join(known, ", "));
}

base::Error becomeProgram(const fs::path& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  return {base::Errc::kIo, fmt::format("{}: {}", program.string(), base::errnoText(errno))};
}

}  // namespace revenge::app
