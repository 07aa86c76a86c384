#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "archive.hpp"
#include "json.hpp"
#include "part_file.hpp"
#include "postgresql/conninfo.hpp"

namespace database {
namespace {

namespace fs = std::filesystem;
using revenge::Errc;
using std::chrono::sys_days;
using namespace std::chrono_literals;

class BackupFiles : public testing::Test {
 protected:
  BackupFiles() {
    std::string name = (fs::temp_directory_path() / "revenge-backups-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  ~BackupFiles() override { fs::remove_all(folder); }
  void write(const std::string& name) const { std::ofstream(folder / name) << "content"; }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder)) all.push_back(entry.path().filename());
    std::ranges::sort(all);
    return all;
  }

  fs::path folder;
};

TEST_F(BackupFiles, AreNamedByTheirTimeAndReadBackNewestFirst) {
  const Archive archive(folder, ".db");
  const auto night = sys_days(2026y / 1 / 31) + 23h + 59min + 58s;
  EXPECT_EQ(archive.fileFor(night), (folder / "revenge-20260131T235958Z.db").string());
  write("revenge-20260131T235958Z.db");
  EXPECT_EQ(archive.fileFor(night), (folder / "revenge-20260131T235958Z-2.db").string());
  for (const char* const name :
       {"revenge-20260131T235958Z-2.db", "revenge-20260131T235958Z-10.db", "revenge-20250131T235958Z.db"})
    write(name);
  const auto kept = archive.list();
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 4U);
  EXPECT_EQ((*kept)[0].file, (folder / "revenge-20260131T235958Z-10.db").string());
  EXPECT_EQ((*kept)[0].made, night);
  EXPECT_EQ((*kept)[0].size_bytes, 7U);
  EXPECT_EQ((*kept)[3].file, (folder / "revenge-20250131T235958Z.db").string());
}

TEST_F(BackupFiles, TheOldestGoAndTheLastAndWhatIsSomebodyElsesStay) {
  const Archive archive(folder, ".db");
  for (const char* const name :
       {"revenge-20260101T000000Z.db", "revenge-20260102T000000Z.db", "revenge-20260103T000000Z.db",
        "revenge-20260101T000000Z.dump", "revenge-20260101T000000Z.db.part", "revenge-holiday.db",
        "revenge-20260101T000000Z-mine.db", "films.db"})
    write(name);
  EXPECT_TRUE(archive.prune(2));
  EXPECT_EQ(names().size(), 7U);
  EXPECT_FALSE(fs::exists(folder / "revenge-20260101T000000Z.db"));
  EXPECT_TRUE(archive.prune(0));
  EXPECT_EQ(names().size(), 6U);
  EXPECT_TRUE(fs::exists(folder / "revenge-20260103T000000Z.db"));
}

TEST_F(BackupFiles, AFolderThatIsMissingIsNamed) {
  const auto kept = Archive((folder / "missing").string(), ".db").list();
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, Errc::kNotFound);
  EXPECT_TRUE(kept.error().message.starts_with((folder / "missing").string()));
}

TEST_F(BackupFiles, AFileThatIsNotPutIsNotThere) {
  const std::string file = folder / "one";
  {
    const PartFile part(file);
    std::ofstream(part.name()) << "half";
    write("one.part-wal");
  }
  EXPECT_TRUE(names().empty());
  PartFile part(file);
  std::ofstream(part.name()) << "whole";
  EXPECT_TRUE(part.put());
  EXPECT_EQ(names(), std::vector<std::string>{"one"});
}

TEST_F(BackupFiles, NothingIsReplaced) {
  const std::string file = folder / "one";
  PartFile part(file);
  std::ofstream(part.name()) << "new";
  write("one");
  const auto put = part.put();
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Errc::kExists);
  EXPECT_EQ(PartFile::mayBegin(file).error().code, Errc::kExists);
  EXPECT_EQ(PartFile::mayBegin(folder / "missing" / "one").error().code, Errc::kNotFound);
  EXPECT_EQ(PartFile::mayBegin("one").error().code, Errc::kInvalid);
  EXPECT_TRUE(PartFile::mayBegin(folder / "two"));
}

TEST(Answers, AreJson) {
  Json json;
  json.add("text", "a\"b\\c\n").add("yes", true).add("count", std::size_t{3}).null("last").list("items");
  json.item().add("n", 1).end().item().end().end().object("inner").add("s", 0.5);
  EXPECT_EQ(
      json.take(),
      R"({"text":"a\"b\\c\u000a","yes":true,"count":3,"last":null,"items":[{"n":1},{}],"inner":{"s":0.5}})");
}

TEST(Url, ItsSecretsStandApart) {
  const auto parts = postgresql::partsOf("postgresql://ann:se%27same@db.example:5433/films?sslmode=require");
  ASSERT_TRUE(parts);
  EXPECT_FALSE(parts->open.contains("same"));
  EXPECT_TRUE(parts->open.contains("host='db.example'"));
  EXPECT_TRUE(parts->open.contains("sslmode='require'"));
  EXPECT_EQ(parts->secrets, (std::vector<std::pair<std::string, std::string>>{{"PGPASSWORD", "se'same"}}));
  EXPECT_EQ(postgresql::placeOf("postgresql://ann:sesame@db.example:5433/films"),
            "ann@db.example:5433/films");
  EXPECT_EQ(postgresql::placeOf("postgresql://ann@/?host=/run/pg"), "ann@/run/pg:5432/ann");
}

}  // namespace
}  // namespace database
