#include "observe/crash_steps.hpp"

#include <filesystem>
#include <optional>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace revenge::observe {
namespace {

class CrashStepsTest : public ::testing::Test {
 protected:
  CrashStepsTest() {
    std::string made = ::testing::TempDir() + "steps-XXXXXX";
    folder = ::mkdtemp(made.data());
  }
  ~CrashStepsTest() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
  std::filesystem::path file() const { return folder / "steps"; }
};

TEST_F(CrashStepsTest, WhatGoesOnWhenTheProcessEndsIsLeft) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto steps = CrashSteps::open(file());
    {
      const auto over = steps->begin({"over", "1.0.0", "aa"}, "create");
    }
    const auto runs = steps->begin({"runs", "2.0.0", "bb"}, "start");
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const auto left = CrashSteps::left(file());
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].plugin, (BuildOfPlugin{"runs", "2.0.0", "bb"}));
  EXPECT_EQ(left[0].what, "start");
}

TEST_F(CrashStepsTest, OpenedAnewItIsEmpty) {
  {
    auto steps = CrashSteps::open(file());
    auto step = std::make_optional(steps->begin({"a", "1.0.0", "aa"}, "start"));
    EXPECT_EQ(CrashSteps::left(file()).size(), 1U);
    auto again = CrashSteps::open(file());
    EXPECT_TRUE(CrashSteps::left(file()).empty());
  }
  EXPECT_TRUE(CrashSteps::left(folder / "none").empty());
}

TEST_F(CrashStepsTest, MoreThanItHoldsAreNotNotedAndHarmNobody) {
  auto steps = CrashSteps::open(file());
  std::vector<CrashSteps::Step> many;
  for (int i = 0; i < 200; ++i) many.push_back(steps->begin({"a", "1.0.0", "aa"}, "start"));
  EXPECT_EQ(CrashSteps::left(file()).size(), 64U);
  many.clear();
  EXPECT_TRUE(CrashSteps::left(file()).empty());
}

TEST_F(CrashStepsTest, LongNamesAreCut) {
  auto steps = CrashSteps::open(file());
  const std::string name(300, 'x');
  const auto step = steps->begin({name, name, name}, name);
  const auto left = CrashSteps::left(file());
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].plugin.id, std::string(67, 'x'));
}

TEST_F(CrashStepsTest, AFolderThatIsNotThereIsNamed) {
  const auto steps = CrashSteps::open(folder / "none" / "steps");
  ASSERT_FALSE(steps);
  EXPECT_NE(steps.error().message.find("none/steps"), std::string::npos);
}

}  // namespace
}  // namespace revenge::observe
