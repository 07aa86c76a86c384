// The compiled, immutable matcher of one generation: method and path to candidates and their middleware chain.
// Literal segments win over {parameter}, which wins over {rest...}. Thread safety: const after build, shared by
// all threads; a generation owns it as its facet.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/route.hpp"

namespace revenge::http {

// A middleware before one endpoint. kByPath: whether it applies is known only from the path.
struct ChainLink {
  enum class Applies : std::uint8_t { kAlways, kByPath };
  std::shared_ptr<const Middleware> middleware;  // shared by the endpoints it stands before
  Applies applies;
};

// The candidates of one method and pattern, in the order they are asked, and what runs before them.
struct Endpoint {
  Method method = Method::kGet;
  std::string pattern;
  std::vector<std::string> parameters;  // names, in the order of the pattern
  std::vector<Route> candidates;
  std::vector<ChainLink> chain;
};

using MethodSet = std::uint8_t;  // bit (1 << Method)

// "GET, HEAD, OPTIONS": what an Allow field says about these methods; OPTIONS is always among them.
std::string allowField(MethodSet methods);
std::string_view name(Method method);

bool isBelow(std::string_view path, std::string_view prefix);  // by whole segments; "/" is above all

class Router {
 public:
  // Refused, naming pattern and owner: malformed patterns, two patterns that match the same paths under other
  // names, the same instance twice, plugins at or below /health, /metrics or /admin.
  static base::Result<std::shared_ptr<const Router>> build(std::vector<Route> routes,
                                                           std::vector<Middleware> middleware);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  struct Match {
    const Endpoint* endpoint = nullptr;  // null: 404, or 405 when `methods` is not empty
    MethodSet methods = 0;               // of all patterns that match the path
  };
  // `path` as decodePath makes it; a HEAD finds the GET routes too. Parameter values, views into `path`, go to
  // `values` in the pattern's order.
  Match match(Method method, std::string_view path, std::vector<std::string_view>& values) const;

  // What an operator sees: every endpoint, by pattern and method.
  std::vector<const Endpoint*> endpoints() const;

 private:
  struct Node;
  struct Search;
  Router();
  base::Result<> add(Route route);
  void link(std::vector<Middleware> middleware);

  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace revenge::http
