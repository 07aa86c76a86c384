#include "http/router.hpp"

#include <string>

#include <gtest/gtest.h>

namespace revenge::http {
namespace {

Route route(std::string pattern, std::string plugin = "p", Method method = Method::kGet,
            std::int32_t rank = 0) {
  return {
      .method = method, .pattern = std::move(pattern), .owner = {.plugin = std::move(plugin)}, .rank = rank};
}

class RouterTest : public testing::Test {
 protected:
  void build(std::vector<Route> routes, std::vector<Middleware> middleware = {}) {
    auto built = Router::build(std::move(routes), std::move(middleware));
    ASSERT_TRUE(built) << built.error().message;
    router_ = *built;
  }
  std::string find(std::string_view path, Method method = Method::kGet) {
    const auto match = router_->match(method, path, values_);
    if (match.endpoint == nullptr) return match.methods == 0 ? "404" : "405 " + allowField(match.methods);
    std::string out = match.endpoint->pattern;
    for (const auto value : values_) out.append(" ").append(value);
    return out;
  }
  static std::string refusal(std::vector<Route> routes) {
    auto built = Router::build(std::move(routes), {});
    return built ? "built" : built.error().message;
  }

  std::shared_ptr<const Router> router_;
  std::vector<std::string_view> values_;
};

TEST_F(RouterTest, PrefersLiteralsThenParametersThenTheRest) {
  build(
      {route("/"), route("/a/{x}"), route("/a/b"), route("/a/{x}/c"), route("/a/{all...}"), route("/{one}")});
  EXPECT_EQ(find("/"), "/");
  EXPECT_EQ(find("/a/b"), "/a/b");
  EXPECT_EQ(find("/a/z"), "/a/{x} z");
  EXPECT_EQ(find("/a/b/c"), "/a/{x}/c b");
  EXPECT_EQ(find("/a/b/d"), "/a/{all...} b/d");
  EXPECT_EQ(find("/a/"), "/a/{all...} ");
  EXPECT_EQ(find("/q"), "/{one} q");
  EXPECT_EQ(find("/q/r"), "404");
}

TEST_F(RouterTest, Answers405WithAllowWhenOnlyTheMethodDiffers) {
  build({route("/a"), route("/a", "p", Method::kPost), route("/{x}", "p", Method::kDelete)});
  EXPECT_EQ(find("/a", Method::kPut), "405 GET, HEAD, POST, DELETE, OPTIONS");
  EXPECT_EQ(find("/a", Method::kHead), "/a");
  EXPECT_EQ(find("/a", Method::kDelete), "/{x} a");
  EXPECT_EQ(find("/b", Method::kGet), "405 DELETE, OPTIONS");
}

TEST_F(RouterTest, OrdersCandidatesByRankThenPlugin) {
  build({route("/a", "zed"), route("/a", "ann"), route("/a", "mid", Method::kGet, -1)});
  const auto match = router_->match(Method::kGet, "/a", values_);
  ASSERT_EQ(match.endpoint->candidates.size(), 3U);
  EXPECT_EQ(match.endpoint->candidates[0].owner.plugin, "mid");
  EXPECT_EQ(match.endpoint->candidates[1].owner.plugin, "ann");
  EXPECT_EQ(match.endpoint->candidates[2].owner.plugin, "zed");
}

TEST_F(RouterTest, RefusesConflictsByName) {
  EXPECT_EQ(refusal({route("/a/{x}", "one"), route("/a/{y}", "two")}),
            "route GET '/a/{y}' of plugin 'two' matches the same paths as '/a/{x}' of plugin 'one'; use the "
            "same names");
  EXPECT_EQ(refusal({route("/a"), route("/a")}), "route GET '/a': plugin 'p' has registered it twice");
  EXPECT_EQ(refusal({route("/health/x")}),
            "route '/health/x' of plugin 'p': paths below /health, /metrics and /admin are the host's");
  EXPECT_EQ(refusal({route("/health/x", "")}), "built");
  EXPECT_EQ(refusal({route("/healthy")}), "built");
}

TEST_F(RouterTest, RefusesMalformedPatterns) {
  for (const char* pattern : {"", "a", "/{}", "/{a", "/a}", "/{a}b", "/x{a}", "/{a...}/b", "/{a}/{a}",
                              "/a/../b", "/a?b", "/a%20b", "/{a b}", "/{...}"}) {
    const std::string said = refusal({route(pattern)});
    EXPECT_TRUE(said.starts_with("route '" + std::string(pattern) + "' of plugin 'p': ")) << said;
  }
}

TEST_F(RouterTest, PutsMiddlewareBeforeTheRoutesBelowItsPrefix) {
  const auto middleware = [](std::string name, std::string prefix, std::int32_t order) {
    return Middleware{.name = std::move(name), .prefix = std::move(prefix), .order = order};
  };
  build({route("/api/x"), route("/apix"), route("/{all...}")},
        {middleware("second", "/api", 2), middleware("first", "/", 1), middleware("third", "/api/", 3)});
  const auto chain = [&](std::string_view path) {
    std::string out;
    for (const auto& link : router_->match(Method::kGet, path, values_).endpoint->chain) {
      out.append(link.middleware->name).append(link.applies == ChainLink::Applies::kByPath ? "? " : " ");
    }
    return out;
  };
  EXPECT_EQ(chain("/api/x"), "first second third ");
  EXPECT_EQ(chain("/apix"), "first ");
  EXPECT_EQ(chain("/other"), "first second? third? ");
}

}  // namespace
}  // namespace revenge::http
