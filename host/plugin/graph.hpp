// Who requires whom, from what the manifests say: an edge wherever exactly one plugin offers what another needs. Plain
// data; const afterwards. The ids of the host's own tables are not among the needs given here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "module/manifest.hpp"

namespace revenge::plugin {

struct Node {
  std::string id;
  std::vector<module::Interface> offers;
  std::vector<module::Interface> needs;
};

struct Edge {
  std::string consumer;
  std::string provider;
  std::string interface;
  bool optional = false;
};

class Graph {
 public:
  explicit Graph(std::vector<Node> nodes);

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Edge>& edges() const { return edges_; }

  // A circle of required interfaces through `id`, from `id` to `id`; empty: there is none.
  std::vector<std::string> cycleThrough(std::string_view id) const;
  // Whom `id` starts after: its providers, but for optional ones that would close a circle.
  std::vector<std::string> before(std::string_view id) const;
  // Who cannot go on without `id`, directly or through another.
  std::vector<std::string> dependents(std::string_view id) const;
  // All ids, each behind those it starts after; those in a circle at the end.
  std::vector<std::string> order() const;

 private:
  enum class Edges : std::uint8_t { kRequired, kOrdering };
  bool reaches(std::string_view from, std::string_view to, Edges which) const;

  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::vector<bool> ordering_;  // of each edge: start order follows it
};

}  // namespace revenge::plugin
