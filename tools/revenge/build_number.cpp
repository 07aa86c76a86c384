#include "revenge/build_number.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "document/json.hpp"

namespace revenge::author {

std::string numbered(std::string_view version, std::uint64_t number) {
  return fmt::format("{}{}{}", version, version.contains('+') ? '.' : '+', number);
}

std::uint64_t nextNumber(std::span<const std::string> names) {
  std::uint64_t highest = 0;
  for (const std::string& name : names) {
    std::uint64_t number = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, number);
    if (error == std::errc() && stop == end) highest = std::max(highest, number);
  }
  return highest + 1;
}

base::Result<std::string> withVersion(std::string_view manifest, std::string_view version,
                                      std::string_view file) {
  const auto parsed = document::parseJson(manifest, file);
  if (!parsed) return std::unexpected(parsed.error());
  const document::Value* const old = parsed->find("version");
  if (old == nullptr || old->text() == nullptr)
    return base::fail(base::Errc::kInvalid, "{}: version: expected a semantic version", file);
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < old->position.line; ++line) at = manifest.find('\n', at) + 1;
  at += old->position.column - 1;
  const std::string written = document::writeJson(*old);
  if (manifest.substr(at, written.size()) != written) {
    return base::fail(base::Errc::kInvalid, "{}:{}: version: expected it to be written as {}", file,
                      old->position.line, written);
  }
  return fmt::format("{}{}{}", manifest.substr(0, at), document::writeJson(document::Value(version)),
                     manifest.substr(at + written.size()));
}

}  // namespace revenge::author
