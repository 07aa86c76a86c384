#include "admin/request.hpp"

#include <charconv>
#include <utility>

#include "admin/views.hpp"

namespace revenge::admin {

namespace {

std::string_view text(revenge_view view) { return {view.data, view.size}; }

std::optional<std::string_view> parameter(const revenge_field* fields, std::size_t count,
                                          std::string_view name) {
  for (std::size_t i = 0; i < count; ++i) {
    if (text(fields[i].name) == name) return text(fields[i].value);
  }
  return std::nullopt;
}

}  // namespace

std::string_view pathParameter(const http::Exchange& exchange, std::string_view name) {
  const revenge_http_request& request = exchange.request();
  return parameter(request.path_parameters, request.path_parameter_count, name).value_or("");
}

std::optional<std::string_view> givenParameter(const http::Exchange& exchange, std::string_view name) {
  return parameter(exchange.request().query_parameters, exchange.request().query_parameter_count, name);
}

std::string_view queryParameter(const http::Exchange& exchange, std::string_view name) {
  return givenParameter(exchange, name).value_or("");
}

std::string_view body(const http::Exchange& exchange) { return text(exchange.request().body); }

std::optional<std::uint64_t> wholeNumber(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

revenge_status answer(http::Exchange& exchange, std::uint32_t status, std::string json) {
  http::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = http::Bytes(std::move(json));
  return exchange.respond(std::move(response)) ? REVENGE_OK : REVENGE_FAILED;
}

revenge_status refuse(http::Exchange& exchange, const base::Error& error) {
  return answer(exchange, statusOf(error.code), describe(error));
}

}  // namespace revenge::admin
