#include "app/programs.hpp"

#include <fstream>

#include <gmock/gmock.h>

#include "app/options.hpp"

namespace revenge::app {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Words = std::vector<std::string>;

class ProgramsTest : public testing::Test {
 protected:
  ProgramsTest() {
    std::string name = (fs::temp_directory_path() / "revenge-programs-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~ProgramsTest() override { fs::remove_all(root_); }

  void make(const fs::path& file, fs::perms mode = fs::perms::owner_all) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << "#!/bin/sh\n";
    fs::permissions(root_ / file, mode);
  }
  std::vector<fs::path> folders() const { return programFolders(root_ / "bin" / "revenge"); }

  fs::path root_;
};

TEST_F(ProgramsTest, AWordIsAProgramOfTheInstallationElseOneBesideTheHost) {
  make("bin/revenge-new");
  EXPECT_EQ(findProgram("new", folders()), root_ / "bin" / "revenge-new");
  make("libexec/revenge/revenge-new");
  EXPECT_EQ(findProgram("new", folders()), root_ / "libexec" / "revenge" / "revenge-new");
}

TEST_F(ProgramsTest, ListsEachWordOnceAndNothingThatCannotRun) {
  make("bin/revenge");
  make("bin/revengectl");
  make("bin/revenge-new");
  make("libexec/revenge/revenge-new");
  make("libexec/revenge/revenge-dev");
  make("libexec/revenge/revenge-notes", fs::perms::owner_read);
  fs::create_directories(root_ / "libexec" / "revenge" / "revenge-folder");
  EXPECT_EQ(programWords(folders()), (Words{"dev", "new"}));
}

TEST_F(ProgramsTest, AnUnknownWordIsToldWhatThereIs) {
  EXPECT_THAT(findProgram("dev", folders()).error().message, HasSubstr("'dev': no such program, nor is"));
  make("bin/revenge-new");
  make("bin/revenge-dev");
  EXPECT_EQ(findProgram("neu", folders()).error().message, "'neu': no such program; there are: dev, new");
}

TEST_F(ProgramsTest, NoWordLeadsOutOfTheFolders) {
  make("revenge-x/program");
  make("bin/revenge-/program");
  for (const char* word : {"", "x/../../revenge-x/program", "/program", "../program", "NEW", "-x/../y"})
    EXPECT_FALSE(findProgram(word, folders())) << word;
}

TEST(CommandLine, AFirstWordWithoutADashIsAProgramAndTheRestIsItsOwn) {
  const auto command = parseCommandLine({"new", "hello", "--help", "--config"});
  ASSERT_TRUE(command);
  const auto& program = std::get<Program>(*command);
  EXPECT_EQ(program.word, "new");
  EXPECT_EQ(program.arguments, (Words{"hello", "--help", "--config"}));
}

TEST(CommandLine, AWordBehindAnOptionIsNone) {
  const auto command = parseCommandLine({"--doctor", "new"});
  ASSERT_FALSE(command);
  EXPECT_THAT(command.error().message, HasSubstr("'new': unknown option"));
}

TEST(CommandLine, HelpNamesTheWordsThatThereAre) {
  EXPECT_TRUE(std::holds_alternative<Help>(*parseCommandLine({"--help"})));
  EXPECT_THAT(helpText({"dev", "new"}), HasSubstr("WORD is one of: dev, new;"));
  EXPECT_THAT(helpText({}), testing::Not(HasSubstr("one of")));
}

}  // namespace
}  // namespace revenge::app
