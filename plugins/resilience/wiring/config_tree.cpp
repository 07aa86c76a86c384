#include "wiring/config_tree.hpp"

#include <algorithm>
#include <span>

#include <revenge/boundary.hpp>

namespace revenge::resilience {
namespace {

// RFC 6901: ~1 is a slash, ~0 a tilde.
std::string unescaped(std::string_view segment) {
  std::string name;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const bool is_escape = segment[i] == '~' && i + 1 < segment.size();
    name += !is_escape ? segment[i] : segment[++i] == '1' ? '/' : '~';
  }
  return name;
}

ConfigNode& memberOf(ConfigNode& node, std::string name) {
  // Leaves stand in the document's order: it is the last one, or a new one.
  if (node.members.empty() || node.members.back().name != name) {
    ConfigNode& member = node.members.emplace_back();
    member.path = node.path.empty() ? name : node.path + "." + name;
    member.name = std::move(name);
  }
  return node.members.back();
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view member) const {
  const auto found = std::ranges::find_if(members, [&](const ConfigNode& one) { return one.name == member; });
  return found == members.end() ? nullptr : &*found;
}

const revenge_view* ConfigNode::text() const {
  return leaf != nullptr && leaf->type == REVENGE_CONFIG_TEXT ? &leaf->text : nullptr;
}

ConfigNode treeOf(const revenge_config& config) {
  ConfigNode root;
  for (const revenge_config_value& leaf : std::span(config.values, config.value_count)) {
    std::string_view rest = boundary::text(leaf.pointer);
    ConfigNode* node = &root;
    while (!rest.empty()) {
      rest.remove_prefix(1);  // the slash
      const std::size_t end = std::min(rest.find('/'), rest.size());
      node = &memberOf(*node, unescaped(rest.substr(0, end)));
      rest.remove_prefix(end);
    }
    node->leaf = &leaf;
  }
  return root;
}

}  // namespace revenge::resilience
