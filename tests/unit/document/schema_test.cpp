#include "document/schema.hpp"

#include <gtest/gtest.h>

#include "document/json.hpp"
#include "document/yaml.hpp"

namespace revenge::document {
namespace {

Value json(std::string_view text) {
  return parseJson(text, "test", {.maxBytes = 1 << 24, .maxValues = 2'000'000}).value();
}

Schema schemaOf(std::string_view text) {
  auto schema = Schema::load(json(text), "s.json");
  if (!schema) throw std::runtime_error(schema.error().message);
  return *schema;
}

std::string refusal(std::string_view text) {
  const auto schema = Schema::load(parseJson(text, "test", {.maxBytes = 1 << 24}).value(), "s.json");
  return schema ? "accepted" : schema.error().message;
}

// "pointer: message" for each violation.
std::vector<std::string> violations(std::string_view schema, std::string_view value) {
  std::vector<std::string> lines;
  for (const auto& one : schemaOf(schema).validate(json(value)))
    lines.push_back(one.pointer + ": " + one.message);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Schema, OneMessagePerCauseSaysExpectedAndGot) {
  const char* port =
      R"({"properties": {"http": {"properties": {"port": {"type": "integer", "minimum": 0, "maximum": 65535}}}}})";
  EXPECT_EQ(violations(port, R"({"http": {"port": "80a"}})"),
            Lines{R"(/http/port: expected an integer from 0 to 65535, got "80a")"});
  EXPECT_EQ(violations(port, R"({"http": {"port": 70000}})"),
            Lines{"/http/port: expected an integer from 0 to 65535, got 70000"});
  EXPECT_EQ(violations(port, R"({"http": {"port": 65535}})"), Lines{});
}

TEST(Schema, ExpectationsReadLikeSentences) {
  EXPECT_EQ(violations(R"({"enum": ["text", "json"]})", R"("xml")"),
            Lines{R"(: expected "text" or "json", got "xml")"});
  EXPECT_EQ(violations(R"({"type": "string", "pattern": "^[a-z]+$", "minLength": 2})", R"("A")"),
            Lines{R"(: expected a string of at least 2 characters matching ^[a-z]+$, got "A")"});
  EXPECT_EQ(violations(R"({"type": "number", "exclusiveMinimum": 0, "maximum": 1})", "0"),
            Lines{": expected a number above 0 and of at most 1, got 0"});
  EXPECT_EQ(violations(R"({"type": "array", "minItems": 1})", "[]"),
            Lines{": expected an array that is not empty, got an array of 0 items"});
  EXPECT_EQ(violations(R"({"type": ["string", "null"]})", "{}"),
            Lines{": expected a string or null, got an object"});
}

TEST(Schema, UnknownKeyIsNamedWithASuggestion) {
  const char* schema =
      R"({"properties": {"max_sessions": {}, "folders": {}}, "additionalProperties": false})";
  EXPECT_EQ(violations(schema, R"({"max_sesions": 1})"),
            Lines{"/max_sesions: unknown key; did you mean max_sessions?"});
  EXPECT_EQ(violations(schema, R"({"zzzz": 1})"),
            Lines{"/zzzz: unknown key; known here: max_sessions, folders"});
}

TEST(Schema, MissingKeyIsToldAtTheObjectThatLacksIt) {
  EXPECT_EQ(violations(R"({"required": ["id"], "properties": {"id": {"type": "string"}}})", "{}"),
            Lines{": missing key id; expected a string"});
  EXPECT_EQ(violations(R"({"dependencies": {"cert": ["key"]}})", R"({"cert": 1})"),
            Lines{": missing key key, which cert needs"});
}

TEST(Schema, EveryCauseIsReportedOnceInDocumentOrder) {
  const char* schema = R"({"allOf": [{"$ref": "#/definitions/a"}, {"$ref": "#/definitions/a"}],
    "definitions": {"a": {"properties": {"x": {"type": "integer"}, "y": {"type": "boolean"}}}}})";
  EXPECT_EQ(violations(schema, R"({"y": 1, "x": "1"})"),
            (Lines{"/y: expected true or false, got 1", R"(/x: expected an integer, got "1")"}));
}

