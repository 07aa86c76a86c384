#include "config/watcher.hpp"

#include <cerrno>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/inotify.h>

#include "folder_fixture.hpp"

namespace revenge::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

bool instances_left = true;

int openIfLeft() {
  if (instances_left) return ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  errno = EMFILE;
  return -1;
}

class Watching : public ConfigFolder {
 protected:
  Watching() { instances_left = true; }

  void begin(const std::string& main = "revenge.yaml") {
    inputs_.file = path(main);
    watch(readSources(placesOf(inputs_)));
    pass(seconds(20));
    ASSERT_THAT(taken_, IsEmpty());
  }
  void watch(Sources running) {
    watcher_.emplace(
        placesOf(inputs_), std::move(running),
        WatchHandlers{[this](const Sources& sources) { return check(sources); },
                      [this](const Sources& sources) { return take(sources); },
                      [this](const Problems& problems) { refused_.push_back(shown(problems.front())); },
                      [this](const std::string& trouble) { trouble_ = trouble; }},
        clock_.now(), WatchTimes{}, FileEvents(&openIfLeft));
  }
  Problems check(const Sources& sources) const {
    const auto loaded = load(inputs_, sources);
    return loaded ? Problems() : loaded.error();
  }
  Taken take(const Sources& sources) {
    if (busy_ > 0) {
      --busy_;
      return Taken::kNotNow;
    }
    taken_.push_back(load(inputs_, sources)->snapshot->integer("/http/port"));
    return Taken::kDone;
  }
  // As its owner does: called at once when there are events, else when it asked to be.
  void pass(base::Duration time) {
    const base::Instant end = clock_.now() + time;
    for (base::Instant next = watcher_->step(clock_.now()); next <= end; next = watcher_->step(clock_.now()))
      clock_.advance(next - clock_.now());
    clock_.advance(end - clock_.now());
  }
  // The port in force after every reload since the last call.
  std::vector<std::int64_t> ports(base::Duration time) {
    pass(time);
    return std::exchange(taken_, {});
  }
  static std::string port(int number) { return fmt::format("http: {{port: {}}}\n", number); }
  void renameOver(std::string_view name, std::string_view text) {
    write("new", text);
    fs::rename(folder_ / "new", folder_ / name);
  }

  base::ManualClock clock_;
  Inputs inputs_;
  std::optional<Watcher> watcher_;
  std::vector<std::int64_t> taken_;
  std::vector<std::string> refused_;
  std::string trouble_;
  int busy_ = 0;
};

constexpr seconds kAtOnce{1};   // a debounce: what the poll would find comes later
constexpr seconds kSettled{3};  // a debounce, a second look, and less than a poll

TEST_F(Watching, ASaveIsTakenADebounceAfterIt) {
  write("revenge.yaml", port(1));
  begin();
  write("revenge.yaml", port(2));
  EXPECT_THAT(ports(milliseconds(999)), IsEmpty());
  EXPECT_THAT(ports(milliseconds(1)), ElementsAre(2));
  EXPECT_THAT(ports(seconds(60)), IsEmpty());
}

