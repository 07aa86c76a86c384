#include "wiring/api.hpp"

#include "api/media_type.hpp"

namespace library {

namespace {

using api::ErrorForm;
using api::Problem;
using revenge::Errc;
using revenge::Method;
using revenge::Request;
using revenge::Response;

constexpr std::string_view kJson = "application/json", kMergePatch = "application/merge-patch+json";

// 415: what the body is written in is not what the route reads.
std::optional<Problem> unreadable(const Request& request, Api::Takes takes) {
  if (takes == Api::Takes::kNothing) return std::nullopt;
  const bool patches = takes == Api::Takes::kMergePatch;
  const std::string_view wanted = patches ? kMergePatch : kJson;
  Problem problem{.status = 415,
                  .code = "UNSUPPORTED_MEDIA_TYPE",
                  .message = "the body must be " + std::string(wanted) + " in UTF-8, not compressed",
                  .headers = {{patches ? "accept-patch" : "accept-post", std::string(wanted)}}};
  const std::string encoding = fieldOf(request, "content-encoding");
  if (!encoding.empty() && encoding != "identity") {
    problem.headers.emplace_back("accept-encoding", "identity");
    return problem;
  }
  if (api::isOfType(request.header("content-type").value_or(""), wanted)) return std::nullopt;
  return problem;
}

}  // namespace

std::string fieldOf(const Request& request, std::string_view name) {
  std::string all;
  for (const revenge_field& field : std::span(request.raw().headers, request.raw().header_count)) {
    if (revenge::boundary::text(field.name) != name) continue;
    if (!all.empty()) all += ", ";
    all += revenge::boundary::text(field.value);
  }
  return all;
}

std::vector<api::Parameter> parametersOf(const Request& request) {
  std::vector<api::Parameter> all;
  const revenge_http_request& raw = request.raw();
  for (const revenge_field& field : std::span(raw.query_parameters, raw.query_parameter_count))
    all.emplace_back(revenge::boundary::text(field.name), revenge::boundary::text(field.value));
  return all;
}

Problem notFound(std::string_view what) {
  return {.status = 404, .code = "NOT_FOUND", .message = "there is no such " + std::string(what)};
}

Problem problemOf(const revenge::Error& error) {
  switch (error.code) {
    case Errc::kBusy:
    case Errc::kGone:
    case Errc::kLimit:
    case Errc::kTimedOut:
    case Errc::kCancelled:
    case Errc::kUnavailable:
      return {.status = 503,
              .code = "UNAVAILABLE",
              .message = "the database does not answer now; try again",
              .headers = {{"retry-after", "1"}},
              .cause = error.message};
    default:
      return {.status = 500, .code = "INTERNAL", .message = "internal error", .cause = error.message};
  }
}

void Api::get(std::string_view pattern, Handler handler) {
  serve(Method::kGet, pattern, Takes::kNothing, std::move(handler));
}
void Api::post(std::string_view pattern, Takes takes, Handler handler) {
  serve(Method::kPost, pattern, takes, std::move(handler));
}
void Api::put(std::string_view pattern, Handler handler) {
  serve(Method::kPut, pattern, Takes::kJson, std::move(handler));
}
void Api::patch(std::string_view pattern, Handler handler) {
  serve(Method::kPatch, pattern, Takes::kMergePatch, std::move(handler));
}
void Api::del(std::string_view pattern, Handler handler) {
  serve(Method::kDelete, pattern, Takes::kNothing, std::move(handler));
}

std::int64_t Api::nowUs() const {
  return std::chrono::floor<std::chrono::microseconds>(host_.clock().wall()).time_since_epoch().count();
}

void Api::serve(Method method, std::string_view pattern, Takes takes, Handler handler) {
  const revenge::RouteOptions options{
      .body = takes == Takes::kNothing ? revenge::Body::kNone : revenge::Body::kWhole,
      .maxBodyBytes = kMaxBody};
  host_.http().route(
      method, std::string(kPrefix) + std::string(pattern),
      [this, takes, handler = std::move(handler)](const Request& request) {
        return answer(request, takes, handler);
      },
      options);
}

Response Api::answer(const Request& request, Takes takes, const Handler& handler) const {
  static_cast<void>(request.addHeader("x-request-id", request.call().requestId()));
  static_cast<void>(request.addHeader("x-content-type-options", "nosniff"));
  const std::optional<ErrorForm> form = api::acceptedForm(fieldOf(request, "accept"));
  if (!form) {
    const Problem nothing{.status = 406, .code = "NOT_ACCEPTABLE", .message = "answers are application/json"};
    return told(request, nothing, ErrorForm::kJson);
  }
  if (const auto problem = unreadable(request, takes)) return told(request, *problem, *form);
  Answer answer = handler(request);
  if (!answer) return told(request, answer.error(), *form);
  return std::move(*answer);
}

Response Api::told(const Request& request, const Problem& problem, ErrorForm form) const {
  if (problem.status >= 500) {
    const std::string what = std::string(request.pattern()) + ": " + problem.cause;
    const revenge::Log log = host_.log().during(request.call());
    if (problem.status == 500)
      log.error(what);
    else
      log.warn(what);
  }
  Response response = revenge::content(std::string(api::contentType(form)),
                                       api::body(problem, form, request.call().requestId(), request.path()))
                          .withStatus(problem.status)
                          .withHeader("cache-control", "no-store");
  for (const auto& [name, value] : problem.headers) response.headers.emplace_back(name, value);
  return response;
}

}  // namespace library
