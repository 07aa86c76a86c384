#include <algorithm>
#include <unordered_set>

#include "document/json.hpp"
#include "document/schema_compiled.hpp"

namespace revenge::document {
namespace {

constexpr std::size_t kMaxPatterns = 200;
constexpr std::size_t kMaxReferences = 1000;
constexpr std::int64_t kPatternMemory = std::int64_t{256} * 1024;

enum class Form {
  kAnnotation,
  kText,
  kFlag,
  kNumber,
  kPositive,
  kCount,
  kType,
  kValues,
  kAnything,
  kNames,
  kPattern,
  kReference,
  kSchema,
  kSchemas,
  kSchemaMap,
  kPatternMap,
  kItems,
  kDependencies,
};

struct Keyword {
  std::string_view name;
  Form form;
};

// Draft-07 but for `format`, which promises more than validators keep: a pattern says what is meant.
constexpr Keyword kKeywords[] = {
    {"$schema", Form::kText},
    {"$id", Form::kText},
    {"$comment", Form::kText},
    {"$ref", Form::kReference},
    {"title", Form::kText},
    {"description", Form::kText},
    {"default", Form::kAnything},
    {"examples", Form::kAnnotation},
    {"readOnly", Form::kFlag},
    {"writeOnly", Form::kFlag},
    {"definitions", Form::kSchemaMap},
    {"type", Form::kType},
    {"enum", Form::kValues},
    {"const", Form::kAnything},
    {"multipleOf", Form::kPositive},
    {"minimum", Form::kNumber},
    {"maximum", Form::kNumber},
    {"exclusiveMinimum", Form::kNumber},
    {"exclusiveMaximum", Form::kNumber},
    {"minLength", Form::kCount},
    {"maxLength", Form::kCount},
    {"pattern", Form::kPattern},
    {"items", Form::kItems},
    {"additionalItems", Form::kSchema},
    {"minItems", Form::kCount},
    {"maxItems", Form::kCount},
    {"uniqueItems", Form::kFlag},
    {"contains", Form::kSchema},
    {"properties", Form::kSchemaMap},
    {"patternProperties", Form::kPatternMap},
    {"additionalProperties", Form::kSchema},
    {"propertyNames", Form::kSchema},
    {"required", Form::kNames},
    {"minProperties", Form::kCount},
    {"maxProperties", Form::kCount},
    {"dependencies", Form::kDependencies},
    {"allOf", Form::kSchemas},
    {"anyOf", Form::kSchemas},
    {"oneOf", Form::kSchemas},
    {"not", Form::kSchema},
    {"if", Form::kSchema},
    {"then", Form::kSchema},
    {"else", Form::kSchema},
};

bool isTypeName(const Value& value) {
  constexpr std::string_view kTypes[] = {"null", "boolean", "integer", "number", "string", "array", "object"};
  return value.text() != nullptr && std::ranges::find(kTypes, *value.text()) != std::end(kTypes);
}

bool isDraft07(const Value& value) {
  return value.text() != nullptr && value.text()->starts_with("http://json-schema.org/draft-07/schema");
}

bool isNames(const Value& value) {
  return value.array() != nullptr &&
         std::ranges::all_of(*value.array(), [](const Value& item) { return item.text() != nullptr; });
}

std::string percentDecoded(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
  };
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    decoded += escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return decoded;
}

class Loader {
 public:
  Loader(Schema::Compiled& compiled, std::string_view name) : compiled_(compiled), name_(name) {}

  base::Result<> everything() {
    pending_.emplace_back(&compiled_.document, "");
    while (!pending_.empty()) {
      const auto [schema, pointer] = std::move(pending_.back());
      pending_.pop_back();
      if (auto checked = node(*schema, pointer); !checked) return checked;
    }
    return {};
  }

  // Each with the node it belongs to.
  const std::vector<std::pair<const Value*, std::string>>& defaults() const { return defaults_; }

  std::unexpected<base::Error> refuse(Position at, const std::string& pointer,
                                      std::string_view reason) const {
    const std::string line = at.line != 0 ? fmt::format(":{}", at.line) : "";
    return base::fail(base::Errc::kInvalid, "{}{}: schema {}: {}", name_, line, printable(pointer, 200),
                      reason);
  }

 private:
  base::Result<> node(const Value& schema, const std::string& pointer) {
    if (!seen_.insert(&schema).second) return {};
    if (schema.boolean()) return {};
    if (schema.object() == nullptr)
      return refuse(schema.position, pointer, "expected a schema (an object, true or false)");
    for (const Member& member : *schema.object()) {
      const auto known = std::ranges::find(kKeywords, member.key, &Keyword::name);
      const std::string at = pointer + pointerStep(member.key);
      if (known == std::end(kKeywords)) return refuse(member.keyAt, at, unknown(member.key));
      if ((member.key == "$id" || member.key == "$schema") && !pointer.empty())
        return refuse(member.keyAt, at, "allowed at the top only");
      if (member.key == "$schema" && !isDraft07(member.value))
        return refuse(member.keyAt, at, "expected http://json-schema.org/draft-07/schema#");
      if (auto checked = keyword(known->form, member.value, at); !checked) return checked;
      if (member.key == "default") defaults_.emplace_back(&schema, at);
    }
    return {};
  }

  static std::string unknown(const std::string& key) {
    if (key == "format") return "format is not checked, so not accepted; say it with pattern";
    return "unknown keyword; this host validates JSON Schema draft-07";
  }

  base::Result<> expect(bool holds, const Value& value, const std::string& at,
                        std::string_view expected) const {
    if (holds) return {};
    return refuse(value.position, at, fmt::format("expected {}", expected));
  }