TEST(Schema, AlternativesAreNamedOrTheNearestExplainsItself) {
  EXPECT_EQ(violations(R"({"oneOf": [{"type": "string"}, {"type": "integer"}]})", "true"),
            Lines{": expected a string or an integer, got true"});
  EXPECT_EQ(violations(R"({"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]})", "{}"),
            Lines{": missing key a"});
  EXPECT_EQ(violations(R"({"oneOf": [{"type": "integer"}, {"minimum": 0}]})", "1"),
            Lines{": fits 2 of the alternatives where exactly one may"});
}

TEST(Schema, ViolationsKnowTheLineOfValueOrKey) {
  const Schema schema =
      schemaOf(R"({"properties": {"port": {"type": "integer"}}, "additionalProperties": false})");
  const auto found = schema.validate(parseYaml("port: x\nprot:\n  1\n", "f").value());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].position.line, 1U);
  EXPECT_EQ(found[1].position.line, 2U);
}

TEST(Schema, WhatItWouldNotCheckIsRefusedAtLoad) {
  EXPECT_EQ(
      refusal(R"({"properties": {"a": {"minimun": 1}}})"),
      "s.json:1: schema /properties/a/minimun: unknown keyword; this host validates JSON Schema draft-07");
  EXPECT_EQ(refusal(R"({"format": "uri"})"),
            "s.json:1: schema /format: format is not checked, so not accepted; say it with pattern");
  EXPECT_EQ(refusal("{\"allOf\": [\n{\"$ref\": \"http://x/y\"}]}"),
            "s.json:2: schema /allOf/0/$ref: \"http://x/y\" is remote; only references into this schema "
            "(#/definitions/...) are followed");
  EXPECT_EQ(refusal(R"({"$ref": "#/definitions/none"})"),
            "s.json:1: schema /$ref: \"#/definitions/none\" leads nowhere");
  EXPECT_EQ(refusal(R"({"$ref": "#/default", "default": {"typ": 1}})"),
            "s.json:1: schema /default/typ: unknown keyword; this host validates JSON Schema draft-07");
  EXPECT_EQ(refusal(R"({"$schema": "https://json-schema.org/draft/2020-12/schema"})").substr(0, 24),
            "s.json:1: schema /$schem");
}

TEST(Schema, KeywordsOfTheWrongTypeAreRefusedAtLoad) {
  for (const char* text :
       {R"({"type": "int"})", R"({"type": []})", R"({"enum": []})", R"({"required": "a"})",
        R"({"minLength": -1})", R"({"multipleOf": 0})", R"({"pattern": 1})", R"j({"pattern": "("})j",
        R"j({"pattern": "(?=a)"})j", R"({"properties": []})", R"({"items": 1})", R"({"allOf": {}})",
        R"({"uniqueItems": 1})", R"({"patternProperties": {"[": {}}})", R"({"minimum": "1"})",
        R"({"$ref": 1})", "1"}) {
    EXPECT_EQ(refusal(text).substr(0, 15), "s.json:1: schem") << text;
  }
  EXPECT_EQ(
      refusal(R"({"properties": {"a": {"type": "integer", "default": "x"}}})"),
      "s.json:1: schema /properties/a/default: does not fit its own schema: expected an integer, got \"x\"");
}

TEST(Schema, HostileSchemasEndInAMessage) {
  const std::string endless = ": its schema refers to itself or through too many references";
  EXPECT_EQ(violations(R"({"$ref": "#"})", "1"), Lines{endless});
  const std::string work =
      ": takes too much work to validate; the schema refers to itself or repeats itself too often";
  EXPECT_EQ(violations(R"({"allOf": [{"$ref": "#"}]})", "1"), Lines{work});
  EXPECT_EQ(
      violations(
          R"({"not": {"$ref": "#/definitions/a"}, "definitions": {"a": {"not": {"$ref": "#/definitions/a"}}}})",
          "1"),
      Lines{work});
  std::string doubling = R"({"$ref": "#/definitions/a0", "definitions": {)";
  for (int i = 0; i < 40; ++i) {
    doubling += fmt::format(
        R"("a{}": {{"allOf": [{{"$ref": "#/definitions/a{}"}}, {{"$ref": "#/definitions/a{}"}}]}},)", i,
        i + 1, i + 1);
  }
  EXPECT_EQ(violations(doubling + R"("a40": {"type": "integer"}}})", "1"), Lines{work});
}

std::string chainOf(int links) {
  std::string chain = R"({"$ref": "#/definitions/a0", "definitions": {)";
  for (int i = 0; i < links; ++i)
    chain += fmt::format(R"("a{}": {{"$ref": "#/definitions/a{}"}},)", i, i + 1);
  return chain + fmt::format(R"("a{}": {{"type": "integer"}}}}}})", links);
}

TEST(Schema, ChainsOfReferencesAreFollowedWithinBounds) {
  EXPECT_EQ(violations(chainOf(20), "true"), Lines{": expected an integer, got true"});
  EXPECT_EQ(violations(chainOf(900), "1"),
            Lines{": its schema refers to itself or through too many references"});
  EXPECT_EQ(refusal(chainOf(50'000)).substr(refusal(chainOf(50'000)).rfind(": ")),
            ": more than 1000 references");
}

TEST(Schema, PatternsRunInLinearTimeOverLongText) {
  const Schema schema = schemaOf(R"j({"pattern": "^(a+)+$"})j");
  EXPECT_TRUE(schema.validate(Value(std::string(1'000'000, 'a'))).empty());
  EXPECT_EQ(schema.validate(Value(std::string(1'000'000, 'a') + "!")).size(), 1U);
}

TEST(Schema, UniqueItemsOfManyItemsAreCheckedFast) {
  Array items;
  for (int i = 0; i < 200'000; ++i) items.emplace_back(i);
  const Schema schema = schemaOf(R"({"uniqueItems": true})");
  EXPECT_TRUE(schema.validate(Value(items)).empty());
  items.emplace_back(7.0);
  const auto found = schema.validate(Value(items));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].pointer + ": " + found[0].message, "/200000: the same as item 7: 7.0");
}

TEST(Schema, ReportsAreBounded) {
  EXPECT_EQ(schemaOf(R"({"items": {"type": "string"}})").validate(Value(Array(1000, Value(1)))).size(), 100U);
}

TEST(Schema, DefaultsFillRecursively) {
  const Schema schema = schemaOf(R"({"properties": {
    "http": {"type": "object", "properties": {"port": {"default": 8096}, "name": {"type": "string"}}},
    "empty": {"properties": {"x": {}}},
    "list": {"items": {"properties": {"n": {"default": 1}}}},
    "plugins": {"additionalProperties": {"$ref": "#/definitions/p"}}},
    "definitions": {"p": {"properties": {"on": {"default": true}}}}})");
  EXPECT_EQ(writeJson(schema.withDefaults(json(R"({"list": [{}, {"n": 2}], "plugins": {"a": {}}})"))),
            R"({"list":[{"n":1},{"n":2}],"plugins":{"a":{"on":true}},"http":{"port":8096}})");
  EXPECT_EQ(writeJson(schema.withDefaults(json(R"({"http": {"port": 1}})"))), R"({"http":{"port":1}})");
  EXPECT_EQ(schema.withDefaults(json("{}")).at("/http/port")->position.line, 0U);
}

TEST(Schema, DefaultsOfASchemaThatContainsItselfEnd) {
  const Schema schema =
      schemaOf(R"({"properties": {"next": {"$ref": "#"}, "also": {"$ref": "#"}, "n": {"default": 1}}})");
  const Value filled = schema.withDefaults(json("{}"));
  EXPECT_EQ(filled.find("n")->integer(), 1);
}

TEST(Schema, KeysAreDescribedForPeople) {
  const Schema schema = schemaOf(R"({"properties": {"http": {"description": "The listener.", "properties":
    {"port": {"type": "integer", "minimum": 0, "default": 80, "description": "Where."}}}}, "additionalProperties": {"type": "object"}})");
  const auto keys = describeKeys(schema);
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys[1].path, "http.port");
  EXPECT_EQ(keys[1].type, "an integer of at least 0");
  EXPECT_EQ(keys[1].fallback->integer(), 80);
  EXPECT_EQ(keys[2].path, "<key>");
  EXPECT_EQ(sampleYaml(schema),
            "\n# The listener.\nhttp:\n  # Where.\n  port: 80  # an integer of at least 0\n");
}

}  // namespace
}  // namespace revenge::document
