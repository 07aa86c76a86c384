// The published sdk/share/plugin.schema.json, compiled in; a test holds them equal.
#include "module/manifest.hpp"

namespace revenge::module {

// clang-format off
std::string_view manifestSchema() {
  return R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "plugin.json of a Revenge plugin",
  "type": "object",
  "additionalProperties": false,
  "required": ["id", "version", "abi", "licence", "description"],
  "properties": {
    "$schema": {"type": "string", "description": "Where this schema lies, for editors."},
    "id": {
      "type": "string", "pattern": "^[a-z][a-z0-9-]*$", "maxLength": 64,
      "description": "Name of the plugin; equals the name of its folder."
    },
    "version": {"type": "string", "maxLength": 128, "description": "Semantic version, such as 1.4.0 or 2.0.0-rc.1."},
    "abi": {
      "type": "integer", "minimum": 1, "maximum": 1000000,
      "description": "ABI generation of the SDK it was built with (REVENGE_ABI_GENERATION)."
    },
    "licence": {"type": "string", "minLength": 1, "maxLength": 256, "description": "SPDX expression, such as MIT."},
    "description": {"type": "string", "minLength": 1, "maxLength": 1000, "description": "One sentence for the operator."},
    "provides": {
      "type": "array", "maxItems": 64, "default": [],
      "description": "Interfaces it offers to other plugins.",
      "items": {
        "type": "object", "additionalProperties": false, "required": ["interface"],
        "properties": {
          "interface": {
            "type": "string", "maxLength": 128, "pattern": "^[a-z][a-z0-9_-]*(\\.[a-z0-9_-]+)+/[1-9][0-9]{0,5}$",
            "description": "Name and revision, such as acme.store/1."
          }
        }
      }
    },
    "requires": {
      "type": "array", "maxItems": 64, "default": [],
      "description": "Interfaces it uses, of the host or of other plugins.",
      "items": {
        "type": "object", "additionalProperties": false, "required": ["interface"],
        "properties": {
          "interface": {
            "type": "string", "maxLength": 128, "pattern": "^[a-z][a-z0-9_-]*(\\.[a-z0-9_-]+)+/[1-9][0-9]{0,5}$",
            "description": "Name and revision, such as acme.store/1."
          },
          "optional": {"type": "boolean", "default": false, "description": "It also runs without."},
          "when_absent": {
            "type": "string", "enum": ["refuse", "wait"], "default": "refuse",
            "description": "What a call finds while nobody provides it: refuse: unavailable, at once; wait: after wait_ms."
          },
          "wait_ms": {
            "type": "integer", "minimum": 0, "maximum": 60000, "default": 1000,
            "description": "How long a caller that may wait does so, with when_absent wait."
          }
        }
      }
    },
    "config": {
      "type": "object",
      "description": "JSON Schema (draft-07) of the plugin's section of the configuration, with defaults."
    },
    "flag": {
      "type": "string", "pattern": "^[a-z][a-z0-9._-]*$", "maxLength": 127,
      "description": "The feature flag that gates it; absent: the one of its id. It runs while the flag could serve anybody."
    },
    "swap": {
      "type": "object", "additionalProperties": false, "default": {},
      "description": "How a running version is replaced.",
      "properties": {
        "mode": {
          "type": "string", "enum": ["overlap", "exclusive"], "default": "overlap",
          "description": "overlap: old and new run side by side for a moment; exclusive: it owns a folder or a port."
        },
        "state": {
          "type": "string", "enum": ["none", "snapshot", "handover"], "default": "none",
          "description": "snapshot: changes between save and publish may be lost; handover: none are."
        },
        "hold_ms": {
          "type": "integer", "minimum": 1, "maximum": 60000,
          "description": "How long callers may wait while it hands over; absent: 50, or 2000 for exclusive."
        },
        "reads": {
          "type": "array", "maxItems": 64, "default": [],
          "description": "Older versions whose saved state it restores; 0.1 covers 0.1.x.",
          "items": {"type": "string", "pattern": "^(0|[1-9][0-9]{0,8})(\\.(0|[1-9][0-9]{0,8})){0,2}$"}
        },
        "readable_by": {
          "type": "array", "maxItems": 64, "default": [],
          "description": "Older versions that restore the state it saves: the way back.",
          "items": {"type": "string", "pattern": "^(0|[1-9][0-9]{0,8})(\\.(0|[1-9][0-9]{0,8})){0,2}$"}
        }
      }
    },
    "timeouts": {
      "type": "object", "additionalProperties": false, "default": {},
      "description": "Deadlines in seconds; fractions are allowed.",
      "properties": {
        "start_s": {"type": "number", "exclusiveMinimum": 0, "maximum": 3600, "default": 5},
        "stop_s": {"type": "number", "exclusiveMinimum": 0, "maximum": 3600, "default": 5},
        "drain_s": {"type": "number", "exclusiveMinimum": 0, "maximum": 86400, "default": 30},
        "health_s": {"type": "number", "exclusiveMinimum": 0, "maximum": 3600, "default": 2},
        "call_s": {"type": "number", "exclusiveMinimum": 0, "maximum": 3600, "default": 5}
      }
    },
    "sha256": {
      "type": "string", "pattern": "^[0-9a-f]{64}$",
      "description": "Of the library; may be absent unless the host's policy asks for it."
    },
    "files": {
      "type": "object", "maxProperties": 4096,
      "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
      "description": "The sha256 of each further file of the package; with it there is no other one. revenge pack writes it."
    },
    "library": {
      "type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.+-]*\\.so$", "maxLength": 128,
      "description": "File name of the library inside the folder; absent: <id>.so."
    }
  }
}
)json";
}
// clang-format on

}  // namespace revenge::module
