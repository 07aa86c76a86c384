#include "plugin/section.hpp"

#include <algorithm>
#include <utility>

namespace revenge::plugin {

namespace {

revenge_view view(const std::string& text) { return {text.data(), text.size()}; }

Leaf leafOf(const config::Leaf& from) {
  Leaf leaf;
  leaf.pointer = from.pointer;
  switch (from.value->kind()) {
    case document::Kind::kNull:
      leaf.type = REVENGE_CONFIG_NULL;
      break;
    case document::Kind::kBool:
      leaf.type = REVENGE_CONFIG_BOOLEAN;
      leaf.integer = *from.value->boolean() ? 1 : 0;
      break;
    case document::Kind::kInteger:
      leaf.type = REVENGE_CONFIG_INTEGER;
      leaf.integer = *from.value->integer();
      leaf.number = static_cast<double>(leaf.integer);
      break;
    case document::Kind::kNumber:
      leaf.type = REVENGE_CONFIG_NUMBER;
      leaf.number = *from.value->number();
      break;
    case document::Kind::kString:
      leaf.type = REVENGE_CONFIG_TEXT;
      leaf.text = *from.value->text();
      break;
    case document::Kind::kArray:
      leaf.type = REVENGE_CONFIG_EMPTY_ARRAY;
      break;
    case document::Kind::kObject:
      leaf.type = REVENGE_CONFIG_EMPTY_OBJECT;
      break;
  }
  return leaf;
}

}  // namespace

Section::Section(std::uint64_t revision, std::string json, std::vector<Leaf> leaves)
    : json_(std::move(json)), leaves_(std::move(leaves)) {
  values_.reserve(leaves_.size());
  for (const Leaf& leaf : leaves_) {
    values_.push_back({sizeof(revenge_config_value), leaf.type, view(leaf.pointer), leaf.integer, leaf.number,
                       view(leaf.text)});
  }
  config_ = {sizeof(revenge_config), 0, revision, view(json_), values_.data(), values_.size()};
}

std::vector<Leaf> leavesOf(const std::vector<config::Leaf>& flat) {
  std::vector<Leaf> leaves;
  leaves.reserve(flat.size());
  for (const config::Leaf& leaf : flat) leaves.push_back(leafOf(leaf));
  return leaves;
}

bool Section::saysTheSame(const Section& other) const {
  return std::ranges::is_permutation(leaves_, other.leaves_);
}

}  // namespace revenge::plugin
