#include "base/current_plugin.hpp"

#include <gtest/gtest.h>

namespace revenge::base {
namespace {

TEST(CurrentPlugin, IsTheInnermostScopeAndTheHostOutside) {
  EXPECT_EQ(currentPlugin(), PluginMark::kHost);
  {
    const PluginScope outer(PluginMark{7});
    {
      const PluginScope inner(PluginMark{9});
      EXPECT_EQ(currentPlugin(), PluginMark{9});
    }
    EXPECT_EQ(currentPlugin(), PluginMark{7});
    EXPECT_EQ(threadMark().load(), PluginMark{7});
  }
  EXPECT_EQ(currentPlugin(), PluginMark::kHost);
}

}  // namespace
}  // namespace revenge::base
