#include "flags/prerequisites.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace revenge::flags {
namespace {

constexpr std::size_t kMaxAsked = 1000;  // also bounds how deep an evaluation goes

void findParents(std::vector<Flag>& flags) {
  for (Flag& flag : flags) {
    for (Prerequisite& prerequisite : flag.prerequisites) {
      const auto parent = std::ranges::lower_bound(flags, prerequisite.flag, {}, &Flag::key);
      if (parent == flags.end() || parent->key != prerequisite.flag) continue;
      prerequisite.index = static_cast<std::size_t>(parent - flags.begin());
      const auto variant = std::ranges::find(parent->variants, prerequisite.variant, &Variant::name);
      if (variant != parent->variants.end())
        prerequisite.variant_index = static_cast<std::size_t>(variant - parent->variants.begin());
    }
  }
}

// Depth first, parents before children, with a stack of its own: a file may chain as many flags as it holds.
class Walk {
 public:
  explicit Walk(std::vector<Flag>& flags) : flags_(flags), nodes_(flags.size()) {}

  std::vector<Tangle> run() {
    for (std::size_t i = 0; i < flags_.size(); ++i) {
      if (nodes_[i].state == State::kUnseen) visit(i);
    }
    return std::move(tangles_);
  }

 private:
  enum class State : std::uint8_t { kUnseen, kOpen, kDone };
  struct Node {
    State state = State::kUnseen;
    std::size_t next = 0;   // prerequisite to look at
    std::size_t asked = 0;  // flags its evaluation asks
  };

  void visit(std::size_t start) {
    open(start);
    while (!path_.empty()) {
      Node& node = nodes_[path_.back()];
      const Flag& flag = flags_[path_.back()];
      if (node.next == flag.prerequisites.size()) {
        close();
        continue;
      }
      const auto parent = flag.prerequisites[node.next++].index;
      if (!parent) continue;
      if (nodes_[*parent].state == State::kUnseen)
        open(*parent);
      else if (nodes_[*parent].state == State::kOpen)
        tellCycle(*parent);
    }
  }

  void open(std::size_t index) {
    nodes_[index].state = State::kOpen;
    path_.push_back(index);
  }

  void close() {
    Flag& flag = flags_[path_.back()];
    Node& node = nodes_[path_.back()];
    for (const Prerequisite& prerequisite : flag.prerequisites) {
      if (!prerequisite.index) continue;
      node.asked = std::min(node.asked + 1 + nodes_[*prerequisite.index].asked, kMaxAsked + 1);
      flag.definition_hash = flag.definition_hash * 31 + flags_[*prerequisite.index].definition_hash;
    }
    if (node.asked > kMaxAsked) {
      tangles_.push_back({flag.key, flag.line,
                          fmt::format("expected at most {} flags to be asked for one, got more", kMaxAsked)});
      node.asked = 0;  // told once, not again by each flag above it
    }
    node.state = State::kDone;
    path_.pop_back();
  }

  void tellCycle(std::size_t again) {
    std::string text = "cycle: ";
    for (auto at = std::ranges::find(path_, again); at != path_.end(); ++at) text += flags_[*at].key + " -> ";
    tangles_.push_back({flags_[again].key, flags_[again].line, text + flags_[again].key});
  }

  std::vector<Flag>& flags_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> path_;
  std::vector<Tangle> tangles_;
};

}  // namespace

std::vector<Tangle> link(std::vector<Flag>& flags) {
  findParents(flags);
  return Walk(flags).run();
}

}  // namespace revenge::flags
