#include <stdexcept>

#include "document/json.hpp"
#include "flags/read.hpp"

namespace revenge::flags {
namespace {

constexpr std::string_view kSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "required": ["bucketing"],
  "properties": {
    "bucketing": {"const": 1,
      "description": "Version of the formula that puts users into percentages; another one moves everybody."},
    "segments": {
      "description": "Named conditions for rules; a segment names no other.",
      "type": ["object", "null"],
      "propertyNames": {"minLength": 1, "maxLength": 127},
      "additionalProperties": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
          "all": {"$ref": "#/definitions/conditions", "description": "Who meets each of these."},
          "any": {"$ref": "#/definitions/conditions", "description": "Who meets one of these."}
        }
      }
    },
    "flags": {
      "description": "The flags by their keys.",
      "type": ["object", "null"],
      "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,126}$"},
      "additionalProperties": {"$ref": "#/definitions/flag"}
    }
  },
  "definitions": {
    "name": {"type": "string", "minLength": 1, "maxLength": 127},
    "percentage": {"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.001},
    "flag": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "type": {"enum": ["boolean", "string", "integer", "number", "object"], "default": "boolean",
          "description": "What its variants are; a boolean flag has the variants on and off."},
        "owner": {"type": "string", "description": "Whom to ask about it."},
        "remove_when": {"type": "string", "description": "What must be so for the flag to go; one that begins with a day, as 2026-12-01, is overdue after it."},
        "description": {"type": "string", "description": "What it switches."},
        "enabled": {"type": "boolean", "default": true,
          "description": "false: the flag is not in force, whoever asks gets their own default."},
        "kill": {"type": "boolean", "default": false,
          "description": "true: everybody gets the variant that off names, whatever else stands here."},
        "key": {"enum": ["optional", "required"], "default": "optional",
          "description": "Whether evaluating it for nobody in particular is an error or gives the default variant."},
        "variants": {
          "description": "In this order; not for boolean flags.",
          "type": "array",
          "minItems": 1,
          "maxItems": 1000,
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["name", "value"],
            "properties": {
              "name": {"$ref": "#/definitions/name"},
              "value": {"description": "Of the flag's type."}
            }
          }
        },
        "default": {"type": ["string", "null"],
          "description": "The variant for whom nothing else applies; null: the default of whoever asks. Boolean flags: off."},
        "off": {"type": ["string", "null"],
          "description": "The variant of a flag that is killed, off schedule or held by a prerequisite; the default, boolean flags: off."},
        "schedule": {
          "description": "When the flag is in force.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "from": {"type": "string", "description": "First moment, as 2026-12-01T00:00:00Z."},
            "until": {"type": "string", "description": "First moment after it."}
          }
        },
        "prerequisites": {
          "description": "Flags that must give their variant first.",
          "type": "array",
          "maxItems": 100,
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["flag"],
            "properties": {
              "flag": {"$ref": "#/definitions/name"},
              "variant": {"type": "string", "default": "on"}
            }
          }
        },
        "rules": {
          "description": "The first whose conditions hold decides.",
          "type": "array",
          "maxItems": 1000,
          "items": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
              "if": {"$ref": "#/definitions/conditions", "description": "All must hold; absent: everybody."},
              "serve": {"type": ["string", "null"], "description": "A variant; null: the default one."},
              "split": {"$ref": "#/definitions/split"},
              "by": {"$ref": "#/definitions/name", "description": "Attribute that the split goes by; absent: the user's key."},
              "salt": {"$ref": "#/definitions/name"}
            }
          }
        },
        "percentage": {"$ref": "#/definitions/percentage",
          "description": "Share of users that get on, or the split; in steps of 0.001."},
        "split": {"$ref": "#/definitions/split"},
        "by": {"$ref": "#/definitions/name",
          "description": "Attribute that percentage and split go by; absent: the user's key."},
        "salt": {"$ref": "#/definitions/name",
          "description": "Makes the split independent of the percentage and of the flag's other splits."}
      }
    },
    "split": {
      "description": "Variants by weight; keep the sum and the order when you change one.",
      "type": "array",
      "minItems": 1,
      "maxItems": 1000,
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["variant"],
        "properties": {
          "variant": {"type": "string"},
          "weight": {"type": "integer", "maximum": 2147483647, "default": 1, "description": "Below 0 counts as 0."}
        }
      }
    },
    "conditions": {
      "type": "array",
      "minItems": 1,
      "maxItems": 1000,
      "items": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
          "attribute": {"$ref": "#/definitions/name", "description": "What is looked at; key is the user's key."},
          "equals": {"type": ["string", "number", "boolean"]},
          "in": {"type": "array", "minItems": 1, "maxItems": 10000, "items": {"type": ["string", "number", "boolean"]}},
          "prefix": {"type": "string", "minLength": 1},
          "suffix": {"type": "string", "minLength": 1},
          "semver": {"type": "string", "description": "An operator of = != < <= > >= ~ ^ and a version."},
          "min": {"type": "number", "description": "A number of at least this."},
          "max": {"type": "number", "description": "A number of at most this."},
          "above": {"type": "number", "description": "A number above this."},
          "below": {"type": "number", "description": "A number below this."},
          "percentage": {"$ref": "#/definitions/percentage",
            "description": "Share of the values of the attribute, which is the user's key when absent."},
          "salt": {"$ref": "#/definitions/name", "description": "For percentage."},
          "segment": {"$ref": "#/definitions/name"},
          "not": {"type": "boolean", "default": false, "description": "true: the condition must not hold."}
        }
      }
    }
  }
})json";

}  // namespace

const document::Schema& definitionsSchema() {
  static const document::Schema schema = [] {
    auto text = document::parseJson(kSchema, "flags schema");
    if (!text) throw std::logic_error(text.error().message);
    auto loaded = document::Schema::load(std::move(*text), "flags schema");
    if (!loaded) throw std::logic_error(loaded.error().message);
    return std::move(*loaded);
  }();
  return schema;
}

}  // namespace revenge::flags
