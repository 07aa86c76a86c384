#include "observe/trace_state.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace revenge::observe {
namespace {

std::string accepted(const std::vector<std::string_view>& headers) {
  std::string storage;
  return std::string(acceptTraceState(headers, storage));
}

std::string members(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) list += (i > 0 ? ",k" : "k") + std::to_string(i) + "=v";
  return list;
}

TEST(TraceState, IsPassedOnAsItCame) {
  std::string storage;
  const std::string_view header = "rojo=00f067aa0ba902b7,congo@x=t61rcWkgMzE";
  const auto kept = acceptTraceState(std::vector{header}, storage);
  EXPECT_EQ(kept.data(), header.data());
  EXPECT_EQ(kept, header);
  EXPECT_EQ(accepted({}), "");
}

TEST(TraceState, HeadersAreJoinedInTheirOrderWithoutSpacesAndEmptyMembers) {
  EXPECT_EQ(accepted({"a=1, b=2", "c=3"}), "a=1,b=2,c=3");
  EXPECT_EQ(accepted({"\ta=1 ,, b=2,"}), "a=1,b=2");
  EXPECT_EQ(accepted({"", "a=1"}), "a=1");
}

TEST(TraceState, MoreThan32MembersDropAll) {
  EXPECT_EQ(accepted({members(32)}), members(32));
  EXPECT_EQ(accepted({members(33)}), "");
}

TEST(TraceState, ABadMemberDropsTheList) {
  for (const std::string_view bad : {"novalue", "=v", "K=v", "k=", "k=v=w", "k k=v", "-k=v", "k=\x01",
                                     "k=\xc3\xa4", "k=v,k=w", "k=v\x7f"}) {
    EXPECT_EQ(accepted({"good=1", bad}), "") << bad;
  }
  EXPECT_EQ(accepted({std::string(256, 'k') + "=v"}), std::string(256, 'k') + "=v");
  EXPECT_EQ(accepted({std::string(257, 'k') + "=v"}), "");
  EXPECT_EQ(accepted({"k=" + std::string(257, 'v')}), "");
}

TEST(TraceState, Beyond512BytesWholeMembersGoTheLongOnesFirst) {
  const std::string long_one = "long=" + std::string(124, 'x');  // 129 bytes
  std::string many;
  for (int i = 0; i < 4; ++i)
    many += ",m" + std::to_string(i) + "=" + std::string(97, 'y');  // 100 bytes each
  const std::string whole = long_one + many;                        // 533
  EXPECT_EQ(accepted({whole}), many.substr(1));
  const std::string short_one = "s=" + std::string(126, 'x');  // 128 bytes: not a long one
  EXPECT_EQ(accepted({short_one + many}), short_one + many.substr(0, 3 * 101));
}

}  // namespace
}  // namespace revenge::observe