TEST_F(Watching, W1_RenameOverTheFileAgainAndAgain) {
  write("revenge.yaml", port(1));
  begin();
  for (int i = 2; i < 5; ++i) {
    renameOver("revenge.yaml", port(i));
    EXPECT_THAT(ports(kAtOnce), ElementsAre(i));
    write("revenge.yaml", port(i + 10));
    EXPECT_THAT(ports(kAtOnce), ElementsAre(i + 10));
  }
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(Watching, W2_TheGapOfATruncatingWriterIsNotSeen) {
  write("revenge.yaml", port(1));
  begin();
  write("revenge.yaml", "");
  EXPECT_THAT(ports(milliseconds(300)), IsEmpty());
  write("revenge.yaml", port(2));
  EXPECT_THAT(ports(kSettled), ElementsAre(2));
  // A slower one gets a second look.
  write("revenge.yaml", "");
  EXPECT_THAT(ports(milliseconds(1900)), IsEmpty());
  write("revenge.yaml", port(3));
  EXPECT_THAT(ports(kSettled), ElementsAre(3));
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(Watching, AFileThatStaysEmptyIsRefusedAndACommentIsNot) {
  write("revenge.yaml", port(1));
  begin();
  write("revenge.yaml", "");
  EXPECT_THAT(ports(seconds(60)), IsEmpty());
  EXPECT_THAT(refused_, ElementsAre("revenge.yaml: empty now; if that is meant, write a comment line"));
  write("revenge.yaml", "# all defaults\n");
  EXPECT_THAT(ports(kSettled), ElementsAre(8096));
}

TEST_F(Watching, W3_ConfigMapSwapsOfTheFolderBehindALink) {
  write("..1/revenge.yaml", port(1));
  fs::create_symlink("..1", folder_ / "..data");
  fs::create_symlink("..data/revenge.yaml", folder_ / "revenge.yaml");
  begin();
  for (int i = 2; i < 5; ++i) {
    write(fmt::format("..{}/revenge.yaml", i), port(i));
    fs::create_symlink(fmt::format("..{}", i), folder_ / "..data_tmp");
    fs::rename(folder_ / "..data_tmp", folder_ / "..data");
    fs::remove_all(folder_ / fmt::format("..{}", i - 1));
    EXPECT_THAT(ports(kAtOnce), ElementsAre(i));
  }
}

TEST_F(Watching, ALinkAboveTheFolderIsFollowed) {
  write("a/etc/revenge.yaml", port(1));
  write("b/etc/revenge.yaml", port(2));
  fs::create_symlink("a", folder_ / "current");
  begin("current/etc/revenge.yaml");
  fs::create_symlink("b", folder_ / "next");
  fs::rename(folder_ / "next", folder_ / "current");
  EXPECT_THAT(ports(kAtOnce), ElementsAre(2));
  write("b/etc/revenge.yaml", port(3));
  EXPECT_THAT(ports(kAtOnce), ElementsAre(3));
}

TEST_F(Watching, W4_RemovedThenCreatedThenEdited) {
  write("revenge.yaml", port(1));
  begin();
  fs::remove(folder_ / "revenge.yaml");
  EXPECT_THAT(ports(seconds(60)), IsEmpty());
  EXPECT_THAT(refused_, ElementsAre(HasSubstr("revenge.yaml: No such file or directory")));
  write("revenge.yaml", port(2));
  EXPECT_THAT(ports(kSettled), ElementsAre(2));
  write("revenge.yaml", port(3));
  EXPECT_THAT(ports(kSettled), ElementsAre(3));
  EXPECT_EQ(refused_.size(), 1U);
}

TEST_F(Watching, WhatIsRemovedOrChangedBetweenItsReadingAndTheWatchIsSeen) {
  write("revenge.yaml", port(1));
  inputs_.file = path("revenge.yaml");
  const Sources read = readSources(placesOf(inputs_));
  fs::remove(folder_ / "revenge.yaml");
  watch(read);
  pass(kSettled);
  ASSERT_EQ(refused_.size(), 1U);
  EXPECT_THAT(refused_.front(), HasSubstr("No such file"));
  write("revenge.yaml", port(2));
  watch(read);
  EXPECT_THAT(ports(kAtOnce), ElementsAre(2));
}

TEST_F(Watching, TheWholeFolderRemovedAndMadeAnew) {
  write("etc/revenge.yaml", port(1));
  begin("etc/revenge.yaml");
  for (int i = 2; i < 4; ++i) {
    fs::remove_all(folder_ / "etc");
    EXPECT_THAT(ports(kSettled), IsEmpty());
    write("etc/revenge.yaml", port(i));
    EXPECT_THAT(ports(kSettled), ElementsAre(i));
  }
}

TEST_F(Watching, WhatElseHappensInItsFoldersDelaysNothing) {
  write("etc/revenge.yaml", port(1));
  begin("etc/revenge.yaml");
  write("etc/revenge.yaml", port(2));
  EXPECT_THAT(ports(milliseconds(600)), IsEmpty());
  write("busy", "");
  write("etc/busy", "");
  fs::create_directory(folder_ / "etc/busy.d");
  EXPECT_THAT(ports(milliseconds(400)), ElementsAre(2));
}

TEST_F(Watching, RenameWithBackupAsVimDoesIt) {
  write("revenge.yaml", port(1));
  begin();
  fs::rename(folder_ / "revenge.yaml", folder_ / "revenge.yaml~");
  EXPECT_THAT(ports(milliseconds(100)), IsEmpty());
  write("revenge.yaml", port(2));
  fs::remove(folder_ / "revenge.yaml~");
  EXPECT_THAT(ports(kSettled), ElementsAre(2));
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(Watching, HardLinksAndExchangesOfNames) {
  write("revenge.yaml", port(1));
  begin();
  write("other", port(2));
  pass(kSettled);
  ASSERT_EQ(
      ::renameat2(AT_FDCWD, path("other").c_str(), AT_FDCWD, path("revenge.yaml").c_str(), RENAME_EXCHANGE),
      0);
  EXPECT_THAT(ports(kSettled), ElementsAre(2));
  fs::remove(folder_ / "revenge.yaml");
  fs::create_hard_link(folder_ / "other", folder_ / "revenge.yaml");
  EXPECT_THAT(ports(kSettled), ElementsAre(1));
}

TEST_F(Watching, LocalLayerDropInsAndSecretsAreWatchedToo) {
  write("revenge.yaml", port(1));
  inputs_.environment = {{"REVENGE_LOG__LEVEL_FILE", path("secret")}};
  write("secret", "info");
  begin();
  write("revenge.local.yaml", port(2));
  EXPECT_THAT(ports(kSettled), ElementsAre(2));
  write("revenge.d/1.yaml", port(3));
  EXPECT_THAT(ports(kSettled), ElementsAre(3));
  write("revenge.d/1.yaml", port(4));
  EXPECT_THAT(ports(kSettled), ElementsAre(4));
  fs::remove_all(folder_ / "revenge.d");
  EXPECT_THAT(ports(kSettled), ElementsAre(2));
  write("secret", "debug\n");
  EXPECT_THAT(ports(kSettled), ElementsAre(2));
}

TEST_F(Watching, W7_AnOverflowOfTheQueueHidesNothing) {
  write("revenge.yaml", port(1));
  begin();
  write("a", "");
  for (int i = 0; i < 20'000; ++i) {
    fs::rename(folder_ / (i % 2 == 0 ? "a" : "b"), folder_ / (i % 2 == 0 ? "b" : "a"));
    if (i == 18'000) write("revenge.yaml", port(2));
  }
  EXPECT_THAT(ports(kSettled), ElementsAre(2));
}

TEST_F(Watching, W8_AThousandSavesWithinASecondAreOneReload) {
  write("revenge.yaml", port(1));
  begin();
  for (int i = 1; i <= 1000; ++i) {
    i % 2 == 0 ? write("revenge.yaml", port(i)) : renameOver("revenge.yaml", port(i));
    pass(milliseconds(1));
  }
  EXPECT_THAT(ports(kSettled), ElementsAre(1000));
}

TEST_F(Watching, W9_ABusyWriterDelaysNoLongerThanTheLongestWait) {
  write("revenge.yaml", port(1));
  begin();
  for (int i = 1; i <= 300; ++i) {
    write("revenge.yaml", port(i));
    pass(milliseconds(200));
  }
  EXPECT_GE(taken_.size(), 60U / 5);
  EXPECT_LE(taken_.size(), 60U / 4 + 1);
}

TEST_F(Watching, W10_TouchChmodAndEqualBytesAreNoChange) {
  write("revenge.yaml", port(1));
  begin();
  fs::last_write_time(folder_ / "revenge.yaml", fs::file_time_type::clock::now());
  pass(kSettled);
  fs::permissions(folder_ / "revenge.yaml", fs::perms::owner_all);
  pass(kSettled);
  write("revenge.yaml", port(1));
  pass(kSettled);
  renameOver("revenge.yaml", port(1));
  EXPECT_THAT(ports(seconds(20)), IsEmpty());
}

TEST_F(Watching, W11_WithoutAnInotifyInstanceItPollsAndSaysSo) {
  write("revenge.yaml", port(1));
  instances_left = false;
  begin();
  EXPECT_THAT(trouble_, HasSubstr("fs.inotify.max_user_instances"));
  EXPECT_EQ(watcher_->descriptor(), -1);
  write("revenge.yaml", port(2));
  EXPECT_THAT(ports(seconds(7)), ElementsAre(2));
  instances_left = true;
  pass(seconds(6));
  EXPECT_EQ(trouble_, "");
  write("revenge.yaml", port(3));
  EXPECT_THAT(ports(seconds(1)), ElementsAre(3));
}

TEST_F(Watching, BrokenContentIsToldOnceAndTheFixTaken) {
  write("revenge.yaml", port(1));
  begin();
  write("revenge.yaml", "http: {prot: 1}\n");
  EXPECT_THAT(ports(seconds(30)), IsEmpty());
  fs::last_write_time(folder_ / "revenge.yaml", fs::file_time_type::clock::now());
  pass(seconds(30));
  EXPECT_THAT(refused_, ElementsAre("revenge.yaml:1: http.prot: unknown key; did you mean port?"));
  write("revenge.yaml", port(2));
  EXPECT_THAT(ports(kSettled), ElementsAre(2));
  write("revenge.yaml", "http: {prot: 1}\n");
  pass(seconds(30));
  EXPECT_EQ(refused_.size(), 2U);
}

TEST_F(Watching, WhatIsPutBackAfterARefusalIsTakenAgain) {
  write("revenge.yaml", port(1));
  begin();
  write("revenge.yaml", "[");
  EXPECT_THAT(ports(seconds(30)), IsEmpty());
  write("revenge.yaml", port(1));
  EXPECT_THAT(ports(kSettled), ElementsAre(1));
  EXPECT_THAT(ports(seconds(30)), IsEmpty());
}

TEST_F(Watching, WhoCannotTakeItNowIsAskedAgain) {
  write("revenge.yaml", port(1));
  begin();
  busy_ = 2;
  write("revenge.yaml", port(2));
  EXPECT_THAT(ports(milliseconds(2999)), IsEmpty());
  EXPECT_THAT(ports(milliseconds(1)), ElementsAre(2));
}

}  // namespace
}  // namespace revenge::config
