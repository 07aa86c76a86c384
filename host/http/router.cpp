#include "http/router.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <tuple>

#include "http/pattern.hpp"

namespace revenge::http {
namespace {

using base::Errc;
using base::fail;

constexpr std::array<std::string_view, 3> kReserved{"/health", "/metrics", "/admin"};

MethodSet bit(Method method) { return static_cast<MethodSet>(1U << static_cast<unsigned>(method)); }

std::string who(const Owner& owner) {
  return owner.plugin.empty() ? std::string("the host") : fmt::format("plugin '{}'", owner.plugin);
}

}  // namespace

std::string_view name(Method method) {
  constexpr std::array<std::string_view, 8> kNames{"?",      "GET",   "POST", "PUT",
                                                   "DELETE", "PATCH", "HEAD", "OPTIONS"};
  return kNames[static_cast<std::size_t>(method)];
}

std::string allowField(MethodSet methods) {
  if ((methods & bit(Method::kGet)) != 0) methods |= bit(Method::kHead);
  methods |= bit(Method::kOptions);
  std::string out;
  for (const Method method : {Method::kGet, Method::kHead, Method::kPost, Method::kPut, Method::kDelete,
                              Method::kPatch, Method::kOptions}) {
    if ((methods & bit(method)) == 0) continue;
    if (!out.empty()) out += ", ";
    out += name(method);
  }
  return out;
}

bool isBelow(std::string_view path, std::string_view prefix) {
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

// One segment deep. Children are few: a sorted vector beats a hash.
struct Router::Node {
  struct Child {
    std::string literal;
    std::unique_ptr<Node> node;
  };
  std::vector<Child> literals;
  std::unique_ptr<Node> parameter;
  std::unique_ptr<Node> rest;
  std::array<Endpoint*, 8> endpoints{};  // by method
  MethodSet methods = 0;

  const Node* find(std::string_view literal) const {
    const auto at = std::ranges::lower_bound(literals, literal, {}, &Child::literal);
    return at != literals.end() && at->literal == literal ? at->node.get() : nullptr;
  }

  Node& next(const Segment& segment) {
    switch (segment.kind) {
      case Segment::Kind::kParameter:
        return made(parameter);
      case Segment::Kind::kRest:
        return made(rest);
      case Segment::Kind::kLiteral:
        break;
    }
    auto at = std::ranges::lower_bound(literals, segment.text, {}, &Child::literal);
    if (at == literals.end() || at->literal != segment.text) {
      at = literals.insert(at, Child{std::string(segment.text), std::make_unique<Node>()});
    }
    return *at->node;
  }

 private:
  static Node& made(std::unique_ptr<Node>& node) {
    if (!node) node = std::make_unique<Node>();
    return *node;
  }
};

// One match. A node is visited at most once, because it stands for one sequence of segment kinds: no path can make
// this slower than the number of routes.
struct Router::Search {
  Method method;
  std::vector<std::string_view>& values;
  MethodSet methods = 0;

  // `path` is what follows the segments matched so far: empty, or beginning with '/'.
  const Endpoint* walk(const Node& node, std::string_view path) {
    if (path.empty()) return take(node);
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(1, end - 1);
    const std::string_view after = path.substr(end);
    if (const Node* literal = node.find(segment)) {
      if (const Endpoint* found = walk(*literal, after)) return found;
    }
    if (node.parameter && !segment.empty()) {
      if (const Endpoint* found = with(segment, [&] { return walk(*node.parameter, after); })) return found;
    }
    if (node.rest) return with(path.substr(1), [&] { return take(*node.rest); });
    return nullptr;
  }

  template <typename Next>
  const Endpoint* with(std::string_view value, Next next) {
    values.push_back(value);
    const Endpoint* const found = next();
    if (found == nullptr) values.pop_back();
    return found;
  }

  const Endpoint* take(const Node& node) {
    methods |= node.methods;
    const Endpoint* found = node.endpoints[static_cast<std::size_t>(method)];
    if (found == nullptr && method == Method::kHead) {
      found = node.endpoints[static_cast<std::size_t>(Method::kGet)];
    }
    return found;
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

base::Result<std::shared_ptr<const Router>> Router::build(std::vector<Route> routes,
                                                          std::vector<Middleware> middleware) {
  std::ranges::stable_sort(routes, [](const Route& a, const Route& b) {
    return std::tie(a.rank, a.owner.plugin) < std::tie(b.rank, b.owner.plugin);
  });
  std::shared_ptr<Router> router(new Router);
  for (Route& route : routes) {
    if (auto added = router->add(std::move(route)); !added) return std::unexpected(std::move(added.error()));
  }
  for (const Middleware& one : middleware) {
    if (!one.prefix.starts_with('/')) {
      return fail(Errc::kInvalid, "middleware '{}' of {}: prefix '{}' does not begin with '/'", one.name,
                  who(one.owner), one.prefix);
    }
  }
  router->link(std::move(middleware));
  return router;
}

base::Result<> Router::add(Route route) {
  const auto pattern = Pattern::parse(route.pattern);
  if (!pattern) {
    return fail(Errc::kInvalid, "route '{}' of {}: {}", route.pattern, who(route.owner),
                pattern.error().message);
  }
  const auto below = [&](std::string_view prefix) { return isBelow(route.pattern, prefix); };
  if (!route.owner.plugin.empty() && std::ranges::any_of(kReserved, below)) {
    return fail(Errc::kRefused, "route '{}' of {}: paths below /health, /metrics and /admin are the host's",
                route.pattern, who(route.owner));
  }
  Node* node = root_.get();
  for (const Segment& segment : pattern->segments) node = &node->next(segment);

  Endpoint*& endpoint = node->endpoints[static_cast<std::size_t>(route.method)];
  if (endpoint == nullptr) {
    endpoint = endpoints_.emplace_back(std::make_unique<Endpoint>()).get();
    endpoint->method = route.method;
    endpoint->pattern = route.pattern;
    for (const Segment& segment : pattern->segments) {
      if (segment.kind != Segment::Kind::kLiteral) endpoint->parameters.emplace_back(segment.text);
    }
  }
  for (const Route& other : endpoint->candidates) {
    if (endpoint->pattern != route.pattern) {
      return fail(Errc::kExists,
                  "route {} '{}' of {} matches the same paths as '{}' of {}; use the same names",
                  name(route.method), route.pattern, who(route.owner), endpoint->pattern, who(other.owner));
    }
    if (other.owner.plugin == route.owner.plugin && other.owner.instance == route.owner.instance) {
      return fail(Errc::kExists, "route {} '{}': {} has registered it twice", name(route.method),
                  route.pattern, who(route.owner));
    }
  }
  node->methods |= bit(route.method);
  endpoint->candidates.push_back(std::move(route));
  return {};
}

void Router::link(std::vector<Middleware> middleware) {
  std::ranges::stable_sort(middleware, [](const Middleware& a, const Middleware& b) {
    return std::tie(a.order, a.owner.plugin) < std::tie(b.order, b.owner.plugin);
  });
  for (Middleware& one : middleware) {
    const auto shared = std::make_shared<const Middleware>(std::move(one));
    for (const auto& endpoint : endpoints_) {
      switch (relate(endpoint->pattern, shared->prefix)) {
        case Relation::kBelow:
          endpoint->chain.push_back({shared, ChainLink::Applies::kAlways});
          break;
        case Relation::kByPath:
          endpoint->chain.push_back({shared, ChainLink::Applies::kByPath});
          break;
        case Relation::kApart:
          break;
      }
    }
  }
}

Router::Match Router::match(Method method, std::string_view path,
                            std::vector<std::string_view>& values) const {
  values.clear();
  Search search{method, values};
  const Endpoint* const endpoint = search.walk(*root_, path);
  return {endpoint, search.methods};
}

std::vector<const Endpoint*> Router::endpoints() const {
  std::vector<const Endpoint*> out;
  out.reserve(endpoints_.size());
  for (const auto& endpoint : endpoints_) out.push_back(endpoint.get());
  std::ranges::sort(out, [](const Endpoint* a, const Endpoint* b) {
    return std::tie(a->pattern, a->method) < std::tie(b->pattern, b->method);
  });
  return out;
}

}  // namespace revenge::http
