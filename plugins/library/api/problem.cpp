#include "api/problem.hpp"

#include "api/json_writer.hpp"

namespace library::api {

namespace {

void writeFields(JsonWriter& out, std::string_view key, const FieldErrors& fields) {
  out.beginArray(key);
  for (const FieldError& one : fields) {
    out.beginObject();
    out.text("field", one.field);
    out.text("code", one.code);
    out.text("message", one.message);
    if (one.limit) out.number("limit", *one.limit);
    out.endObject();
  }
  out.endArray();
}

void writeFacts(JsonWriter& out, const std::vector<Problem::Fact>& facts) {
  for (const auto& [name, value] : facts) {
    if (const auto* const number = std::get_if<std::int64_t>(&value))
      out.number(name, *number);
    else
      out.text(name, std::get<std::string>(value));
  }
}

}  // namespace

Problem invalid(FieldErrors fields) {
  const bool one = fields.size() == 1;
  std::string message = one ? fields.front().field + ": " + fields.front().message
                            : std::to_string(fields.size()) + " fields are wrong; details has each";
  return {
      .status = 422, .code = "VALIDATION_FAILED", .message = std::move(message), .fields = std::move(fields)};
}

std::string_view contentType(ErrorForm form) {
  return form == ErrorForm::kProblem ? "application/problem+json" : "application/json";
}

std::string body(const Problem& problem, ErrorForm form, std::string_view request_id, std::string_view path) {
  JsonWriter out;
  out.beginObject();
  if (form == ErrorForm::kProblem) {
    out.text("type", "about:blank");
    out.text("title", problem.code);
    out.number("status", problem.status);
    out.text("detail", problem.message);
    out.text("instance", path);
    if (!problem.fields.empty()) writeFields(out, "errors", problem.fields);
    writeFacts(out, problem.facts);
  } else {
    out.text("code", problem.code);
    out.text("message", problem.message);
    if (!problem.fields.empty()) {
      writeFields(out, "details", problem.fields);
    } else {
      out.beginObject("details");
      writeFacts(out, problem.facts);
      out.endObject();
    }
  }
  out.text("request_id", request_id);
  out.endObject();
  return out.take();
}

}  // namespace library::api
