#include "sessions.hpp"

#include <gtest/gtest.h>

namespace stream {
namespace {

using namespace std::chrono_literals;

class SessionsTest : public ::testing::Test {
 protected:
  // The name of the session, "+" before it when it is new; "full".
  std::string begin(std::string_view client, std::uint64_t file = 1, std::string_view player = "vlc") {
    const auto play = sessions_.begin(client, player, {0, file}, now_);
    return !play ? "full" : std::string(play->isNew ? "+" : "").append(play->session);
  }
  void finish(std::string session) {
    sessions_.finished(session.substr(session.starts_with('+') ? 1 : 0), now_);
  }
  bool isNew(const std::string& session) { return session.starts_with('+'); }

  Sessions sessions_{3};
  Sessions::Time now_{1000h};
};

TEST_F(SessionsTest, SeekingIsOnePlay) {
  const std::string first = begin("ada");
  finish(first);
  now_ += 30s;
  EXPECT_TRUE(isNew(first));
  EXPECT_EQ(begin("ada"), first.substr(1));
  EXPECT_EQ(sessions_.active(), 1U);
}

TEST_F(SessionsTest, ClientPlayerAndFileTellPlaysApart) {
  EXPECT_TRUE(isNew(begin("ada")));
  EXPECT_TRUE(isNew(begin("bob")));
  EXPECT_TRUE(isNew(begin("ada", 2)));
  sessions_.limitTo(4);
  EXPECT_TRUE(isNew(begin("ada", 1, "mpv")));
  EXPECT_EQ(sessions_.active(), 4U);
}

TEST_F(SessionsTest, EndsAfterSilence) {
  finish(begin("ada"));
  now_ += Sessions::kSilence - 1ns;
  EXPECT_EQ(sessions_.expire(now_), 1U);
  now_ += 1ns;
  EXPECT_EQ(sessions_.expire(now_), 0U);
  EXPECT_TRUE(isNew(begin("ada")));
}

TEST_F(SessionsTest, IsNewAfterSilenceAlsoWhenNobodyExpiredIt) {
  finish(begin("ada"));
  now_ += Sessions::kSilence;
  EXPECT_TRUE(isNew(begin("ada")));
}

TEST_F(SessionsTest, ALongTransferIsNoSilence) {
  const std::string film = begin("ada");
  now_ += 2h;
  EXPECT_EQ(sessions_.expire(now_), 1U);
  finish(film);
  now_ += Sessions::kSilence;
  EXPECT_EQ(sessions_.expire(now_), 0U);
}

TEST_F(SessionsTest, ATransferWhoseEndNobodyToldEndsAfterADay) {
  begin("ada");
  now_ += Sessions::kLongest - 1ns;
  EXPECT_EQ(sessions_.expire(now_), 1U);
  now_ += 1ns;
  EXPECT_EQ(sessions_.expire(now_), 0U);
}

TEST_F(SessionsTest, TheLongestSilentMakesRoom) {
  finish(begin("ada"));
  now_ += 1s;
  finish(begin("bob"));
  begin("eve");
  EXPECT_TRUE(isNew(begin("dan")));
  EXPECT_EQ(sessions_.active(), 3U);
  EXPECT_FALSE(isNew(begin("bob")));
  EXPECT_EQ(begin("ada"), "full") << "all others have a transfer in progress";
}

TEST_F(SessionsTest, AFullHouseStillServesItsGuests) {
  for (const char* client : {"ada", "bob", "eve"}) begin(client);
  EXPECT_EQ(begin("dan"), "full");
  EXPECT_FALSE(isNew(begin("ada")));
}

TEST_F(SessionsTest, EndsOfUnknownSessionsChangeNothing) {
  begin("ada");
  finish("");
  finish("../../etc/passwd");
  finish("00000000000000000000000000000000");
  EXPECT_EQ(sessions_.active(), 1U);
}

TEST_F(SessionsTest, TheNextVersionGoesOnCounting) {
  const std::string film = begin("ada");
  finish(begin("bob"));
  now_ += 59s;
  StateWriter out;
  sessions_.save(out, now_);
  const std::string state = out.take();

  Sessions next(3);
  const Sessions::Time later{7s};  // another clock
  StateReader in(state);
  ASSERT_TRUE(next.restore(in, later));
  EXPECT_TRUE(in.atEnd());
  EXPECT_EQ(next.active(), 2U);
  EXPECT_FALSE(next.begin("ada", "vlc", {0, 1}, later)->isNew);
  EXPECT_EQ(next.expire(later + 1s), 1U) << "bob has been silent for a minute";
}

TEST_F(SessionsTest, StateCutAnywhereIsRefusedAndChangesNothing) {
  begin("ada");
  StateWriter out;
  sessions_.save(out, now_);
  const std::string state = out.take();
  for (std::size_t length = 0; length < state.size(); ++length) {
    StateReader in(std::string_view(state).substr(0, length));
    EXPECT_FALSE(sessions_.restore(in, now_)) << length;
  }
  EXPECT_EQ(sessions_.active(), 1U);
}

TEST(State, ALengthThatCannotBeIsNotRead) {
  StateWriter out;
  out.number(~std::uint64_t{0});
  const std::string bytes = out.take();
  StateReader in(bytes);
  EXPECT_EQ(in.text(), "");
  EXPECT_FALSE(in.good());
  EXPECT_EQ(in.number(), 0U);
}

}  // namespace
}  // namespace stream
