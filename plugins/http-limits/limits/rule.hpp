// Rules in the form that requests are held against, and the table that finds a request's rule without allocation. Thread
// safety: immutable once built; any number of readers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "limits/client_key.hpp"
#include "limits/codel.hpp"
#include "limits/networks.hpp"
#include "limits/route_pattern.hpp"
#include "limits/time.hpp"

namespace revenge::http_limits {

// By the numbers of revenge/abi/http.h; others are a method that no rule names.
enum class Method : std::uint8_t { kGet = 1, kPost, kPut, kDelete, kPatch, kHead, kOptions };
std::optional<Method> methodOf(std::string_view name);  // "GET"

class Methods {
 public:
  static Methods all() { return Methods(0xffff); }
  static Methods none() { return Methods(0); }
  // A route for GET answers HEAD, too, so a limit on GET that HEAD went round would be none.
  void add(Method method) {
    bits_ |= bit(method);
    if (method == Method::kGet) bits_ |= bit(Method::kHead);
  }
  bool hold(Method method) const { return (bits_ & bit(method)) != 0; }
  bool meet(Methods other) const { return (bits_ & other.bits_) != 0; }
  bool areAll() const { return bits_ == 0xffff; }

 private:
  explicit Methods(std::uint32_t bits) : bits_(bits) {}
  static std::uint32_t bit(Method method) { return 1U << (static_cast<unsigned>(method) & 15U); }
  std::uint32_t bits_;
};

// Empty: all. Names of no method are passed over.
Methods methodsOf(std::span<const std::string> names);

// Whom a rule does not limit, by rate, concurrency or load. Sizes and deadlines hold for all.
struct Exempt {
  NetworkSet addresses;
  std::vector<std::string> users;   // sorted
  std::vector<KeyedHash> api_keys;  // sorted
  std::vector<RoutePattern> patterns;

  bool holds(const Asker& asker, bool own_address) const;
  bool holdsPath(std::string_view path) const;
};

enum class Enforcement : std::uint8_t { kEnforced, kDryRun };

struct Rule {
  std::string name;
  std::string policy_name{};  // the same, as clients are told it
  RoutePattern pattern;
  Methods methods = Methods::all();
  TrafficClass traffic = TrafficClass::kBrowsing;
  std::string pipeline{};  // of the gate; empty: nothing is acquired
  KeyOrder key{};
  Duration window{};  // told in RateLimit-Policy; zero: not told
  Duration deadline{};
  std::int64_t max_body_bytes = 0;
  std::int64_t max_header_bytes = 0;
  std::int64_t max_headers = 0;
  Enforcement enforcement = Enforcement::kEnforced;
  Exempt exempt;
};

// Whether `a` is asked before `b`: by the pattern's specificity, then one that names methods. Of equals the first written.
bool goesBefore(const Rule& a, const Rule& b);

class RuleTable {
 public:
  RuleTable() = default;
  explicit RuleTable(std::vector<Rule> rules);

  // The most specific that matches; null: none does. Lives as long as the table.
  const Rule* find(Method method, std::string_view path) const;
  const std::vector<Rule>& rules() const { return rules_; }  // in the order in which they are asked

 private:
  std::vector<Rule> rules_;
};

}  // namespace revenge::http_limits