  base::Result<> keyword(Form form, const Value& value, const std::string& at) {
    switch (form) {
      case Form::kAnnotation:
      case Form::kAnything:
        return {};
      case Form::kText:
        return expect(value.text() != nullptr, value, at, "a string");
      case Form::kFlag:
        return expect(value.boolean().has_value(), value, at, "true or false");
      case Form::kNumber:
        return expect(value.number().has_value(), value, at, "a number");
      case Form::kPositive:
        return expect(value.number().value_or(0) > 0, value, at, "a number above 0");
      case Form::kCount:
        return expect(value.integer().value_or(-1) >= 0, value, at, "an integer of at least 0");
      case Form::kType:
        return type(value, at);
      case Form::kValues:
        return expect(value.array() != nullptr && !value.array()->empty(), value, at, "an array of values");
      case Form::kNames:
        return expect(isNames(value), value, at, "an array of strings");
      case Form::kPattern:
        return value.text() != nullptr ? pattern(*value.text(), value.position, at)
                                       : expect(false, value, at, "a string");
      case Form::kReference:
        return reference(value, at);
      case Form::kSchema:
        return node(value, at);
      case Form::kSchemas:
        return nodes(value, at);
      case Form::kItems:
        return value.array() != nullptr ? nodes(value, at) : node(value, at);
      case Form::kSchemaMap:
      case Form::kPatternMap:
      case Form::kDependencies:
        return map(form, value, at);
    }
    return {};
  }

  base::Result<> type(const Value& value, const std::string& at) const {
    const Array* several = value.array();
    const bool fits = several != nullptr ? !several->empty() && std::ranges::all_of(*several, isTypeName)
                                         : isTypeName(value);
    return expect(fits, value, at,
                  "null, boolean, integer, number, string, array, object or an array of these");
  }

  base::Result<> nodes(const Value& value, const std::string& at) {
    if (value.array() == nullptr) return expect(false, value, at, "an array of schemas");
    std::size_t index = 0;
    for (const Value& item : *value.array()) {
      if (auto checked = node(item, fmt::format("{}/{}", at, index++)); !checked) return checked;
    }
    return {};
  }

  base::Result<> map(Form form, const Value& value, const std::string& at) {
    if (value.object() == nullptr) return expect(false, value, at, "an object of schemas");
    for (const Member& member : *value.object()) {
      const std::string below = at + pointerStep(member.key);
      if (form == Form::kDependencies && isNames(member.value)) continue;
      if (form == Form::kPatternMap) {
        if (auto compiled = pattern(member.key, member.keyAt, below); !compiled) return compiled;
      }
      if (auto checked = node(member.value, below); !checked) return checked;
    }
    return {};
  }

  base::Result<> pattern(const std::string& text, Position at, const std::string& pointer) {
    if (compiled_.patterns.contains(text)) return {};
    if (compiled_.patterns.size() == kMaxPatterns)
      return refuse(at, pointer, fmt::format("more than {} patterns", kMaxPatterns));
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kPatternMemory);
    auto compiled = std::make_unique<re2::RE2>(text, options);
    if (!compiled->ok()) return refuse(at, pointer, "pattern: " + printable(compiled->error(), 160));
    compiled_.patterns.emplace(text, std::move(compiled));
    return {};
  }

  base::Result<> reference(const Value& value, const std::string& at) {
    if (value.text() == nullptr) return expect(false, value, at, "a string");
    const std::string& target = *value.text();
    if (!target.starts_with('#')) {
      return refuse(
          value.position, at,
          fmt::format("\"{}\" is remote; only references into this schema (#/definitions/...) are followed",
                      printable(target)));
    }
    if (compiled_.references.contains(target)) return {};
    if (compiled_.references.size() == kMaxReferences) {
      return refuse(value.position, at, fmt::format("more than {} references", kMaxReferences));
    }
    const std::string pointer = percentDecoded(std::string_view(target).substr(1));
    const Value* found = compiled_.document.at(pointer);
    if (found == nullptr)
      return refuse(value.position, at, fmt::format("\"{}\" leads nowhere", printable(target)));
    compiled_.references.emplace(target, found);
    // Later, not from here: a long chain of references would use up the stack.
    pending_.emplace_back(found, pointer);
    return {};
  }

  Schema::Compiled& compiled_;
  std::string_view name_;
  std::unordered_set<const Value*> seen_;
  std::vector<std::pair<const Value*, std::string>> pending_;
  std::vector<std::pair<const Value*, std::string>> defaults_;
};

}  // namespace

const Value* Schema::Compiled::resolve(const Value& node) const {
  constexpr int kMaxHops = 32;
  const Value* current = &node;
  for (int hops = 0; hops < kMaxHops; ++hops) {
    const Value* reference = current->find("$ref");
    if (reference == nullptr) return current;
    current = references.at(*reference->text());
  }
  return nullptr;
}

base::Result<Schema> Schema::load(Value document, std::string_view name) {
  auto compiled = std::make_shared<Compiled>();
  compiled->document = std::move(document);
  Loader loader(*compiled, name);
  if (auto loaded = loader.everything(); !loaded) return std::unexpected(loaded.error());
  for (const auto& [node, pointer] : loader.defaults()) {
    const Value& fallback = *node->find("default");
    if (const auto wrong = validateNode(*compiled, *node, fallback); !wrong.empty()) {
      return loader.refuse(fallback.position, pointer,
                           "does not fit its own schema: " + wrong.front().message);
    }
  }
  return Schema(std::move(compiled));
}

const Value& Schema::document() const { return compiled_->document; }

}  // namespace revenge::document
