// The compiled, immutable matcher of one generation: method and path to candidates and their middleware
// chain. Literal segments win over {parameter}, which wins over {rest...}. Thread safety: const after build,
// shared by all threads; a generation owns it as its facet.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/route.hpp"

namespace revenge::http {

// The candidates of one method and pattern, in the order they are asked, and the middleware that runs before
// them.
struct Endpoint {
  Method method;
  std::string pattern;
  std::vector<std::string> parameters;  // names, in the order of the pattern
  std::vector<Route> candidates;
  std::vector<std::shared_ptr<const Middleware>> chain;
};

class Router {
 public:
  // Refused, naming pattern and owner: malformed patterns, two patterns that match the same paths under
  // different names, the same owner twice, plugins below /health, /metrics or /admin.
  static base::Result<std::unique_ptr<const Router>> build(std::vector<Route> routes,
                                                           std::vector<Middleware> middleware);
  ~Router();

  struct Match {
    const Endpoint* endpoint = nullptr;  // null: 404, or 405 when `allow` is set
    std::string_view allow = {};         // the methods of this path, "GET, HEAD, OPTIONS"
  };
  // `path` as decodePath makes it. Parameter values, views into `path`, go to `values` in the pattern's
  // order.
  Match match(Method method, std::string_view path, std::vector<std::string_view>& values) const;

  // What an operator sees: every endpoint, sorted by pattern and method.
  std::vector<const Endpoint*> endpoints() const;

 private:
  struct Node;
  Router();
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace revenge::http
