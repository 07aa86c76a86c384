// The validated configuration of one plugin as it crosses the boundary: owns what the revenge_config of its calls
// points to. Immutable once made, shared by the instance and the calls that were given it. Thread safety: const.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <revenge/abi/plugin.h>

#include "base/result.hpp"
#include "config/flatten.hpp"
#include "module/manifest.hpp"

namespace revenge::plugin {

struct Leaf {
  std::string pointer;  // JSON pointer
  std::uint32_t type = REVENGE_CONFIG_NULL;
  std::int64_t integer = 0;
  double number = 0;
  std::string text = {};

  bool operator==(const Leaf&) const = default;
};

// Copied out of the tree.
std::vector<Leaf> leavesOf(const std::vector<config::Leaf>& flat);

class Section {
 public:
  Section(std::uint64_t revision, std::string json, std::vector<Leaf> leaves);
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  const revenge_config& abi() const { return config_; }
  const std::string& json() const { return json_; }
  // The order of keys does not count, as it is another where a default is written out.
  bool saysTheSame(const Section& other) const;

 private:
  const std::string json_;
  const std::vector<Leaf> leaves_;
  std::vector<revenge_config_value> values_;
  revenge_config config_ = {};
};

// The plugin's section of the running configuration under the schema of `manifest`, with the JSON object `over` (empty:
// none) laid over it. The error names file, line, key, expected and got.
using ReadSection = std::function<base::Result<std::shared_ptr<const Section>>(
    const module::Manifest& manifest, const std::string& over)>;

}  // namespace revenge::plugin
