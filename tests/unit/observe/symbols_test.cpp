#include "observe/symbols.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <unistd.h>

#include "observe/code_map.hpp"

namespace revenge::observe {
namespace {

// Of this program, so that its name is in its own table.
[[gnu::noinline]] int somewhereWellKnown(int value) {
  volatile int kept = value;
  return kept + 1;
}

StackFrame here() {
  noteImages();
  return frameAt(reinterpret_cast<std::uintptr_t>(&somewhereWellKnown));
}

class SymbolsTest : public ::testing::Test {
 protected:
  SymbolsTest() {
    std::string made = ::testing::TempDir() + "symbols-XXXXXX";
    folder = ::mkdtemp(made.data());
  }
  ~SymbolsTest() override { std::filesystem::remove_all(folder); }

  static std::string own() {
    std::ifstream in("/proc/self/exe", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::filesystem::path written(const std::string& bytes) {
    const auto file = folder / "file";
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }

  std::filesystem::path folder;
};

TEST_F(SymbolsTest, AFunctionIsFoundByAnAddressInsideIt) {
  const StackFrame frame = here();
  for (const std::uint64_t step : {0U, 1U, 4U})
    EXPECT_EQ(functionAt("/proc/self/exe", frame.build_id, frame.offset + step),
              "revenge::observe::(anonymous namespace)::somewhereWellKnown(int)");
}

TEST_F(SymbolsTest, FramesGetTheirNames) {
  StackFrame frames[] = {here(), {.offset = 0x10}, {.offset = 0x10, .path = "/nowhere/library.so"}};
  nameFunctions(frames);
  EXPECT_NE(frames[0].function.find("somewhereWellKnown"), std::string::npos);
  EXPECT_EQ(frames[1].function, "");
  EXPECT_EQ(frames[2].function, "");
  EXPECT_NE(frames[0].text().find("somewhereWellKnown(int) "), std::string::npos);
}

TEST_F(SymbolsTest, AnotherBuildNamesNothing) {
  const StackFrame frame = here();
  ASSERT_FALSE(frame.build_id.empty());
  EXPECT_EQ(functionAt("/proc/self/exe", "feed", frame.offset), "");
}

TEST_F(SymbolsTest, WhatIsNoElfFileNamesNothing) {
  EXPECT_EQ(functionAt(folder, "", 0), "");
  EXPECT_EQ(functionAt(folder / "none", "", 0), "");
  EXPECT_EQ(functionAt(written(""), "", 0), "");
  EXPECT_EQ(functionAt(written("\177ELF"), "", 0), "");
  EXPECT_EQ(functionAt(written(std::string(1000, 'x')), "", 0), "");
}

// The head claims what is not there, wherever the file ends and whatever its bytes say.
TEST_F(SymbolsTest, ADamagedFileIsSurvived) {
  const std::string whole = own();
  const StackFrame frame = here();
  for (std::size_t end = 0; end < 64; ++end)
    EXPECT_EQ(functionAt(written(whole.substr(0, end)), "", frame.offset), "");
  for (std::size_t part = 1; part < 8; ++part)
    static_cast<void>(functionAt(written(whole.substr(0, whole.size() / 8 * part)), "", frame.offset));
  for (std::size_t at = 0x10; at < 0x40; ++at) {
    std::string broken = whole.substr(0, 4096);
    broken[at] = '\xff';
    EXPECT_EQ(functionAt(written(broken), "", frame.offset), "");
  }
}

}  // namespace
}  // namespace revenge::observe
