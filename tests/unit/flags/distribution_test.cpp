// How flags deal users out: a million of them, and the chi-square of ten times ten parts below its 0.1 % limit.
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "flags/evaluate.hpp"
#include "unit/flags/definitions.hpp"

namespace revenge::flags {
namespace {

constexpr int kUsers = 1'000'000;

template <typename Visit>
void forEachUser(Visit visit) {
  std::string user = "user-";
  for (int i = 0; i < kUsers; ++i) {
    user.resize(5);
    user += std::to_string(i);
    visit(user);
  }
}

class Distribution : public testing::Test {
 protected:
  void define(std::string_view flags) { definitions_ = defined(fileOf(flags)); }
  const Variant* given(std::string_view user, std::size_t flag = 0) const {
    return evaluate(definitions_, &definitions_.flags[flag], {user}, clock_).variant;
  }

  base::ManualClock clock_;
  Definitions definitions_;
};

// How many are on is what other implementations of the formula count, too.
TEST_F(Distribution, F4_PercentagesAreNestedAndAsOthersCountThem) {
  std::vector<Definitions> steps;
  for (const int percent : {0, 1, 10, 50, 100})
    steps.push_back(defined(fileOf(fmt::format("  new-player: {{percentage: {}}}\n", percent))));
  std::array<int, 5> on{};
  int fallen = 0;
  forEachUser([&](std::string_view user) {
    bool was = false;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const bool is = evaluate(steps[i], steps[i].flags.data(), {user}, clock_).variant->boolean;
      on.at(i) += is ? 1 : 0;
      fallen += was && !is ? 1 : 0;
      was = is;
    }
  });
  EXPECT_EQ(on, (std::array{0, 9'919, 99'424, 499'716, 1'000'000}));
  EXPECT_EQ(fallen, 0);
}

TEST_F(Distribution, F15_ASplitWithinARollOutIsEven) {
  define(
      "  new-player: {type: string, percentage: 10, salt: halves, split: [{variant: a}, {variant: b}], "
      "variants: [{name: "
      "a, value: a}, {name: b, value: b}]}\n");
  std::array<int, 2> halves{};
  forEachUser([&](std::string_view user) {
    if (const Variant* variant = given(user)) ++halves.at(variant->name == "a" ? 0 : 1);
  });
  const int in = halves[0] + halves[1];
  EXPECT_EQ(in, 99'424);
  EXPECT_GT(halves[0], in * 49 / 100);
  EXPECT_LT(halves[0], in * 51 / 100);
}

TEST_F(Distribution, F16_TwoFlagsAreIndependent) {
  std::string flags;
  for (const char* flag : {"one", "two"}) {
    std::string variants;
    std::string split;
    for (int i = 0; i < 10; ++i) {
      variants += fmt::format("{{name: v{0}, value: {0}}}, ", i);
      split += fmt::format("{{variant: v{}}}, ", i);
    }
    flags += fmt::format("  {}: {{type: integer, variants: [{}], split: [{}]}}\n", flag, variants, split);
  }
  define(flags);
  std::array<std::array<int, 10>, 10> cells{};
  forEachUser([&](std::string_view user) {
    const auto part = [&](std::size_t flag) { return static_cast<std::size_t>(given(user, flag)->number); };
    ++cells.at(part(0)).at(part(1));
  });
  constexpr double kExpected = kUsers / 100.0;
  double chi_square = 0;
  for (const auto& row : cells) {
    for (const int count : row) chi_square += (count - kExpected) * (count - kExpected) / kExpected;
  }
  EXPECT_LT(chi_square, 148.2);
  RecordProperty("chi_square", std::to_string(chi_square));
}

// With a constant sum only the slice that was given away moves.
TEST_F(Distribution, AWeightTakenFromItsNeighbourMovesOnlyThatSlice) {
  const auto of = [](int first, int second, int third) {
    return defined(fileOf(
        fmt::format("  new-player: {{type: integer, variants: [{{name: a, value: 1}}, {{name: b, value: "
                    "2}}, {{name: c, value: 3}}], split: [{{variant: a, weight: {}}}, {{variant: b, weight: "
                    "{}}}, {{variant: c, weight: {}}}]}}\n",
                    first, second, third)));
  };
  const Definitions before = of(20, 30, 50);
  const Definitions after = of(20, 40, 40);
  int moved = 0;
  forEachUser([&](std::string_view user) {
    moved += evaluate(before, before.flags.data(), {user}, clock_).variant->number !=
                     evaluate(after, after.flags.data(), {user}, clock_).variant->number
                 ? 1
                 : 0;
  });
  EXPECT_NEAR(moved, kUsers / 10, kUsers / 500);
}

}  // namespace
}  // namespace revenge::flags
