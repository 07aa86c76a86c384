#include "flags/kept_answers.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "unit/flags/definitions.hpp"

namespace revenge::flags {
namespace {

using namespace std::chrono_literals;

class KeptAnswersTest : public testing::Test {
 protected:
  void define(std::string_view flags) { flags_.publish(defined(fileOf(flags))); }
  bool in(std::string_view user) { return kept_.enabled(flag_, user, true); }

  base::ManualClock clock_;
  observe::Metrics metrics_;
  Flags flags_{clock_, metrics_};
  KeptAnswers kept_{flags_, clock_, 60s};
  const FlagId flag_ = flags_.id("new-player").value();
};

// F5: alice is in from 11.632 % on.
TEST_F(KeptAnswersTest, AnAnswerLastsAsLongAsTheSession) {
  define("  new-player: {percentage: 11}\n");
  EXPECT_FALSE(in("alice"));
  define("  new-player: {percentage: 12}\n");
  clock_.advance(59s);
  EXPECT_FALSE(in("alice")) << "asked within the session";
  clock_.advance(59s);
  EXPECT_FALSE(in("alice")) << "which each question prolongs";
  clock_.advance(60s);
  EXPECT_TRUE(in("alice"));
  define("  new-player: {percentage: 11}\n");
  EXPECT_TRUE(in("alice"));
}

TEST_F(KeptAnswersTest, OffOnAndKillCountAtOnce) {
  define("  new-player: {percentage: 50}\n");
  EXPECT_TRUE(in("alice"));
  define("  new-player: {percentage: 50, kill: true}\n");
  EXPECT_FALSE(in("alice"));
  define("  new-player: {}\n");
  EXPECT_FALSE(in("alice"));
  define("  new-player: {default: on}\n");
  EXPECT_TRUE(in("dave"));
}

TEST_F(KeptAnswersTest, NobodyInParticularIsNotKept) {
  define("  new-player: {percentage: 50}\n");
  EXPECT_FALSE(in(""));
  define("  new-player: {percentage: 50, default: on}\n");
  EXPECT_TRUE(in(""));
}

TEST_F(KeptAnswersTest, AFlagThatNobodyHasDefinedLeavesTheDefault) {
  EXPECT_TRUE(in("alice"));
  EXPECT_FALSE(kept_.enabled(flag_, "alice", false));
}

TEST_F(KeptAnswersTest, WithoutSessionsEveryQuestionIsAskedAnew) {
  KeptAnswers none(flags_, clock_, 0s);
  define("  new-player: {percentage: 11}\n");
  EXPECT_FALSE(none.enabled(flag_, "alice", true));
  define("  new-player: {percentage: 12}\n");
  EXPECT_TRUE(none.enabled(flag_, "alice", true));
}

TEST_F(KeptAnswersTest, WhoAsksOnIsRememberedThroughAFloodOfOthers) {
  define("  new-player: {percentage: 11}\n");
  EXPECT_FALSE(in("alice"));
  define("  new-player: {percentage: 12}\n");
  for (std::size_t i = 0; i < 4 * 16 * KeptAnswers::kKept; ++i) {
    in("flood-" + std::to_string(i));
    if (i % 1000 == 0) {
      EXPECT_FALSE(in("alice"));
    }
  }
  EXPECT_FALSE(in("alice"));
}

}  // namespace
}  // namespace revenge::flags
