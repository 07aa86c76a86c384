#include "observe/log_layout.hpp"

#include <algorithm>
#include <array>

namespace revenge::observe {

namespace {

constexpr std::array<std::string_view, 13> kFields{
    "time",     "level",   "component", "plugin", "msg",        "message",           "request",
    "trace_id", "span_id", "user",      "source", "attributes", "attributes_dropped"};

bool sameKey(const LogLayout::Node& node, std::string_view key, bool renamed) {
  if (node.renamed == renamed) return node.key == key;
  const std::string_view shorter = renamed ? key : node.key;
  const std::string_view longer = renamed ? node.key : key;
  return longer.size() == shorter.size() + 1 && longer.ends_with('_') && longer.starts_with(shorter);
}

// Groups that are open: `left` more attributes are in `node`.
struct Open {
  static constexpr std::uint32_t kForever = UINT32_MAX;
  std::uint8_t node;
  std::uint32_t left;
};

}  // namespace

LogLayout::LogLayout(const LogRecord& record)
    : of_plugin_(record.component.starts_with("plugin/")), dropped_(record.dropped) {
  nodes_[kRoot] = {{}, nullptr, false, false, kRoot, kRoot, kRoot, kRoot};
  std::array<Open, kMaxLogAttributes + 1> open;
  std::size_t depth = 0;
  open[depth] = {kRoot, Open::kForever};
  const auto take = [&](const Attribute& attribute) {
    // What ends takes along whatever was opened in it.
    for (std::size_t i = 1; i <= depth; ++i) {
      if (open[i].left == 0) depth = i - 1;
    }
    const std::uint8_t parent = open[depth].node;
    for (std::size_t i = 1; i <= depth; ++i) {
      if (open[i].left != Open::kForever) --open[i].left;
    }
    const auto* group = std::get_if<Attribute::Group>(&attribute.value);
    const bool opens = std::holds_alternative<Attribute::OpenGroup>(attribute.value);
    if (group == nullptr && !opens) {
      add(parent, attribute.key, &attribute);
      return;
    }
    const std::uint8_t node = attribute.key.empty() ? parent : add(parent, attribute.key, nullptr);
    open[++depth] = {node, opens ? Open::kForever : group->members};
  };
  std::size_t taken = 0;
  for (const auto list : {record.bound, record.attributes}) {
    const std::size_t fits = std::min(list.size(), kMaxLogAttributes - taken);
    for (const Attribute& attribute : list.first(fits)) take(attribute);
    taken += fits;
    dropped_ += list.size() - fits;
  }
}

std::uint8_t LogLayout::add(std::uint8_t parent, std::string_view key, const Attribute* attribute) {
  const bool renamed = of_plugin_ && parent == kRoot && std::ranges::find(kFields, key) != kFields.end();
  if (const std::uint8_t before = visible(parent, key, renamed); before != kRoot) {
    if (attribute == nullptr && nodes_[before].attribute == nullptr) return before;
    nodes_[before].hidden = true;
  }
  const std::uint8_t made = count_++;
  nodes_[made] = {key, attribute, renamed, false, parent, kRoot, kRoot, kRoot};
  Node& above = nodes_[parent];
  (above.first_child == kRoot ? above.first_child : nodes_[above.last_child].next) = made;
  above.last_child = made;
  return made;
}

std::uint8_t LogLayout::visible(std::uint8_t parent, std::string_view key, bool renamed) const {
  for (std::uint8_t at = nodes_[parent].first_child; at != kRoot; at = nodes_[at].next) {
    if (!nodes_[at].hidden && sameKey(nodes_[at], key, renamed)) return at;
  }
  return kRoot;
}

bool LogLayout::filled(std::uint8_t at) const {
  if (nodes_[at].attribute != nullptr) return true;
  for (std::uint8_t child = nodes_[at].first_child; child != kRoot; child = nodes_[child].next) {
    if (!nodes_[child].hidden && filled(child)) return true;
  }
  return false;
}

}  // namespace revenge::observe
