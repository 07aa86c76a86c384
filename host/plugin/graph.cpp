#include "plugin/graph.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace revenge::plugin {

namespace {

bool offers(const Node& node, std::string_view interface) {
  return std::ranges::any_of(node.offers,
                             [&](const module::Interface& each) { return each.id == interface; });
}

}  // namespace

Graph::Graph(std::vector<Node> nodes) : nodes_(std::move(nodes)) {
  for (const Node& consumer : nodes_) {
    for (const module::Interface& need : consumer.needs) {
      std::vector<const Node*> found;
      for (const Node& node : nodes_) {
        if (node.id != consumer.id && offers(node, need.id)) found.push_back(&node);
      }
      if (found.size() == 1) edges_.push_back({consumer.id, found.front()->id, need.id, need.optional});
    }
  }
  ordering_.assign(edges_.size(), false);
  for (std::size_t i = 0; i < edges_.size(); ++i) ordering_[i] = !edges_[i].optional;
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    if (!ordering_[i] && !reaches(edges_[i].provider, edges_[i].consumer, Edges::kOrdering))
      ordering_[i] = true;
  }
}

// From a consumer along its providers.
bool Graph::reaches(std::string_view from, std::string_view to, Edges which) const {
  std::vector<std::string_view> left{from};
  std::set<std::string_view> seen;
  while (!left.empty()) {
    const std::string_view at = left.back();
    left.pop_back();
    if (at == to) return true;
    if (!seen.insert(at).second) continue;
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      const bool counts = which == Edges::kRequired ? !edges_[i].optional : ordering_[i];
      if (counts && edges_[i].consumer == at) left.push_back(edges_[i].provider);
    }
  }
  return false;
}

std::vector<std::string> Graph::cycleThrough(std::string_view id) const {
  std::vector<std::string> path{std::string(id)};
  do {
    const auto next = std::ranges::find_if(edges_, [&](const Edge& edge) {
      return !edge.optional && edge.consumer == path.back() && reaches(edge.provider, id, Edges::kRequired) &&
             (edge.provider == id || std::ranges::find(path, edge.provider) == path.end());
    });
    if (next == edges_.end()) return {};
    path.push_back(next->provider);
  } while (path.back() != id);
  return path;
}

std::vector<std::string> Graph::before(std::string_view id) const {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    if (ordering_[i] && edges_[i].consumer == id && std::ranges::find(ids, edges_[i].provider) == ids.end())
      ids.push_back(edges_[i].provider);
  }
  return ids;
}

std::vector<std::string> Graph::dependents(std::string_view id) const {
  std::vector<std::string> found;
  for (const Node& node : nodes_) {
    if (node.id != id && reaches(node.id, id, Edges::kRequired)) found.push_back(node.id);
  }
  return found;
}

std::vector<std::string> Graph::order() const {
  std::vector<std::string> ordered;
  const auto isPlaced = [&](const std::string& id) {
    return std::ranges::find(ordered, id) != ordered.end();
  };
  for (bool moved = true; std::exchange(moved, false);) {
    for (const Node& node : nodes_) {
      if (isPlaced(node.id) || !std::ranges::all_of(before(node.id), isPlaced)) continue;
      ordered.push_back(node.id);
      moved = true;
    }
  }
  for (const Node& node : nodes_) {
    if (!isPlaced(node.id)) ordered.push_back(node.id);
  }
  return ordered;
}

}  // namespace revenge::plugin
