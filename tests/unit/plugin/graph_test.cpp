#include "plugin/graph.hpp"

#include <initializer_list>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace revenge::plugin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Ids = std::vector<std::string>;

// "a: b c?" is a plugin that offers a/1, requires b/1 and can use c/1.
Node node(const std::string& id, std::initializer_list<std::string> needs = {}) {
  Node made{id, {{.id = "test." + id + "/1"}}, {}};
  for (std::string need : needs) {
    const bool optional = need.ends_with('?');
    if (optional) need.pop_back();
    made.needs.push_back({.id = "test." + need + "/1", .optional = optional});
  }
  return made;
}

TEST(Graph, OrdersProvidersFirst) {
  const Graph graph({node("a", {"b"}), node("b", {"c"}), node("c"), node("d", {"a", "c"})});
  EXPECT_THAT(graph.order(), ElementsAre("c", "b", "a", "d"));
  EXPECT_THAT(graph.before("d"), ElementsAre("a", "c"));
  EXPECT_THAT(graph.dependents("c"), ElementsAre("a", "b", "d"));
  EXPECT_THAT(graph.dependents("d"), IsEmpty());
}

TEST(Graph, NamesTheCircleWithItsPath) {
  const Graph graph({node("a", {"b"}), node("b", {"c"}), node("c", {"a"}), node("d", {"a"})});
  EXPECT_THAT(graph.cycleThrough("b"), ElementsAre("b", "c", "a", "b"));
  EXPECT_THAT(graph.cycleThrough("d"), IsEmpty());
  EXPECT_EQ(graph.order().front(), "a");
}

TEST(Graph, FindsTheCircleAlsoWhereABranchLeadsAstray) {
  const Graph graph({node("a", {"x", "b"}), node("x", {"b"}), node("b", {"a"})});
  const Ids path = graph.cycleThrough("a");
  ASSERT_FALSE(path.empty());
  EXPECT_EQ(path.front(), "a");
  EXPECT_EQ(path.back(), "a");
}

TEST(Graph, StartsOptionalProvidersFirstUnlessThatClosesACircle) {
  const Graph useful({node("a", {"b?"}), node("b")});
  EXPECT_THAT(useful.order(), ElementsAre("b", "a"));
  EXPECT_THAT(useful.dependents("b"), IsEmpty());
  const Graph circle({node("a", {"b?"}), node("b", {"a"})});
  EXPECT_THAT(circle.order(), ElementsAre("a", "b"));
  EXPECT_THAT(circle.cycleThrough("a"), IsEmpty());
}

TEST(Graph, HasNoEdgeWhereTwoOfferTheSame) {
  Node other = node("c");
  other.offers = node("b").offers;
  const Graph graph({node("a", {"b"}), node("b"), other});
  EXPECT_THAT(graph.edges(), IsEmpty());
}

TEST(Graph, NobodyRequiresItself) {
  const Graph graph({node("a", {"a"})});
  EXPECT_THAT(graph.edges(), IsEmpty());
}

}  // namespace
}  // namespace revenge::plugin
