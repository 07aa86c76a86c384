// The configuration in force: one immutable tree merged from ordered layers, each value knowing its origin.
// Thread safety: immutable; shared by shared_ptr because requests and draining instances keep the one they began with.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
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

// A key of the host's schema that is no section, looked up once: its value then costs an index.
class HostKey {
 public:
  // Requires: such a key; anything else throws std::logic_error.
  explicit HostKey(std::string_view pointer);

 private:
  friend class Snapshot;
  std::size_t index_;
};

class Snapshot {
 public:
  // Requires: `layers` valid against `host` and `plugins`, as load() made sure.
  Snapshot(std::vector<Layer> layers, const document::Schema& host, const PluginSchemas& plugins);
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // Host keys by JSON pointer ("/http/port"). Requires: a key of the host's schema, of that type; anything else is a
  // mistake in the caller and throws std::logic_error.
  std::int64_t integer(std::string_view pointer) const;
  double number(std::string_view pointer) const;
  bool boolean(std::string_view pointer) const;
  const std::string& text(std::string_view pointer) const;
  std::vector<std::string> texts(std::string_view pointer) const;
  // The same where it is read often. Requires: a key of that type; of another the answer is 0.
  std::int64_t integer(HostKey key) const { return scalars_[key.index_].integer; }
  double number(HostKey key) const { return scalars_[key.index_].number; }
  bool boolean(HostKey key) const { return scalars_[key.index_].integer != 0; }

  // The section of a plugin whose schema load() was given, defaults applied; the bare section (or an empty object) of
  // any other.
  document::Value plugin(std::string_view id) const;

  // The section under another schema, such as a new version's before a swap: valid and with its defaults, or why not.
  // `over` is one more layer, above all others; the keys `left_out` (pointers into the section) are not part of it.
  std::expected<document::Value, Problems> pluginUnder(std::string_view id, const document::Schema& schema,
                                                       std::optional<Layer> over = std::nullopt,
                                                       std::span<const std::string> left_out = {}) const;
  // Pointers into the section of keys that `schema` does not know, but one of the others does.
  std::vector<std::string> keysOfOthers(std::string_view id, const document::Schema& schema,
                                        std::span<const document::Schema> others) const;

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
  struct Scalar {
    std::int64_t integer = 0;  // 1: true
    double number = 0;
  };
  std::vector<Scalar> scalars_;  // of the host's keys, by HostKey
};

// The line of warning for a key of Snapshot::keysOfOthers.
std::string keptForAnother(const Snapshot& snapshot, std::string_view id, std::string_view pointer);

// The layers laid over each other: what is validated before there is a Snapshot.
document::Value merged(const std::vector<Layer>& layers);

// One line a violation: place, key, cause. `values` are the layers merged; pointers of violations count from `prefix`.
Problems problemsOf(const std::vector<Layer>& layers, const document::Value& values, std::string_view prefix,
                    const std::vector<document::Violation>& violations);

}  // namespace revenge::config
