#include "limits/validation.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace revenge::http_limits {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

RuleSettings rule(std::string name, std::string pattern) {
  return {.name = std::move(name), .pattern = std::move(pattern)};
}

std::vector<std::string> keysOf(const Settings& settings, Finding::Kind kind) {
  std::vector<std::string> keys;
  for (const Finding& finding : findingsOf(settings))
    if (finding.kind == kind) keys.push_back(finding.key);
  return keys;
}
std::vector<std::string> errors(const Settings& settings) { return keysOf(settings, Finding::Kind::kError); }
std::vector<std::string> warnings(const Settings& settings) {
  return keysOf(settings, Finding::Kind::kWarning);
}

// The keys that are refused after one change to settings with one rule.
std::vector<std::string> errorsOf(const std::function<void(Settings&)>& change) {
  Settings settings;
  settings.rules = {rule("api", "/api/*")};
  change(settings);
  return errors(settings);
}

TEST(Validation, TheDefaultsMakeSense) {
  EXPECT_THAT(findingsOf(Settings{}), IsEmpty());
  EXPECT_THAT(errorsOf([](Settings&) {}), IsEmpty());
}

TEST(Validation, NumbersThatAreNoneOrOutOfRangeAreRefusedByTheirKey) {
  for (const double wrong : {kNaN, kInfinity, -kInfinity, -1.0, 0.0005, 1e300})
    EXPECT_THAT(errorsOf([&](Settings& s) { s.rules[0].deadline_s = wrong; }),
                ElementsAre("rules[0].deadline_s"));
  for (const double wrong : {kNaN, kInfinity, -kInfinity, -1.0, 0.0, 1e300}) {
    EXPECT_THAT(errorsOf([&](Settings& s) { s.shed.retry_after_s = wrong; }),
                ElementsAre("shed.retry_after_s"));
    EXPECT_THAT(errorsOf([&](Settings& s) { s.shed.target_ms = wrong; }),
                testing::Contains("shed.target_ms"));
    EXPECT_THAT(errorsOf([&](Settings& s) { s.shed.interval_ms = wrong; }),
                testing::Contains("shed.interval_ms"));
    EXPECT_THAT(errorsOf([&](Settings& s) { s.shed.playback_target_ms = wrong; }),
                testing::Contains("shed.playback_target_ms"));
  }
  for (const double wrong : {kNaN, kInfinity, -1.0, 0.5})
    EXPECT_THAT(errorsOf([&](Settings& s) { s.rules[0].window_s = wrong; }),
                ElementsAre("rules[0].window_s"));
  for (const std::int64_t wrong : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()})
    EXPECT_THAT(errorsOf([&](Settings& s) { s.rules[0].max_body_bytes = wrong; }),
                ElementsAre("rules[0].max_body_bytes"));
  for (const std::int64_t wrong :
       {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_THAT(errorsOf([&](Settings& s) { s.rules[0].max_header_bytes = wrong; }),
                ElementsAre("rules[0].max_header_bytes"));
    EXPECT_THAT(errorsOf([&](Settings& s) { s.fallback.max_headers = wrong; }),
                ElementsAre("fallback.max_headers"));
    EXPECT_THAT(errorsOf([&](Settings& s) { s.trust.max_hops = wrong; }), ElementsAre("trust.max_hops"));
    EXPECT_THAT(errorsOf([&](Settings& s) { s.ipv6_prefix = wrong; }), ElementsAre("ipv6_prefix"));
  }
}

TEST(Validation, WordsThatMeanNothingAreRefusedByTheirKey) {
  EXPECT_THAT(errorsOf([](Settings& s) { s.rules[0].name = ""; }), ElementsAre("rules[0].name"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.rules[0].name = "caf\xc3\xa9"; }), ElementsAre("rules[0].name"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.rules[0].name = std::string(65, 'x'); }),
              ElementsAre("rules[0].name"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.rules[0].pattern = "api"; }), ElementsAre("rules[0].pattern"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.rules[0].methods = {"GET", "FETCH"}; }),
              ElementsAre("rules[0].methods[1]"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.rules[0].traffic_class = "fast"; }),
              ElementsAre("rules[0].class"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.rules[0].key = {"user", "cookie"}; }),
              ElementsAre("rules[0].key[1]"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.rules[0].key = {"user", "user"}; }),
              ElementsAre("rules[0].key[1]"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.rules[0].key = {}; }), ElementsAre("rules[0].key"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.trust.field = "x-real-ip"; }), ElementsAre("trust.field"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.trust.proxies = {"10.0.0.0/8", "10.0.0.1/8"}; }),
              ElementsAre("trust.proxies[1]"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.exempt.addresses = {"localhost"}; }),
              ElementsAre("exempt.addresses[0]"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.rules[0].exempt.users = {"anon-1"}; }),
              ElementsAre("rules[0].exempt.users[0]"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.exempt.api_keys = {""}; }), ElementsAre("exempt.api_keys[0]"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.exempt.patterns = {"/{x}"}; }), ElementsAre("exempt.patterns[0]"));
}

