#include "api/problem.hpp"

#include <gtest/gtest.h>

#include "api/media_type.hpp"

namespace library::api {
namespace {

TEST(Problem, NamesEachField) {
  const Problem problem =
      invalid({{"/name", "TOO_LONG", "is too long", 255}, {"limit", "TOO_SMALL", "is too small"}});
  EXPECT_EQ(problem.status, 422);
  EXPECT_EQ(body(problem, ErrorForm::kJson, "r1", "/x"),
            R"({"code":"VALIDATION_FAILED","message":"2 fields are wrong; details has each","details":)"
            R"([{"field":"/name","code":"TOO_LONG","message":"is too long","limit":255},)"
            R"({"field":"limit","code":"TOO_SMALL","message":"is too small"}],"request_id":"r1"})");
}

TEST(Problem, HasFactsWhereNoFieldIsWrong) {
  const Problem problem{.status = 400, .code = "C", .message = "m", .facts = {{"line", 3}, {"id", "x"}}};
  EXPECT_EQ(body(problem, ErrorForm::kJson, "r1", "/x"),
            R"({"code":"C","message":"m","details":{"line":3,"id":"x"},"request_id":"r1"})");
}

TEST(Problem, IsToldAsRfc9457) {
  const Problem problem = invalid({{"limit", "TOO_SMALL", "is too small", 1}});
  EXPECT_EQ(
      body(problem, ErrorForm::kProblem, "r1", "/api"),
      R"({"type":"about:blank","title":"VALIDATION_FAILED","status":422,"detail":"limit: is too small",)"
      R"("instance":"/api","errors":[{"field":"limit","code":"TOO_SMALL","message":"is too small","limit":1}],)"
      R"("request_id":"r1"})");
}

TEST(MediaType, TellsErrorsInTheFormThatIsAskedFor) {
  for (const char* json :
       {"", "*/*", "application/*", "application/json", "text/html, */*;q=0.1", "APPLICATION/JSON"})
    EXPECT_EQ(acceptedForm(json), ErrorForm::kJson) << json;
  for (const char* problem : {"application/problem+json", "application/json, application/problem+json",
                              "application/problem+json;q=0.5, */*;q=0.1"})
    EXPECT_EQ(acceptedForm(problem), ErrorForm::kProblem) << problem;
  EXPECT_EQ(acceptedForm("application/json, application/problem+json;q=0.5"), ErrorForm::kJson);
}

TEST(MediaType, AcceptsNothingElse) {
  for (const char* none : {"text/html", "text/html, image/*;q=0.8", "application/json;q=0", "*/*;q=0.000",
                           "application/json;q=0, */*"})
    EXPECT_EQ(acceptedForm(none), std::nullopt) << none;
}

TEST(MediaType, OfABodyIsHeldToUtf8) {
  EXPECT_TRUE(isOfType("application/json", "application/json"));
  EXPECT_TRUE(isOfType("Application/JSON ; charset=\"UTF-8\"", "application/json"));
  EXPECT_FALSE(isOfType("application/json; charset=latin1", "application/json"));
  EXPECT_FALSE(isOfType("application/jsonx", "application/json"));
  EXPECT_FALSE(isOfType("", "application/json"));
}

}  // namespace
}  // namespace library::api
