#include "revenge-check/selection.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace revenge::check {
namespace {

using base::Errc;
using base::fail;

constexpr std::array<std::string_view, 5> kWithValue{"--only", "--with", "--seed", "--timeout", "--junit"};

bool matches(std::string_view pattern, std::string_view id) {
  if (!pattern.ends_with('*')) return pattern == id;
  pattern.remove_suffix(1);
  return id.starts_with(pattern);
}

base::Result<std::uint64_t> number(std::string_view option, std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(Errc::kInvalid, "{}: expected a whole number, got '{}'", option, text);
  return value;
}

base::Result<> take(CommandLine& line, std::string_view option, const std::string& value) {
  if (option == "--only") {
    if (std::ranges::none_of(rows(), [&](const Row& row) { return matches(value, row.id); }))
      return fail(Errc::kInvalid, "--only: no row '{}'; --list shows them", value);
    line.only.push_back(value);
    return {};
  }
  if (option == "--with") return line.with.emplace_back(value), base::Result<>();
  if (option == "--junit") return line.junit = value, base::Result<>();
  const auto given = number(option, value);
  if (!given) return std::unexpected(given.error());
  if (option == "--seed") return line.seed = *given, base::Result<>();
  if (*given == 0 || *given > 3600)
    return fail(Errc::kInvalid, "--timeout: expected 1 to 3600 s, got {}", *given);
  line.timeout = std::chrono::seconds(*given);
  return {};
}

}  // namespace

base::Result<CommandLine> parseCommandLine(std::span<const std::string> arguments) {
  CommandLine line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string option = arguments[i];
    if (option == "--json") {
      line.json = true;
    } else if (option == "--list") {
      line.list = true;
    } else if (option == "--help" || option == "-h") {
      line.help = true;
    } else if (option.starts_with("--")) {
      std::optional<std::string> value;
      if (const auto equals = option.find('='); equals != std::string::npos) {
        value = option.substr(equals + 1);
        option.resize(equals);
      }
      if (std::ranges::find(kWithValue, option) == kWithValue.end())
        return fail(Errc::kInvalid, "unknown option '{}'", option);
      if (!value && i + 1 == arguments.size())
        return fail(Errc::kInvalid, "{}: its value is missing", option);
      if (!value) value = arguments[++i];
      if (auto taken = take(line, option, *value); !taken) return std::unexpected(taken.error());
    } else if (line.folder.empty()) {
      line.folder = option;
    } else {
      return fail(Errc::kInvalid, "one folder at a time, got '{}' too", option);
    }
  }
  if (line.folder.empty() && !line.list && !line.help)
    return fail(Errc::kInvalid, "which package? Expected its folder");
  return line;
}

std::string usage() {
  return R"(usage: revenge-check [OPTIONS] DIR

Holds the plugin package in the folder DIR against what a host expects: files and symbols, every path of its life under a
host that fails, hostile input, swaps under calls, leaks. Each row runs in a process of its own.

  --only ROW       this row alone (again for more; life.* for all that begin so)
  --with DIR       the package in DIR lives beside it; by itself what it requires does, if it lies beside DIR
  --seed N         of what is random; the one that is told gives the same run again
  --timeout S      for a row, in seconds; 60
  --json           JSON on standard output
  --junit FILE     JUnit too
  --list           the rows, as a table
  --help           this

exit codes: 0 clean, 1 findings, 2 usage
)";
}

std::vector<Selected> select(std::span<const std::string> only) {
  std::vector<Selected> selected;
  std::vector<std::string_view> needed;
  const auto all = rows();
  for (std::size_t i = all.size(); i-- > 0;) {
    const bool kept =
        only.empty() || std::ranges::any_of(only, [&](const auto& each) { return matches(each, all[i].id); });
    if (!kept && std::ranges::find(needed, all[i].id) == needed.end()) continue;
    selected.push_back({&all[i], kept});
    if (const auto behind = rowBehind(all[i].needs); !behind.empty()) needed.push_back(behind);
  }
  std::ranges::reverse(selected);
  return selected;
}

}  // namespace revenge::check