TEST(Validation, PlaybackIsNotShedBeforeBrowsing) {
  EXPECT_THAT(errorsOf([](Settings& s) { s.shed.playback_target_ms = 4; }),
              ElementsAre("shed.playback_target_ms"));
  EXPECT_THAT(errorsOf([](Settings& s) { s.shed.interval_ms = 4; }), ElementsAre("shed.interval_ms"));
}

TEST(Validation, OneNameIsOneRule) {
  EXPECT_THAT(errorsOf([](Settings& s) { s.rules.push_back(rule("api", "/other")); }),
              ElementsAre("rules[1].name"));
}

std::vector<std::string> warningsOf(const std::vector<std::string>& patterns) {
  Settings settings;
  for (const std::string& pattern : patterns) settings.rules.push_back(rule(pattern.substr(0, 60), pattern));
  return warnings(settings);
}

TEST(Validation, RulesThatAreEquallyCloseToAPathAreWarnedOf) {
  EXPECT_THAT(warningsOf({"/a*x/*", "/a*/x*"}), ElementsAre("rules[1].pattern")) << "/ax/x";
  EXPECT_THAT(warningsOf({"/a*b/x*", "/a*x/b*", "/a*xyz"}), IsEmpty());
  EXPECT_THAT(warningsOf({"/a*c/e", "/ab*/e"}), IsEmpty()) << "the second says more";
  EXPECT_THAT(warningsOf({"/x/*/z", "/x/y", "/x/*/y"}), IsEmpty());
  Settings settings;
  settings.rules = {rule("a", "/api/*"), rule("b", "/api/*")};
  EXPECT_THAT(warnings(settings), ElementsAre("rules[1].pattern"));
}

TEST(Validation, RulesForOtherMethodsDoNotOverlap) {
  Settings settings;
  settings.rules = {rule("a", "/api/*"), rule("b", "/api/*")};
  settings.rules[0].methods = {"GET"};
  EXPECT_THAT(warnings(settings), IsEmpty());
  settings.rules[1].methods = {"POST"};
  EXPECT_THAT(warnings(settings), IsEmpty());
  settings.rules[1].methods = {"HEAD"};
  EXPECT_THAT(warnings(settings), ElementsAre("rules[1].pattern"));
}

TEST(Validation, WhatCannotBeMeantIsWarnedOf) {
  Settings settings;
  settings.trust = {.proxies = {}, .field = "forwarded", .max_hops = 16};
  EXPECT_THAT(warnings(settings), ElementsAre("trust.field"));
  settings.trust.proxies = {"0.0.0.0/0"};
  EXPECT_THAT(warnings(settings), ElementsAre("trust.proxies[0]"));
  settings = {};
  settings.rules = {rule("a", "/a")};
  settings.rules[0].key = {"address", "user"};
  EXPECT_THAT(warnings(settings), ElementsAre("rules[0].key[0]"));
  settings = {};
  settings.api_key.known = {"k"};
  EXPECT_THAT(warnings(settings), ElementsAre("api_key.known"));
}

TEST(Validation, AFindingSaysWhatItExpectsAndSaw) {
  Settings settings;
  settings.rules = {rule("a", "/a")};
  settings.rules[0].deadline_s = kNaN;
  EXPECT_THAT(findingsOf(settings)[0].message, HasSubstr("expected 0.001 to 31536000, got nan"));
}

TEST(Validation, TooManyRulesAreRefused) {
  Settings settings;
  for (int i = 0; i < 257; ++i)
    settings.rules.push_back(rule("r" + std::to_string(i), "/" + std::to_string(i)));
  EXPECT_THAT(errors(settings), ElementsAre("rules"));
  settings.rules.pop_back();
  EXPECT_THAT(errors(settings), IsEmpty());
}

}  // namespace
}  // namespace revenge::http_limits
