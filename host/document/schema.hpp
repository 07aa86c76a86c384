// JSON Schema draft-07, for schemas and values that may both be hostile: the work is bounded and patterns run in linear
// time. A keyword this validator does not know is refused when the schema is loaded, never ignored.
// Thread safety: immutable; validating is concurrent. Copies share the schema.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "document/value.hpp"

namespace revenge::document {

// One cause. `pointer` names the value that is wrong (for a key that is missing, the object that lacks it).
struct Violation {
  std::string pointer;
  Position position;
  std::string message;  // expected an integer from 0 to 65535, got "80a"
  bool unknown_key = false;
};

class Schema {
 public:
  // `name` is what messages begin with. Refused: unknown keywords, keywords with a value of the wrong type, $ref outside
  // this schema, patterns RE2 cannot run (look-around, back references).
  static base::Result<Schema> load(Value schema, std::string_view name);

  // Every violation, in document order and at most 100; empty means valid. A value whose schema says writeOnly is a
  // secret: no message shows it.
  std::vector<Violation> validate(const Value& value) const;

  // The value with every absent property that has a default, or whose own properties have, filled in; a schema that
  // contains itself, or unfolds into more than 200 000 members, is filled in part.
  Value withDefaults(const Value& value) const;

  const Value& document() const;

  struct Compiled;
  const Compiled& compiled() const { return *compiled_; }

 private:
  explicit Schema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

// One line of documentation: a key that the schema knows.
struct KeyDoc {
  std::string path;                 // "http.port"; a step of an object with free keys is "<key>"
  std::string type;                 // "integer from 0 to 65535"
  const Value* fallback = nullptr;  // the default, owned by the schema; null without one
  std::string description;
  bool section = false;  // an object whose keys are described as well
  bool secret = false;   // writeOnly, on it or on what is around it: nobody is shown its value
  bool live = false;     // "$comment": "live", on it or on what is around it
};
std::vector<KeyDoc> describeKeys(const Schema& schema);

// The key that the steps lead to, through properties, additionalProperties and items; nothing: the schema knows none
// there. It is secret already when one of its alternatives (anyOf ...) says so.
std::optional<KeyDoc> describeKey(const Schema& schema, std::span<const std::string> steps);

// The commented YAML file that states each default: what `--print-config` and the sample file show.
std::string sampleYaml(const Schema& schema);

}  // namespace revenge::document
