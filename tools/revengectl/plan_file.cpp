#include "revengectl/plan_file.hpp"

#include <array>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "document/json.hpp"
#include "document/yaml.hpp"

namespace revenge::ctl {

namespace {

using base::Errc;
using base::fail;
using document::Value;

constexpr document::Limits kLimits;

base::Result<std::filesystem::path> folderOf(const std::string& file) {
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(file == "-" ? "stdin" : file, failed);
  if (failed) return fail(Errc::kIo, "{}: {}", file, failed.message());
  return absolute.parent_path();
}

void makeAbsolute(Value& plan, const std::filesystem::path& folder) {
  Value* const changes = plan.find("changes");
  if (changes == nullptr || changes->array() == nullptr) return;
  for (Value& change : *changes->array()) {
    Value* const swap = change.find("swap");
    if (swap == nullptr || swap->text() == nullptr || swap->text()->empty()) continue;
    *swap = Value((folder / *swap->text()).lexically_normal().string());
  }
}

}  // namespace

// One byte more than a parser takes: it then says that the text is too long.
base::Result<std::string> readText(const std::string& file) {
  const base::UniqueFd opened(file == "-" ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened) return fail(Errc::kNotFound, "{}: {}", file, base::errnoText(errno));
  std::string text;
  std::array<char, 16384> piece;
  while (text.size() <= kLimits.maxBytes) {
    const ssize_t got = ::read(opened.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Errc::kIo, "{}: {}", file, base::errnoText(errno));
    if (got == 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

base::Result<std::string> readPlan(const std::string& file, std::optional<std::uint64_t> generation) {
  const auto folder = folderOf(file);
  if (!folder) return std::unexpected(folder.error());
  const auto text = readText(file);
  if (!text) return std::unexpected(text.error());
  const std::string name = file == "-" ? "standard input" : file;
  auto plan = file.ends_with(".json") ? document::parseJson(*text, name, kLimits)
                                      : document::parseYaml(*text, name, kLimits);
  if (!plan) return std::unexpected(plan.error());
  if (plan->object() == nullptr)
    return fail(Errc::kInvalid, "{}: expected an object with the key changes", name);
  makeAbsolute(*plan, *folder);
  if (generation) plan->set("generation", Value(*generation));
  return document::writeJson(*plan);
}

}  // namespace revenge::ctl
