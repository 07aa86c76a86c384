#include "config/flatten.hpp"

#include <gtest/gtest.h>

#include "document/json.hpp"

namespace revenge::config {
namespace {

TEST(Flatten, GivesEveryLeafInDocumentOrder) {
  const auto tree = document::parseJson(
                        R"({"folders":["/a","/b"],"x/y":{"n":1.5,"on":true},"none":null,"e":[],"o":{}})", "t")
                        .value();
  std::string shown;
  for (const Leaf& leaf : flatten(tree)) shown += leaf.pointer + "=" + document::writeJson(*leaf.value) + " ";
  EXPECT_EQ(shown, R"(/folders/0="/a" /folders/1="/b" /x~1y/n=1.5 /x~1y/on=true /none=null /e=[] /o={} )");
}

TEST(Flatten, AnEmptySectionIsOneEmptyObjectAtTheTop) {
  const document::Value tree{document::Object()};
  const auto leaves = flatten(tree);
  ASSERT_EQ(leaves.size(), 1U);
  EXPECT_EQ(leaves[0].pointer, "");
  EXPECT_EQ(leaves[0].value, &tree);
}

}  // namespace
}  // namespace revenge::config
