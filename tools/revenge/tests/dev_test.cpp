#include <gtest/gtest.h>

#include "revenge/dev_lines.hpp"
#include "revenge/dev_options.hpp"

namespace revenge::author {
namespace {

using Words = std::vector<std::string>;

std::string refusal(const Words& words) {
  const auto options = parseDevOptions(words);
  return options ? "" : options.error().message;
}

TEST(DevLines, NameWhatChangedAndNoMoreThanFits) {
  EXPECT_EQ(changedText({}), "");
  EXPECT_EQ(changedText({{"a.cpp"}, false}), "a.cpp changed");
  EXPECT_EQ(changedText({{"a.cpp", "b.cpp"}, false}), "a.cpp and b.cpp changed");
  EXPECT_EQ(changedText({{"a.cpp", "b.cpp", "c.cpp"}, true}), "a.cpp and 2 more changed");
  EXPECT_EQ(changedText({{}, true}), "the source changed");
  EXPECT_EQ(changedText({{"a\x1b.cpp"}, false}), "a\\x1b.cpp changed");
}

TEST(DevLines, AreJoinedByDots) {
  EXPECT_EQ(joinedLine({"a.cpp changed", "", "built 1.9 s"}), "a.cpp changed · built 1.9 s");
  EXPECT_EQ(secondsText(std::chrono::milliseconds(1940)), "1.9 s");
}

TEST(DevLines, OfABuildShowWhatCompilersSay) {
  EXPECT_FALSE(isOfCompiler("-- Configuring done\n"));
  EXPECT_FALSE(isOfCompiler("ninja: no work to do.\n"));
  EXPECT_TRUE(isOfCompiler("a.cpp:1:1: error: expected\n"));
  EXPECT_TRUE(isOfCompiler("CMake Error at CMakeLists.txt:3\n"));
}

TEST(DevOptions, AreTakenInBothForms) {
  const auto options =
      parseDevOptions({"--host", "--set", "http.port=0", "--config=a.yaml", "--build", "out"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_TRUE(options->own_host);
  EXPECT_EQ(options->host_options, (Words{"--set", "http.port=0", "--config", "a.yaml"}));
  EXPECT_EQ(options->build, "out");
  EXPECT_EQ(parseDevOptions({"--socket=/a"})->socket, "/a");
}

TEST(DevOptions, NameWhatIsWrong) {
  EXPECT_EQ(refusal({"--sokcet", "x"}), "'--sokcet': unknown option; revenge dev --help lists the options");
  EXPECT_EQ(refusal({"hello"}), "'hello': unknown option; revenge dev --help lists the options");
  EXPECT_EQ(refusal({"--socket"}), "--socket: a value is missing");
  EXPECT_EQ(refusal({"--set", "a=1"}), "--set is of a host of its own: it goes with --host");
  EXPECT_TRUE(refusal({"--host", "--socket", "x"}).starts_with("--socket and --host exclude each other"));
}

}  // namespace
}  // namespace revenge::author
