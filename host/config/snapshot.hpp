// The configuration in force: one immutable tree merged from ordered layers, each value knowing its origin.
// Thread safety: immutable; shared by shared_ptr because requests and draining instances keep the one they began with.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/schema.hpp"
#include "document/value.hpp"

namespace revenge::config {

// One source of values. Later layers win; objects merge, everything else replaces.
struct Layer {
  std::string name;  // "file", "local", "drop-in", "environment", "secret", "option"
  std::string
      origin;  // what messages begin with: "config/revenge.yaml", "REVENGE_HTTP__PORT", "--set http.port"
  document::Value value;
};

// The name of a layer whose values nobody is shown, whatever their schema says of them.
inline constexpr std::string_view kSecretLayer = "secret";

using Problems = std::vector<std::string>;  // one line a cause: origin:line: key: what is wrong
using PluginSchemas = std::map<std::string, document::Schema, std::less<>>;  // by plugin id

class Snapshot {
 public:
  // Requires: `layers` valid against `host` and `plugins`, as load() made sure.
  Snapshot(std::vector<Layer> layers, const document::Schema& host, const PluginSchemas& plugins);

  // Host keys by JSON pointer ("/http/port"). Requires: a key of the host's schema, of that type; anything else is a
  // mistake in the caller and throws std::logic_error.
  std::int64_t integer(std::string_view pointer) const;
  double number(std::string_view pointer) const;
  bool boolean(std::string_view pointer) const;
  const std::string& text(std::string_view pointer) const;
  std::vector<std::string> texts(std::string_view pointer) const;

  // The section of a plugin whose schema load() was given, defaults applied; the bare section (or an empty object) of
  // any other.
  document::Value plugin(std::string_view id) const;

  // The section under another schema, such as a new version's before a swap: valid and with its defaults, or why not.
  // `over` is one more layer, above all others.
  std::expected<document::Value, Problems> pluginUnder(std::string_view id, const document::Schema& schema,
                                                       std::optional<Layer> over = std::nullopt) const;

  // "config/revenge.yaml:19", "REVENGE_HTTP__PORT", "--set http.port" or "default".
  std::string origin(std::string_view pointer) const;

  const document::Value& values() const { return effective_; }
  const std::vector<Layer>& layers() const { return layers_; }

 private:
  const document::Value& get(std::string_view pointer) const;
  document::Value section(std::string_view id) const;

  std::vector<Layer> layers_;
  document::Value written_;    // the layers merged, without defaults: what a schema of another version judges
  document::Value effective_;  // with defaults
};

// The layers laid over each other: what is validated before there is a Snapshot.
document::Value merged(const std::vector<Layer>& layers);

// One line a violation: place, key, cause. `values` are the layers merged; pointers of violations count from `prefix`.
Problems problemsOf(const std::vector<Layer>& layers, const document::Value& values, std::string_view prefix,
                    const std::vector<document::Violation>& violations);

}  // namespace revenge::config
