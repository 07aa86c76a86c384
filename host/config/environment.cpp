#include "config/environment.hpp"

#include <algorithm>
#include <map>

#include "config/host_schema.hpp"
#include "config/override.hpp"
#include "document/yaml.hpp"

namespace revenge::config {
namespace {

using document::Value;

constexpr std::string_view kPrefix = "REVENGE_";
constexpr std::string_view kFile = "_FILE";
constexpr std::string_view kStep = "__";
constexpr std::size_t kMaxSteps = 100;

bool isKey(std::string_view name) { return name.starts_with(kPrefix) && name.contains(kStep); }
bool isSecret(std::string_view name) { return isKey(name) && name.ends_with(kFile); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// As much of `text` as a name of a variable can say.
std::string nameable(std::string_view text) {
  std::string name;
  for (const char c : text) name += c == '-' || c == '.' ? '_' : upper(c);
  return name;
}

base::Result<std::vector<std::string>> stepsOf(std::string_view name) {
  std::string_view rest = name.substr(kPrefix.size());
  std::vector<std::string> steps;
  for (bool more = true; more;) {
    const std::size_t end = rest.find(kStep);
    more = end != std::string_view::npos;
    std::string& step = steps.emplace_back(rest.substr(0, end));
    std::ranges::transform(step, step.begin(), lower);
    if (step.empty() || step.starts_with('_') || steps.size() > kMaxSteps)
      return base::fail(base::Errc::kInvalid, "{}: expected a name such as REVENGE_HTTP__PORT", name);
    rest.remove_prefix(more ? end + kStep.size() : rest.size());
  }
  return steps;
}

// The plugin that is meant, where its id cannot be written as it is.
base::Result<> resolvePlugin(std::string_view name, std::vector<std::string>& steps,
                             std::span<const std::string> ids) {
  if (steps.size() < 2 || steps.front() != "plugins" || std::ranges::find(ids, steps[1]) != ids.end())
    return {};
  std::vector<std::string> meant;
  for (const std::string& id : ids) {
    if (nameable(id) == nameable(steps[1]) && std::ranges::find(meant, id) == meant.end())
      meant.push_back(id);
  }
  if (meant.size() > 1) {
    return base::fail(base::Errc::kInvalid, "{}: may mean the plugin {} or {}; configure it in a file", name,
                      meant[0], meant[1]);
  }
  if (!meant.empty()) steps[1] = meant.front();
  return {};
}

// REVENGE_HTTP_PORT for REVENGE_HTTP__PORT.
Problems nearMisses(const Variables& variables) {
  std::map<std::string, std::string> known;
  for (const document::KeyDoc& key : document::describeKeys(hostSchema())) {
    std::string right(kPrefix);
    for (const char c : key.path) right += c == '.' ? std::string(kStep) : std::string(1, upper(c));
    std::string wrong = std::string(kPrefix) + nameable(key.path);
    if (right != wrong) known.emplace(std::move(wrong), std::move(right));
  }
  Problems warnings;
  for (const auto& [name, value] : variables) {
    if (const auto hit = known.find(name); hit != known.end())
      warnings.push_back(fmt::format("{}: no key; did you mean {}?", name, hit->second));
  }
  return warnings;
}

}  // namespace

std::vector<SecretFile> secretFiles(const Variables& variables) {
  std::vector<SecretFile> files;
  for (const auto& [name, value] : variables) {
    if (isSecret(name)) files.push_back({name, value});
  }
  std::ranges::sort(files, {}, &SecretFile::variable);
  return files;
}

EnvironmentLayers environmentLayers(const Variables& variables, std::span<const Source> secrets,
                                    std::span<const std::string> ids) {
  EnvironmentLayers made;
  made.warnings = nearMisses(variables);
  std::map<std::string, std::string> sorted;
  for (const auto& [name, value] : variables) {
    if (isKey(name)) sorted.emplace(name, value);
  }
  for (const auto& [name, text] : sorted) {
    const bool secret = isSecret(name);
    const std::string key = secret ? name.substr(0, name.size() - kFile.size()) : name;
    if (secret && sorted.contains(key)) {
      made.problems.push_back(fmt::format("{}: {} is set as well; expected one of them", name, key));
      continue;
    }
    auto steps = stepsOf(key);
    if (steps) {
      if (auto known = resolvePlugin(name, *steps, ids); !known) steps = std::unexpected(known.error());
    }
    if (!steps) {
      made.problems.push_back(steps.error().message);
      continue;
    }
    if (!secret) {
      auto value = parseOneLine(text, name);
      if (value)
        made.layers.push_back({"environment", name, nested(*steps, std::move(*value))});
      else
        made.problems.push_back(value.error().message);
      continue;
    }
    const auto source = std::ranges::find(secrets, name, &Source::variable);
    if (source == secrets.end()) continue;
    if (!source->trouble.empty()) {
      made.problems.push_back(fmt::format("{}: {}", name, source->trouble));
      continue;
    }
    std::string_view held = source->text;
    if (held.ends_with('\n')) held.remove_suffix(held.ends_with("\r\n") ? 2 : 1);
    made.layers.push_back({std::string(kSecretLayer), name, nested(*steps, Value(held))});
  }
  return made;
}

}  // namespace revenge::config
