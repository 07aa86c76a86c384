#include "admin/plan_request.hpp"

#include <array>
#include <utility>

#include "document/json.hpp"
#include "document/schema.hpp"

namespace revenge::admin {

namespace {

using base::Errc;
using base::fail;
using document::Value;
using plugin::Verb;

constexpr std::string_view kSchema = R"json({
  "type": "object", "additionalProperties": false, "required": ["changes"],
  "properties": {
    "generation": {"type": "integer", "minimum": 0, "maximum": 9007199254740991},
    "changes": {
      "type": "array", "minItems": 1, "maxItems": 256,
      "items": {
        "type": "object", "additionalProperties": false, "required": ["plugin"],
        "properties": {
          "plugin": {"type": "string", "minLength": 1},
          "swap": {"type": "string", "minLength": 1},
          "enable": {"const": true},
          "disable": {"const": true},
          "rollback": {"const": true},
          "reload": {"const": true},
          "config": {"type": "object"}
        }
      }
    }
  }
})json";

constexpr std::array kVerbs{Verb::kSwap, Verb::kEnable, Verb::kDisable, Verb::kRollback, Verb::kReload};

base::Result<> checkShape(const Value& plan) {
  constexpr std::string_view kName = "schema of plans";
  auto document = document::parseJson(kSchema, kName);
  if (!document) return std::unexpected(document.error());
  const auto schema = document::Schema::load(std::move(*document), kName);
  if (!schema) return std::unexpected(schema.error());
  const auto violations = schema->validate(plan);
  if (violations.empty()) return {};
  const document::Violation& first = violations.front();
  const std::string place = document::dottedPath(plan, first.pointer);
  return fail(Errc::kInvalid, "{}: {}", place.empty() ? "plan" : document::printable(place), first.message);
}

base::Result<Verb> verbOf(const Value& change, std::string_view place) {
  std::vector<Verb> given;
  for (const Verb verb : kVerbs) {
    if (change.find(plugin::name(verb)) != nullptr) given.push_back(verb);
  }
  if (given.size() == 1) return given.front();
  constexpr std::string_view kExpected = "expected one of swap, enable, disable, rollback and reload";
  if (given.empty()) return fail(Errc::kInvalid, "{}: {}, got none", place, kExpected);
  return fail(Errc::kInvalid, "{}: {}, got {} and {}", place, kExpected, plugin::name(given[0]),
              plugin::name(given[1]));
}

// Requires: checkShape() holds for the plan around it.
base::Result<plugin::Intent> intentOf(const Value& change, std::string_view place) {
  const auto verb = verbOf(change, place);
  if (!verb) return std::unexpected(verb.error());
  plugin::Intent intent{*change.find("plugin")->text(), *verb};
  if (const Value* const folder = change.find("swap")) {
    const std::string& path = *folder->text();
    if (!path.starts_with('/') || path.find('\0') != std::string::npos)
      return fail(Errc::kInvalid, "{}.swap: expected an absolute folder, got {}", place,
                  document::printable(document::writeJson(*folder)));
    intent.folder = path;
  }
  if (const Value* const config = change.find("config")) {
    if (*verb == Verb::kDisable)
      return fail(Errc::kInvalid, "{}.config: a plugin that is disabled takes none", place);
    intent.config = document::writeJson(*config);
  }
  return intent;
}

}  // namespace

base::Result<plugin::Plan> parsePlan(std::string_view json) {
  const auto parsed = document::parseJson(json, "plan", {.maxBytes = kMaxPlanBytes});
  if (!parsed) return fail(Errc::kInvalid, "{}", parsed.error().message);
  if (auto shaped = checkShape(*parsed); !shaped) return std::unexpected(shaped.error());
  plugin::Plan plan;
  if (const Value* const generation = parsed->find("generation"))
    plan.generation = static_cast<std::uint64_t>(generation->integer().value_or(0));
  const document::Array& changes = *parsed->find("changes")->array();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto intent = intentOf(changes[i], fmt::format("changes[{}]", i));
    if (!intent) return std::unexpected(intent.error());
    plan.intents.push_back(std::move(*intent));
  }
  return plan;
}

}  // namespace revenge::admin
