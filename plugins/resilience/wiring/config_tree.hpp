// ConfigTree: the leaves of a configuration as the tree they are of, for sections whose shape depends on their words.
// Borrows the leaves. Thread safety: constant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <revenge/abi/plugin.h>

namespace revenge::resilience {

struct ConfigNode {
  std::string name;  // of the member, or the index of the item
  std::string path;  // from the root, as people write it: pipelines.blackbeard.2
  const revenge_config_value* leaf = nullptr;
  std::vector<ConfigNode> members;  // in the document's order

  const ConfigNode* find(std::string_view member) const;
  // Null: it is no text.
  const revenge_view* text() const;
};

ConfigNode treeOf(const revenge_config& config);

}  // namespace revenge::resilience
