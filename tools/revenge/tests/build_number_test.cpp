#include "revenge/build_number.hpp"

#include <gtest/gtest.h>

namespace revenge::author {
namespace {

TEST(BuildNumber, IsBuildMetadata) {
  EXPECT_EQ(numbered("0.1.0", 3), "0.1.0+3");
  EXPECT_EQ(numbered("1.0.0-rc.1", 12), "1.0.0-rc.1+12");
  EXPECT_EQ(numbered("0.1.0+g12ab", 3), "0.1.0+g12ab.3");
}

TEST(BuildNumber, GoesOnBehindTheHighest) {
  EXPECT_EQ(nextNumber({}), 1U);
  const std::vector<std::string> names{"9", "10", "host", "11x", "", "-3"};
  EXPECT_EQ(nextNumber(names), 11U);
}

TEST(BuildNumber, ChangesTheVersionAndNothingElse) {
  const auto made = withVersion(
      "{\n  \"config\": {\"version\": \"0.1.0\"}, \"sha256\":\"ab\" ,\n  \"version\" : \"0.1.0\",\n"
      "  \"abi\": 1\n}\n",
      "0.1.0+3", "plugin.json");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(*made,
            "{\n  \"config\": {\"version\": \"0.1.0\"}, \"sha256\":\"ab\" ,\n  \"version\" : \"0.1.0+3\",\n"
            "  \"abi\": 1\n}\n");
}

TEST(BuildNumber, NamesWhatIsNoManifest) {
  EXPECT_EQ(withVersion("{}", "1.0.0", "x/plugin.json").error().message,
            "x/plugin.json: version: expected a semantic version");
  EXPECT_TRUE(withVersion("{", "1.0.0", "x/plugin.json").error().message.starts_with("x/plugin.json:1: "));
  EXPECT_EQ(withVersion("{\"version\": \"\\u0031.0.0\"}", "1.0.0", "p").error().message,
            "p:1: version: expected it to be written as \"1.0.0\"");
}

}  // namespace
}  // namespace revenge::author
