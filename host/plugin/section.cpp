#include "plugin/section.hpp"

#include <algorithm>
#include <utility>

namespace revenge::plugin {

namespace {

revenge_view view(const std::string& text) { return {text.data(), text.size()}; }

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

bool Section::saysTheSame(const Section& other) const {
  return std::ranges::is_permutation(leaves_, other.leaves_);
}

}  // namespace revenge::plugin
