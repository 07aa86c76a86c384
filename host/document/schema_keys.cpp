#include <algorithm>

#include "document/json.hpp"
#include "document/schema_compiled.hpp"

namespace revenge::document {
namespace {

constexpr int kMaxNodes = 10'000;  // looked at for one key

// What holds for all that is below.
struct Marks {
  bool secret = false;
  bool live = false;
};

Marks marksOf(const Value& node, Marks around) {
  const Value* const hidden = node.find("writeOnly");
  const Value* const comment = node.find("$comment");
  return {around.secret || (hidden != nullptr && hidden->boolean() == true),
          around.live || (comment != nullptr && *comment == Value("live"))};
}

KeyDoc docOf(const Schema::Compiled& compiled, const Value& node, std::string path, Marks marks) {
  const Value* const description = node.find("description");
  return {std::move(path),
          expectation(compiled, node),
          node.find("default"),
          description != nullptr ? *description->text() : "",
          node.find("properties") != nullptr,
          marks.secret,
          marks.live};
}

class Describer {
 public:
  explicit Describer(const Schema::Compiled& compiled) : compiled_(compiled) {}

  void describe(const Value& reference, const std::string& path, Marks around, std::vector<KeyDoc>& keys) {
    const Value* node = compiled_.resolve(reference);
    if (node == nullptr || keys.size() >= kMaxKeys || std::ranges::find(open_, node) != open_.end()) return;
    const Value* properties = node->find("properties");
    const Value* others = node->find("additionalProperties");
    const bool freeKeys = others != nullptr && others->object() != nullptr;
    around = marksOf(*node, around);
    if (!path.empty()) keys.push_back(docOf(compiled_, *node, path, around));
    open_.push_back(node);
    const std::string prefix = path.empty() ? "" : path + '.';
    if (properties != nullptr) {
      for (const Member& member : *properties->object())
        describe(member.value, prefix + member.key, around, keys);
    }
    if (freeKeys) describe(*others, prefix + "<key>", around, keys);
    open_.pop_back();
  }

  void sample(const Value& reference, std::size_t indent, std::string& text) {
    const Value* node = compiled_.resolve(reference);
    const Value* properties = node != nullptr ? node->find("properties") : nullptr;
    if (properties == nullptr || std::ranges::find(open_, node) != open_.end()) return;
    open_.push_back(node);
    const std::string margin(indent, ' ');
    for (const auto& [key, child, at] : *properties->object()) {
      const Value* schema = compiled_.resolve(child);
      if (schema == nullptr) continue;
      const Value* fallback = schema->find("default");
      const Value* description = schema->find("description");
      const bool section = fallback == nullptr && schema->find("properties") != nullptr;
      if (indent == 0) text += '\n';
      if (description != nullptr) text += fmt::format("{}# {}\n", margin, *description->text());
      if (section) {
        text += fmt::format("{}{}:\n", margin, key);
        sample(*schema, indent + 2, text);
      } else if (fallback != nullptr) {
        text += fmt::format("{}{}: {}  # {}\n", margin, key, writeJson(*fallback),
                            expectation(compiled_, *schema));
      } else {
        text += fmt::format("{}# {}: {}\n", margin, key, expectation(compiled_, *schema));
      }
    }
    open_.pop_back();
  }

 private:
  static constexpr std::size_t kMaxKeys = 10'000;

  const Schema::Compiled& compiled_;
  std::vector<const Value*> open_;
};

// Looks for one key in a node and in all it is made of.
class Finder {
 public:
  explicit Finder(const Schema::Compiled& compiled) : compiled_(compiled) {}

  void find(const Value& reference, std::span<const std::string> steps, Marks around) {
    const Value* const node = compiled_.resolve(reference);
    if (node == nullptr || node->object() == nullptr || ++looked_ > kMaxNodes) return;
    const Marks marks = marksOf(*node, around);
    found_.secret = found_.secret || marks.secret;
    for (const char* const alternatives : {"allOf", "anyOf", "oneOf"}) {
      if (const Value* const parts = node->find(alternatives)) {
        for (const Value& part : *parts->array()) find(part, steps, marks);
      }
    }
    for (const char* const part : {"then", "else"}) {
      if (const Value* const schema = node->find(part)) find(*schema, steps, marks);
    }
    if (steps.empty()) return take(*node, marks);
    if (const Value* const next = below(*node, steps.front())) find(*next, steps.subspan(1), marks);
  }

  // Not set: nothing there.
  std::optional<KeyDoc> take() { return is_known_ ? std::optional(std::move(found_)) : std::nullopt; }

 private:
  const Value* below(const Value& node, const std::string& step) const {
    const Value* const properties = node.find("properties");
    const Value* next = properties != nullptr ? properties->find(step) : nullptr;
    if (const Value* const patterns = node.find("patternProperties");
        next == nullptr && patterns != nullptr) {
      for (const Member& pattern : *patterns->object()) {
        const auto compiled = compiled_.patterns.find(pattern.key);
        if (compiled != compiled_.patterns.end() && re2::RE2::PartialMatch(step, *compiled->second))
          return &pattern.value;
      }
    }
    if (next == nullptr) next = node.find("additionalProperties");
    if (next == nullptr && std::ranges::all_of(step, [](char c) { return c >= '0' && c <= '9'; }))
      next = node.find("items");
    return next;
  }

  void take(const Value& node, Marks marks) {
    const bool secret = found_.secret;
    if (!is_known_ || found_.description.empty()) found_ = docOf(compiled_, node, "", marks);
    found_.secret = secret || marks.secret;
    is_known_ = true;
  }

  const Schema::Compiled& compiled_;
  KeyDoc found_;
  bool is_known_ = false;
  int looked_ = 0;
};

}  // namespace

std::optional<KeyDoc> describeKey(const Schema& schema, std::span<const std::string> steps) {
  Finder finder(schema.compiled());
  finder.find(schema.document(), steps, {});
  return finder.take();
}

std::vector<KeyDoc> describeKeys(const Schema& schema) {
  std::vector<KeyDoc> keys;
  Describer(schema.compiled()).describe(schema.document(), "", {}, keys);
  return keys;
}

std::string sampleYaml(const Schema& schema) {
  std::string text;
  Describer(schema.compiled()).sample(schema.document(), 0, text);
  return text;
}

}  // namespace revenge::document
