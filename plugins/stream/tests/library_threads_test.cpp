// Files are opened, listed and reconfigured by many threads at once.
#include <atomic>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "beneath.hpp"
#include "library.hpp"
#include "sessions.hpp"
#include "tests/media_folder.hpp"

namespace stream {
namespace {

using testing::MediaFolder;
namespace fs = std::filesystem;

std::string contentOf(const revenge::File& file) {
  std::string bytes(16, '\0');
  const ssize_t count = ::read(file.descriptor(), bytes.data(), bytes.size());
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

void exchange(const fs::path& one, const fs::path& other) {
  constexpr unsigned kExchange = 2;  // RENAME_EXCHANGE
  ASSERT_EQ(::syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), kExchange), 0);
}

// A folder on the way to the file is exchanged, without a gap, for a link that leads outside.
TEST(OpenRace, NeverReadsOutsideWhileALinkComesAndGoes) {
  const MediaFolder outside;
  outside.write("film.mkv", "secret");
  const MediaFolder inside;
  inside.write("films/film.mkv", "public");
  inside.link("link", outside.path());
  const auto root = Root::open(inside.text());
  ASSERT_TRUE(root);

  std::atomic<bool> done = false;
  std::jthread flips([&] {
    while (!done) exchange(inside.path() / "films", inside.path() / "link");
  });
  int served = 0;
  int refused = 0;
  constexpr int kLeast = 200;
  constexpr int kMost = 2'000'000;
  for (int tries = 0; (served < kLeast || refused < kLeast) && tries < kMost; ++tries) {
    const auto file = root->openFile("films/film.mkv");
    if (!file) {
      ++refused;
    } else {
      ++served;
      ASSERT_EQ(contentOf(*file), "public");
    }
  }
  done = true;
  EXPECT_GE(served, kLeast);
  EXPECT_GE(refused, kLeast);
}

TEST(LibraryThreads, ReadersSeeWholeCataloguesOfFoldersThatAreInForce) {
  const MediaFolder one;
  one.write("a.mkv");
  one.write("b.mkv");
  const MediaFolder two;
  two.write("c.mkv");
  Library library({.folders = {one.text()}});

  std::atomic<bool> done = false;
  std::jthread scans([&] {
    while (!done) static_cast<void>(library.scan([] { return false; }));
  });
  std::jthread changes([&] {
    for (int i = 0; !done; ++i) library.use({.folders = {i % 2 == 0 ? two.text() : one.text()}});
  });
  for (int reads = 0; reads < 2000; ++reads) {
    const CataloguePtr catalogue = library.catalogueSoon(std::chrono::milliseconds(0));
    for (const Entry& entry : catalogue->entries()) {
      ASSERT_EQ(catalogue->find(entry.id), &entry);
      ASSERT_TRUE(Library::open(*catalogue, entry, Wait::kAllowed));
    }
  }
  done = true;
}

TEST(LibraryThreads, WaitsForTheFirstScanAndForNoOther) {
  const MediaFolder folder;
  folder.write("a.mkv");
  Library library({.folders = {folder.text()}});
  EXPECT_TRUE(library.catalogueSoon(std::chrono::milliseconds(0))->entries().empty());
  std::jthread scans([&] { static_cast<void>(library.scan([] { return false; })); });
  EXPECT_EQ(library.catalogueSoon(std::chrono::minutes(1))->entries().size(), 1U);
}

TEST(SessionsThreads, CountEachPlayOnce) {
  Sessions sessions(1000);
  std::atomic<int> begun = 0;
  {
    std::vector<std::jthread> players;
    for (int i = 0; i < 4; ++i)
      players.emplace_back([&] {
        for (std::uint64_t film = 0; film < 100; ++film) {
          const auto play = sessions.begin("192.0.2.1", "player", {0, film}, Sessions::Time());
          if (play->isNew) ++begun;
          sessions.finished(play->session, Sessions::Time());
        }
      });
  }
  EXPECT_EQ(begun, 100);
  EXPECT_EQ(sessions.expire(Sessions::Time() + Sessions::kSilence), 0U);
}

}  // namespace
}  // namespace stream
