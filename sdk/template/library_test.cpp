// The library as it was built, entered as a host enters it.
#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace hello {
namespace {

TEST(HelloLibrary, GreetsAsItIsConfigured) {
  const revenge::testing::Library library(REVENGE_PLUGIN_LIBRARY);
  revenge::testing::FakeHost host;
  auto plugin = host.load(library, R"({"greeting": "Good day"})");
  EXPECT_EQ(host.get("/hello/ada").body, "Good day, ada (1 in 0 s)");
  EXPECT_TRUE(host.hasLogged("greeting"));
}

}  // namespace
}  // namespace hello
