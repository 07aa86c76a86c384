#include "module/sha256.hpp"

#include <random>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "module/descriptor.hpp"
#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

std::string hash(std::string_view text, Sha256::Code code = Sha256::Code::kFastest, std::size_t step = 1000) {
  Sha256 sha(code);
  auto bytes = std::as_bytes(std::span(text));
  while (!bytes.empty()) {
    const auto taken = bytes.first(std::min(step, bytes.size()));
    sha.update(taken);
    bytes = bytes.subspan(taken.size());
  }
  return Sha256::hex(sha.finish());
}

TEST(Sha256, MatchesTheExamplesOfTheStandard) {
  for (const auto code : {Sha256::Code::kFastest, Sha256::Code::kPlain}) {
    EXPECT_EQ(hash("", code), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hash("abc", code), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", code),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hash(std::string(1'000'000, 'a'), code),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST(Sha256, DoesNotDependOnHowTheBytesArriveNorOnTheProcessor) {
  std::mt19937 random(7);
  for (std::size_t length = 0; length < 300; ++length) {
    std::string text(length, '\0');
    for (auto& c : text) c = static_cast<char>(random());
    const auto expected = hash(text, Sha256::Code::kPlain, 300);
    EXPECT_EQ(hash(text, Sha256::Code::kFastest, 1 + length % 70), expected) << length;
  }
}

TEST(Sha256, HashesAWholeFileWhereverItsPositionStands) {
  const TempDir folder;
  writeFile(folder / "abc", "abc");
  const Descriptor file(::open((folder / "abc").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::lseek(file.get(), 2, SEEK_SET), 2);
  EXPECT_EQ(Sha256::ofDescriptor(file.get()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_FALSE(Sha256::ofDescriptor(-1));
}

}  // namespace
}  // namespace revenge::module
