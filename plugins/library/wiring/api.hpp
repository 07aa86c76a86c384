// Api: what all routes of the interface to clients share: which forms are spoken, and how failures are told. Handlers run on
// workers and may block. Safe from any thread; lives as long as the plugin.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <revenge/plugin.hpp>

#include "api/problem.hpp"
#include "api/query_reader.hpp"

namespace library {

using Answer = std::expected<revenge::Response, api::Problem>;

class Api {
 public:
  using Handler = std::function<Answer(const revenge::Request&)>;

  enum class Takes : std::uint8_t { kNothing, kJson, kMergePatch };

  explicit Api(revenge::Host& host) : host_(host) {}
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // Patterns are given without kPrefix.
  void get(std::string_view pattern, Handler handler);
  void post(std::string_view pattern, Takes takes, Handler handler);
  void put(std::string_view pattern, Handler handler);
  void patch(std::string_view pattern, Handler handler);
  void del(std::string_view pattern, Handler handler);

  std::int64_t nowUs() const;  // since 1970 UTC

  static constexpr std::string_view kPrefix = "/api/v1";
  static constexpr std::uint64_t kMaxBody = 1U << 20U;  // bytes

 private:
  void serve(revenge::Method method, std::string_view pattern, Takes takes, Handler handler);
  revenge::Response answer(const revenge::Request& request, Takes takes, const Handler& handler) const;
  revenge::Response told(const revenge::Request& request, const api::Problem& problem,
                         api::ErrorForm form) const;

  revenge::Host& host_;
};

// All fields of that name, as one.
std::string fieldOf(const revenge::Request& request, std::string_view name);
std::vector<api::Parameter> parametersOf(const revenge::Request& request);

api::Problem notFound(std::string_view what);
// Of the database: it cannot answer now (503), or something is broken (500).
api::Problem problemOf(const revenge::Error& error);
inline std::unexpected<api::Problem> refuse(api::Problem problem) {
  return std::unexpected(std::move(problem));
}

}  // namespace library
