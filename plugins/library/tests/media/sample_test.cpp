#include "media/sample.hpp"

#include <cerrno>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "folder.hpp"

namespace library::media {
namespace {

constexpr std::size_t kEnds = 2 * kSampleBytes;

class SampleTest : public ::testing::Test {
 protected:
  std::expected<Sample, int> of(const std::string& content, std::size_t size) {
    const int file = ::open(folder_.write("file", content).c_str(), O_RDONLY | O_CLOEXEC);
    EXPECT_GE(file, 0);
    auto sample = sampleOf(file, size);
    EXPECT_EQ(::lseek(file, 0, SEEK_CUR), 0);
    ::close(file);
    return sample;
  }
  std::string of(const std::string& content) {
    const auto sample = of(content, content.size());
    if (!sample) return "errno " + std::to_string(sample.error());
    std::string digits;
    for (const std::byte byte : *sample) {
      for (const unsigned shift : {4U, 0U})
        digits += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> shift & 0xFU];
    }
    return digits;
  }

  Folder folder_;
};

// XXH3-128 of eight bytes of the size, least first, and the content: `xxhsum -H2` says the same.
TEST_F(SampleTest, IsTheSameOnEveryMachine) {
  EXPECT_EQ(of(""), "2c0a8a99dc147d5445c3b49d035665b2");
  EXPECT_EQ(of("a film"), "e2e30061274c5b5c54ae91fafc7f2de4");
  EXPECT_EQ(of(std::string(kEnds + 1, 'x')), "2262b79f505b610efeacdb4623761746");
}

TEST_F(SampleTest, EveryByteOfASmallFileCounts) {
  std::string content(kEnds, 'x');
  const std::string sample = of(content);
  for (const std::size_t at : {std::size_t{0}, kSampleBytes - 1, kSampleBytes, kEnds - 1}) {
    content[at] = 'y';
    EXPECT_NE(of(content), sample) << at;
    content[at] = 'x';
  }
}

TEST_F(SampleTest, OfALargeFileTheEndsCount) {
  std::string content(kEnds + 1000, 'x');
  const std::string sample = of(content);
  for (const std::size_t at :
       {std::size_t{0}, kSampleBytes - 1, content.size() - kSampleBytes, content.size() - 1}) {
    content[at] = 'y';
    EXPECT_NE(of(content), sample) << at;
    content[at] = 'x';
  }
  content[kSampleBytes] = 'y';
  EXPECT_EQ(of(content), sample);
  content[kSampleBytes] = 'x';
  EXPECT_NE(of(content + 'x'), sample);
}

TEST_F(SampleTest, AFileThatEndsBeforeItsSizeIsAnError) {
  EXPECT_EQ(of("short", 6).error(), ENODATA);
  EXPECT_EQ(of(std::string(kEnds, 'x'), kEnds + 10).error(), ENODATA);
}

TEST(Sample, AFailedReadIsItsErrno) {
  const int folder = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  EXPECT_EQ(sampleOf(folder, 10).error(), EISDIR);
  ::close(folder);
  EXPECT_EQ(sampleOf(-1, 10).error(), EBADF);
}

}  // namespace
}  // namespace library::media
