// The wiring, driven as a host drives it.
#include "plugin.cpp"

#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

#include "tests/media_folder.hpp"

namespace stream {
namespace {

using namespace std::chrono_literals;
using testing::MediaFolder;
namespace fs = std::filesystem;

class StreamTest : public ::testing::Test {
 protected:
  std::string config() const { return R"({"folders": [")" + media_.text() + R"("]})"; }
  std::string urlOf(const std::string& path) const { return "/stream/" + text(idOf(media_.text(), path)); }

  MediaFolder media_;
  revenge::testing::FakeHost host_;
};

TEST_F(StreamTest, ListsAndServesAFile) {
  media_.write("films/film.mkv", "the film");
  auto plugin = host_.load<Stream>(config());
  const auto& list = host_.get("/stream?limit=10");
  EXPECT_EQ(list.status, 200);
  EXPECT_EQ(list.contentType, "application/json");
  EXPECT_TRUE(list.body.contains(R"("total":1,"offset":0,"limit":10,"scanning":false)")) << list.body;
  const auto& film = host_.get(urlOf("films/film.mkv"));
  EXPECT_EQ(film.status, 200);
  EXPECT_EQ(film.contentType, "video/x-matroska");
  EXPECT_EQ(film.body, "the film");
  EXPECT_TRUE(host_.get(urlOf("films/film.mkv") + "/info").body.contains(R"("name":"film.mkv")"));
}

TEST_F(StreamTest, EveryAnswerNamesTheVersionAndForbidsGuessing) {
  media_.write("film.mkv");
  auto plugin = host_.load<Stream>(config());
  for (const std::string& target :
       {std::string("/"), std::string("/stream"), urlOf("film.mkv"), urlOf("film.mkv") + "/info",
        urlOf("none.mkv"), std::string("/stream?limit=x")}) {
    const auto& reply = host_.get(target);
    EXPECT_EQ(reply.headers.at("revenge-plugin"), "stream/" REVENGE_PLUGIN_VERSION) << target;
    EXPECT_EQ(reply.headers.at("x-content-type-options"), "nosniff") << target;
  }
}

TEST_F(StreamTest, ThePageMayLoadNothingButItsMedia) {
  media_.write("film.mkv");
  auto plugin = host_.load<Stream>(config());
  const auto& page = host_.get("/?play=" + text(idOf(media_.text(), "film.mkv")));
  EXPECT_TRUE(
      page.headers.at("content-security-policy").starts_with("default-src 'none'; media-src 'self';"));
  EXPECT_TRUE(page.body.contains("<video"));
  EXPECT_EQ(host_.get("/?play=../../etc/passwd").status, 200);
}

TEST_F(StreamTest, AnswersWhatIsNotThere) {
  media_.write("film.mkv");
  media_.write("notes.txt");
  auto plugin = host_.load<Stream>(config());
  EXPECT_EQ(host_.get(urlOf("none.mkv")).status, 404);
  EXPECT_EQ(host_.get(urlOf("notes.txt")).status, 404);
  EXPECT_EQ(host_.get("/stream/..%2f..%2fetc%2fpasswd").status, 404);
  EXPECT_EQ(host_.get("/stream/film.mkv").status, 404);
  EXPECT_EQ(host_.get("/stream?limit=0").status, 400);
  EXPECT_EQ(host_.get("/?offset=x").status, 400);
}

TEST_F(StreamTest, AFileDeletedSinceTheScanIs404AndLogged) {
  media_.write("film.mkv");
  auto plugin = host_.load<Stream>(config());
  fs::remove(media_.path() / "film.mkv");
  EXPECT_EQ(host_.get(urlOf("film.mkv")).status, 404);
  EXPECT_TRUE(host_.hasLogged("film.mkv: No such file"));
}

TEST_F(StreamTest, AnUnreadableFileIs403) {
  fs::permissions(media_.write("film.mkv"), fs::perms::none);
  EXPECT_EXIT(
      {
        if (::geteuid() == 0 && (::setegid(65534) != 0 || ::seteuid(65534) != 0)) ::_exit(2);
        auto plugin = host_.load<Stream>(config());
        const bool told = host_.get(urlOf("film.mkv")).status == 403 && host_.hasLogged("Permission denied");
        ::_exit(told ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST_F(StreamTest, FindsNewFilesByItself) {
  auto plugin = host_.load<Stream>(config());
  media_.write("film.mkv");
  host_.clock().advance(59s);
  EXPECT_EQ(host_.get(urlOf("film.mkv")).status, 404);
  host_.clock().advance(1s);
  EXPECT_EQ(host_.get(urlOf("film.mkv")).status, 200);
  EXPECT_EQ(host_.metric("files"), 1);
}

TEST_F(StreamTest, IsDegradedWhileAFolderIsAway) {
  auto plugin = host_.load<Stream>(R"({"folders": [")" + media_.text() + R"(/mount"], "rescan_s": 5})");
  const revenge::Status health = plugin.health();
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().code, Errc::kUnavailable);
  EXPECT_EQ(health.error().message, "folder " + media_.text() + "/mount: No such file or directory");
  media_.write("mount/film.mkv");
  host_.clock().advance(5s);
  EXPECT_TRUE(plugin.health());
}

TEST_F(StreamTest, CountsPlaysAndBytes) {
  media_.write("film.mkv", "the film");
  auto plugin = host_.load<Stream>(config());
  const auto& first = host_.get(urlOf("film.mkv"));
  const auto& seek = host_.get(urlOf("film.mkv"));
  EXPECT_EQ(first.session, seek.session);
  host_.http().finished(first, 3, false);
  host_.http().finished(seek, 8, true);
  EXPECT_EQ(host_.metric("sessions_total"), 1);
  EXPECT_EQ(host_.metric("sessions_active"), 1);
  EXPECT_EQ(host_.metric("sent_bytes_total"), 11);
  host_.clock().advance(60s);
  EXPECT_EQ(host_.metric("sessions_active"), 0);
}

TEST_F(StreamTest, OnePlayTooManyIs503) {
  media_.write("a.mkv");
  media_.write("b.mkv");
  auto plugin = host_.load<Stream>(R"({"folders": [")" + media_.text() + R"("], "max_sessions": 1})");
  EXPECT_EQ(host_.get(urlOf("a.mkv")).status, 200);
  const auto& refused = host_.get(urlOf("b.mkv"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("retry-after"), "10");
  EXPECT_EQ(host_.get(urlOf("a.mkv")).status, 200);
}

TEST_F(StreamTest, TakesOtherFoldersWhileItRuns) {
  media_.write("film.mkv");
  MediaFolder other;
  other.write("song.mp3");
  auto plugin = host_.load<Stream>(config());
  ASSERT_TRUE(plugin.configure(R"({"folders": [")" + other.text() + R"("]})"));
  EXPECT_EQ(host_.get(urlOf("film.mkv")).status, 404);
  EXPECT_EQ(host_.get("/stream/" + text(idOf(other.text(), "song.mp3"))).status, 200);
}

TEST_F(StreamTest, RefusesFoldersItCannotServe) {
  auto plugin = host_.load<Stream>(config());
  const revenge::Status refused = plugin.configure(R"({"folders": ["/media", "/media/films"]})");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("lies within"));
  EXPECT_FALSE(host_.tryLoad<Stream>(R"({"folders": ["media"]})"));
}

TEST_F(StreamTest, ASwapKeepsSessionsAndCatalogue) {
  media_.write("film.mkv");
  auto old = host_.load<Stream>(config());
  const std::string session = host_.get(urlOf("film.mkv")).session;
  const auto state = old.save();
  ASSERT_TRUE(state);

  revenge::testing::FakeHost elsewhere;
  elsewhere.clock().advance(1h);
  elsewhere.cancelCalls();  // its own scan never ends
  auto fresh = elsewhere.load<Stream>(config());
  ASSERT_TRUE(fresh.restore(*state, "0.1.0"));
  EXPECT_EQ(elsewhere.metric("sessions_active"), 1);
  EXPECT_EQ(elsewhere.get(urlOf("film.mkv")).session, session);
  EXPECT_EQ(elsewhere.metric("sessions_total"), 0);
}

TEST_F(StreamTest, StateOfAnotherKindIsRefused) {
  auto plugin = host_.load<Stream>(config());
  EXPECT_EQ(plugin.restore("something else", "9.9.9").error().message,
            "the state saved by 9.9.9 cannot be read");
  EXPECT_FALSE(plugin.restore(*plugin.save() + "x", "0.1.0"));
}

}  // namespace
}  // namespace stream
