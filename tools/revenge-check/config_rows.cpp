// Rows about configuration: taken, given up, at the edges of the schema.
#include <fmt/format.h>

#include "document/json.hpp"
#include "document/schema.hpp"
#include "revenge-check/trial.hpp"

namespace revenge::check {
namespace {

using document::Value;

// What a rule of the schema allows at its edges, and beyond.
std::vector<Value> edges(const Value& rule) {
  std::vector<Value> values;
  for (const std::string_view bound : {"minimum", "maximum"}) {
    const auto* limit = rule.find(bound);
    if (limit == nullptr || !limit->integer()) continue;
    for (const std::int64_t by : {-1, 0, 1}) values.emplace_back(*limit->integer() + by);
  }
  if (const auto* choices = rule.find("enum"); choices != nullptr && choices->array() != nullptr)
    values.insert(values.end(), choices->array()->begin(), choices->array()->end());
  constexpr std::size_t kLong = 4096;
  values.insert(
      values.end(),
      {Value(std::string()), Value(std::string(kLong, '/')), Value("\xC3\xA9\xF0\x9F\x8E\xAC"), Value(true),
       Value(nullptr), Value(-1), Value(0.5), Value(document::Array()),
       Value(document::Array{Value("/nonexistent"), Value("/nonexistent")}), Value(document::Object())});
  return values;
}

}  // namespace

void configPrepareCommitAbort(Work& work) {
  constexpr int kTimes = 10;
  Loaded library(work);
  Trial trial(work, library);
  if (trial.create() && trial.start()) {
    for (int i = 0; i < kTimes; ++i) {
      trial.look(trial.life().prepare(work.package.defaults), "prepare()");
      trial.life().abort();
      trial.configure(work.package.defaults);
      trial.health();
    }
    trial.callAll();
  }
  trial.end();
}

void configReject(Work& work) {
  const auto& schema = work.package.manifest->config;
  if (!schema) return;
  const auto* properties = schema->document().find("properties");
  if (properties == nullptr || properties->object() == nullptr) return;
  Loaded library(work);
  Trial trial(work, library);
  trial.expectFailures();
  int asked = 0;
  if (trial.create() && trial.start()) {
    const auto defaults = schema->withDefaults(document::Object());
    for (const auto& [key, rule, at] : *properties->object()) {
      for (const auto& value : edges(rule)) {
        Value next = defaults;
        next.set(key, value);
        trial.recorder().during(
            fmt::format("{} is {}", key, document::printable(document::writeJson(value))));
        trial.look(trial.life().prepare(document::writeJson(next)), "prepare()");
        trial.life().abort();
        ++asked;
      }
    }
    trial.recorder().during({});
    trial.health();
  }
  trial.end();
  work.journal.note(fmt::format("{} configurations", asked));
}

}  // namespace revenge::check
