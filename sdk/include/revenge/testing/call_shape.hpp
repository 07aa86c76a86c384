// What is wrong with an argument that a plugin gives its host, as far as it can be seen without following it: a struct that
// has to be there and is not, a size that is none, a view or a function at NULL. Empty text: nothing. Pure functions.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>

#include <revenge/abi/command.h>
#include <revenge/abi/events.h>
#include <revenge/abi/flags.h>
#include <revenge/abi/health.h>
#include <revenge/abi/http.h>
#include <revenge/abi/log.h>
#include <revenge/abi/metrics.h>
#include <revenge/abi/service.h>
#include <revenge/abi/spawn.h>
#include <revenge/abi/timer.h>

namespace revenge::testing {

inline constexpr std::size_t kWildView = std::size_t{1} << 30;
inline constexpr std::uint32_t kWildStruct = 1U << 16;

inline std::string wrongWith(const revenge_view& view) {
  if (view.size > kWildView) return "a view of " + std::to_string(view.size) + " bytes";
  return view.data == nullptr && view.size > 0 ? "a view of " + std::to_string(view.size) + " bytes at NULL"
                                               : "";
}

// What each of these has to name, and to call.
inline std::string wrongInside(const auto&) { return {}; }
inline std::string wrongInside(const revenge_command& command) {
  return command.run == nullptr ? "no function" : wrongWith(command.name);
}
inline std::string wrongInside(const revenge_event& event) { return wrongWith(event.kind); }
inline std::string wrongInside(const revenge_event_handler& handler) {
  return handler.handle == nullptr ? "no function" : "";
}
inline std::string wrongInside(const revenge_health_check& check) {
  return check.ask == nullptr ? "no function" : wrongWith(check.name);
}
inline std::string wrongInside(const revenge_http_listener& listener) {
  const bool hears = REVENGE_HAS(&listener, revenge_http_listener, ended) && listener.ended != nullptr;
  return listener.finished == nullptr && !hears ? "no function" : "";
}
inline std::string wrongInside(const revenge_http_middleware& middleware) {
  return middleware.before == nullptr ? "no function" : wrongWith(middleware.name);
}
inline std::string wrongInside(const revenge_http_response& response) {
  return wrongWith(response.content_type);
}
inline std::string wrongInside(const revenge_http_route& route) {
  return route.handle == nullptr ? "no function" : wrongWith(route.pattern);
}
inline std::string wrongInside(const revenge_job& job) { return job.run == nullptr ? "no function" : ""; }
inline std::string wrongInside(const revenge_log_record& record) { return wrongWith(record.message); }
inline std::string wrongInside(const revenge_metric& metric) { return wrongWith(metric.name); }
inline std::string wrongInside(const revenge_provision& provision) {
  return provision.table == nullptr ? "no table" : wrongWith(provision.interface_id);
}
inline std::string wrongInside(const revenge_thread& thread) {
  return thread.run == nullptr ? "no function" : wrongWith(thread.name);
}

template <class Struct>
concept SizedStruct = requires(const Struct& object) {
  { object.size } -> std::same_as<const std::uint32_t&>;
};
// NULL stands for nobody, or for nothing, where these are asked for.
template <class Struct>
concept MayBeAbsent = std::same_as<Struct, revenge_attribute> || std::same_as<Struct, revenge_call> ||
                      std::same_as<Struct, revenge_completion> || std::same_as<Struct, revenge_flag_user> ||
                      std::same_as<Struct, revenge_function>;

template <class Other>
std::string wrongWith(const Other&) {
  return {};
}
template <SizedStruct Struct>
std::string wrongWith(const Struct* const& given) {
  if (given == nullptr) return MayBeAbsent<Struct> ? "" : "NULL";
  if (given->size < sizeof(std::uint32_t) || given->size > kWildStruct)
    return "a struct that says it has " + std::to_string(given->size) + " bytes";
  return wrongInside(*given);
}
inline std::string wrongWith(revenge_handle* const& given) {
  return given == nullptr ? "NULL for the handle" : "";
}

}  // namespace revenge::testing
