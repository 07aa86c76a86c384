#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "document/json.hpp"
#include "document/schema_compiled.hpp"

namespace revenge::document {
namespace {

constexpr std::size_t kMaxViolations = 100;
constexpr std::size_t kMaxSteps = 2'000'000;
constexpr std::size_t kMaxDepth = 400;
constexpr std::size_t kLookupsPerStep = 16;  // members compared while a key is looked for

std::string plainly(const Value& value) {
  if (const Array* array = value.array()) return fmt::format("an array of {} items", array->size());
  if (value.object() != nullptr) return "an object";
  if (value.text() != nullptr && value.text()->size() > 200) return printable('"' + *value.text());
  return printable(writeJson(value));
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool isType(const std::string& type, const Value& value) {
  if (type == "integer") {
    const auto number = value.number();
    return number && std::trunc(*number) == *number;
  }
  if (type == "number") return value.number().has_value();
  if (type == "boolean") return value.boolean().has_value();
  if (type == "string") return value.text() != nullptr;
  if (type == "array") return value.array() != nullptr;
  return type == "object" ? value.object() != nullptr : value.isNull();
}

bool fitsType(const Value& type, const Value& value) {
  if (type.text() != nullptr) return isType(*type.text(), value);
  return std::ranges::any_of(*type.array(), [&](const Value& name) { return isType(*name.text(), value); });
}

bool less(const Value& left, const Value& right) {
  const auto a = left.integer();
  const auto b = right.integer();
  return a && b ? *a < *b : left.number().value_or(0) < right.number().value_or(0);
}

bool isMultiple(const Value& value, const Value& step) {
  const auto a = value.integer();
  const auto b = step.integer();
  if (a && b) return *a % *b == 0;
  const double quotient = value.number().value_or(0) / step.number().value_or(1);
  return std::isfinite(quotient) &&
         std::abs(quotient - std::round(quotient)) <= 1e-9 * std::max(1.0, std::abs(quotient) * 1e-6);
}

bool inRange(const Value& node, const Value& value) {
  const Value* bound = node.find("minimum");
  if (bound != nullptr && less(value, *bound)) return false;
  bound = node.find("maximum");
  if (bound != nullptr && less(*bound, value)) return false;
  bound = node.find("exclusiveMinimum");
  if (bound != nullptr && !less(*bound, value)) return false;
  bound = node.find("exclusiveMaximum");
  if (bound != nullptr && !less(value, *bound)) return false;
  bound = node.find("multipleOf");
  return bound == nullptr || isMultiple(value, *bound);
}

bool countFits(const Value& node, const char* least, const char* most, std::size_t count) {
  const auto size = static_cast<std::int64_t>(count);
  const Value* from = node.find(least);
  const Value* to = node.find(most);
  return (from == nullptr || size >= from->integer().value_or(0)) &&
         (to == nullptr || size <= to->integer().value_or(0));
}

// Optimal string alignment: letters put in, left out, changed, or two neighbours in the wrong order.
std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

// "; did you mean max_sessions?", or the few keys there are.
std::string suggestion(const Value* properties, std::string_view key) {
  constexpr std::size_t kLongest = 64;
  if (properties == nullptr || key.size() > kLongest) return "";
  std::size_t best = std::max<std::size_t>(1, key.size() / 3) + 1;
  const std::string* nearest = nullptr;
  std::string all;
  const Object& known = *properties->object();
  for (std::size_t i = 0; i < std::min<std::size_t>(known.size(), 1000); ++i) {
    const std::string& name = known[i].key;
    const std::size_t distance = name.size() > kLongest ? best : editDistance(key, name);
    if (distance < best) {
      best = distance;
      nearest = &name;
    }
    if (i < 8) all += (i == 0 ? "" : ", ") + printable(name);
  }
  if (nearest != nullptr) return fmt::format("; did you mean {}?", printable(*nearest));
  return known.empty() || known.size() > 8 ? "" : "; known here: " + all;
}

// One validation. A check returns whether the value fits, and says why not when given a list to say it in.
class Run {
 public:
  using Report = std::vector<Violation>*;

  explicit Run(const Schema::Compiled& compiled) : compiled_(compiled) {}

  bool check(const Value& reference, const Value& value, Report report) {
    if (++steps_ > kMaxSteps || depth_ >= kMaxDepth) exhausted_ = true;
    if (exhausted_) return false;
    const Value* node = compiled_.resolve(reference);
    if (node == nullptr)
      return fail(report, value, "its schema refers to itself or through too many references");
    if (const auto verdict = node->boolean())
      return *verdict || fail(report, value, "nothing is accepted here");
    if (node->object()->empty()) return true;
    ++depth_;
    const Value* const secret = node->find("writeOnly");
    const bool hides = secret != nullptr && secret->boolean() == true;
    secrets_ += hides ? 1U : 0U;
    bool fits = scalar(*node, value, report);
    if (fits) {
      fits = contents(*node, value, report);
      fits &= combined(*node, value, report);
    }
    --depth_;
    secrets_ -= hides ? 1U : 0U;
    return fits;
  }

  bool exhausted() const { return exhausted_; }

 private:
  // Of a value that its schema calls secret (writeOnly) a message says nothing.
  std::string shown(const Value& value) const {
    return secrets_ > 0 ? "a secret that does not fit" : plainly(value);
  }
  bool fail(Report report, const Value& at, std::string message) {
    return fail(report, at.position, pointer_, std::move(message));
  }
  bool fail(Report report, Position at, const std::string& pointer, std::string message,
            bool unknown_key = false) {
    if (report == nullptr || report->size() >= kMaxViolations) return false;
    const bool known = std::ranges::any_of(
        *report, [&](const Violation& one) { return one.pointer == pointer && one.message == message; });
    if (!known) report->push_back({pointer, at, std::move(message), unknown_key});
    return false;
  }
  bool unexpected(const Value& node, const Value& value, Report report) {
    if (report == nullptr) return false;
    return fail(report, value,
                fmt::format("expected {}, got {}", expectation(compiled_, node), shown(value)));
  }

  bool below(const std::string& step, const Value& node, const Value& value, Report report) {
    const std::size_t length = pointer_.size();
    if (report != nullptr) pointer_ += pointerStep(step);
    const bool fits = check(node, value, report);
    pointer_.resize(length);
    return fits;
  }

  // Whatever can be said as "expected this, got that" about the value as a whole is one message.
  bool scalar(const Value& node, const Value& value, Report report) {
    const Value* type = node.find("type");
    const Value* values = node.find("enum");
    const Value* constant = node.find("const");
    const bool fits = (type == nullptr || fitsType(*type, value)) &&
                      (constant == nullptr || *constant == value) &&
                      (values == nullptr || oneOfValues(*values->array(), value)) &&
                      (!value.number() || inRange(node, value)) &&
                      (value.text() == nullptr || textFits(node, *value.text()));
    return fits || unexpected(node, value, report);
  }

  bool oneOfValues(const Array& values, const Value& value) {
    steps_ += values.size();
    return std::ranges::find(values, value) != values.end();
  }

  bool textFits(const Value& node, const std::string& text) {
    steps_ += text.size() / 64;
    const Value* pattern = node.find("pattern");
    return countFits(node, "minLength", "maxLength", characters(text)) &&
           (pattern == nullptr || matches(*pattern->text(), text));
  }

  bool matches(const std::string& pattern, const std::string& text) const {
    return re2::RE2::PartialMatch(text, *compiled_.patterns.find(pattern)->second);
  }

  bool contents(const Value& node, const Value& value, Report report) {
    if (value.array() != nullptr) return items(node, value, report);
    if (value.object() == nullptr) return true;
    bool fits = members(node, value, report);
    fits &= whole(node, value, report);
    return fits;
  }

  bool items(const Value& node, const Value& value, Report report) {
    const Array& array = *value.array();
    bool fits = true;
    if (!countFits(node, "minItems", "maxItems", array.size())) fits = unexpected(node, value, report);
    const Value* each = node.find("items");
    const Array* tuple = each != nullptr ? each->array() : nullptr;
    const Value* rest = tuple != nullptr ? node.find("additionalItems") : each;
    for (std::size_t i = 0; i < array.size(); ++i) {
      const Value* schema = tuple != nullptr && i < tuple->size() ? &(*tuple)[i] : rest;
      if (schema != nullptr && !below(std::to_string(i), *schema, array[i], report)) fits = false;
    }
    const Value* unique = node.find("uniqueItems");
    if (unique != nullptr && unique->boolean() == true && !distinct(array, report)) fits = false;
    const Value* contains = node.find("contains");
    if (contains == nullptr ||
        std::ranges::any_of(array, [&](const Value& item) { return check(*contains, item, nullptr); }))
      return fits;
    return fail(report, value,
                fmt::format("expected at least one item to be {}", expectation(compiled_, *contains)));
  }

  bool distinct(const Array& array, Report report) {
    std::unordered_multimap<std::size_t, std::size_t> seen;
    for (std::size_t i = 0; i < array.size(); ++i) {
      const std::size_t hash = hashOf(array[i]);
      const auto [from, to] = seen.equal_range(hash);
      for (auto one = from; one != to; ++one) {
        if (++steps_ > kMaxSteps) return !(exhausted_ = true);
        if (array[one->second] == array[i]) {
          return fail(report, array[i].position, fmt::format("{}/{}", pointer_, i),
                      fmt::format("the same as item {}: {}", one->second, shown(array[i])));
        }
      }
      seen.emplace(hash, i);
    }
    return true;
  }

  bool members(const Value& node, const Value& value, Report report) {
    const Value* properties = node.find("properties");
    const Value* patterns = node.find("patternProperties");
    const Value* others = node.find("additionalProperties");
    const Value* names = node.find("propertyNames");
    bool fits = true;
    for (const auto& [key, member, keyAt] : *value.object()) {
      bool known = false;
      if (properties != nullptr) steps_ += properties->object()->size() / kLookupsPerStep;
      if (const Value* schema = properties != nullptr ? properties->find(key) : nullptr) {
        known = true;
        fits &= below(key, *schema, member, report);
      }
      for (std::size_t i = 0; patterns != nullptr && i < patterns->object()->size(); ++i) {
        const auto& [pattern, schema, at] = (*patterns->object())[i];
        ++steps_;
        if (!matches(pattern, key)) continue;
        known = true;
        fits &= below(key, schema, member, report);
      }
      if (!known && others != nullptr) fits &= other(*others, properties, key, member, keyAt, report);
      if (names != nullptr && !check(*names, Value(key), nullptr)) {
        const std::string why = report != nullptr ? expectation(compiled_, *names) : "";
        fits = fail(report, keyAt, pointer_ + pointerStep(key),
                    fmt::format("a key that is not accepted; expected {}", why));
      }
    }
    return fits;
  }

  bool other(const Value& schema, const Value* properties, const std::string& key, const Value& member,
             Position keyAt, Report report) {
    if (schema.boolean() != false) return below(key, schema, member, report);
    if (report == nullptr) return false;
    return fail(report, keyAt, pointer_ + pointerStep(key), "unknown key" + suggestion(properties, key),
                true);
  }

  // What an object as a whole must satisfy.
  bool whole(const Value& node, const Value& value, Report report) {
    bool fits = true;
    if (!countFits(node, "minProperties", "maxProperties", value.object()->size()))
      fits = unexpected(node, value, report);
    if (const Value* required = node.find("required")) {
      for (const Value& key : *required->array()) fits &= present(node, value, *key.text(), "", report);
    }
    if (const Value* dependencies = node.find("dependencies")) {
      for (const auto& [key, dependency, at] : *dependencies->object()) {
        if (value.find(key) == nullptr) continue;
        if (dependency.array() == nullptr) {
          fits &= check(dependency, value, report);
          continue;
        }
        for (const Value& needed : *dependency.array())
          fits &= present(node, value, *needed.text(), key, report);
      }
    }
    return fits;
  }

  bool present(const Value& node, const Value& value, const std::string& key, const std::string& because,
               Report report) {
    steps_ += 1 + value.object()->size() / kLookupsPerStep;
    if (value.find(key) != nullptr) return true;
    if (report == nullptr) return false;
    const Value* properties = node.find("properties");
    const Value* schema = properties != nullptr ? properties->find(key) : nullptr;
    std::string message = fmt::format("missing key {}", printable(key));
    if (!because.empty()) message += fmt::format(", which {} needs", printable(because));
    if (schema != nullptr) message += fmt::format("; expected {}", expectation(compiled_, *schema));
    return fail(report, value, std::move(message));
  }

  bool combined(const Value& node, const Value& value, Report report) {
    bool fits = true;
    if (const Value* all = node.find("allOf")) {
      for (const Value& schema : *all->array()) fits &= check(schema, value, report);
    }
    if (const Value* any = node.find("anyOf")) fits &= alternatives(*any->array(), value, report) > 0;
    if (const Value* one = node.find("oneOf")) {
      const std::size_t fitting = alternatives(*one->array(), value, report);
      if (fitting > 1)
        fail(report, value, fmt::format("fits {} of the alternatives where exactly one may", fitting));
      fits &= fitting == 1;
    }
    if (const Value* excluded = node.find("not"); excluded != nullptr && check(*excluded, value, nullptr)) {
      fits = fail(
          report, value,
          fmt::format("expected anything but {}, got {}", expectation(compiled_, *excluded), shown(value)));
    }
    if (const Value* condition = node.find("if")) {
      const Value* branch = node.find(check(*condition, value, nullptr) ? "then" : "else");
      if (branch != nullptr) fits &= check(*branch, value, report);
    }
    return fits;
  }

  // How many fit. None: the one of the value's type tells its causes, several are named.
  std::size_t alternatives(const Array& schemas, const Value& value, Report report) {
    std::size_t fitting = 0;
    for (const Value& schema : schemas) fitting += check(schema, value, nullptr) ? 1U : 0U;
    if (fitting > 0 || report == nullptr) return fitting;
    std::vector<const Value*> near;
    std::string expected;
    for (const Value& schema : schemas) {
      const Value* node = compiled_.resolve(schema);
      const Value* type = node != nullptr ? node->find("type") : nullptr;
      if (type != nullptr && fitsType(*type, value)) near.push_back(node);
      if (expected.size() < 200)
        expected += (expected.empty() ? "" : " or ") + expectation(compiled_, schema);
    }
    if (near.size() == 1) {
      check(*near.front(), value, report);
    } else {
      fail(report, value, fmt::format("expected {}, got {}", expected, shown(value)));
    }
    return 0;
  }

  const Schema::Compiled& compiled_;
  std::string pointer_;
  std::size_t steps_ = 0;
  std::size_t depth_ = 0;
  std::size_t secrets_ = 0;  // nodes around this one that are secret
  bool exhausted_ = false;
};

}  // namespace

std::vector<Violation> validateNode(const Schema::Compiled& compiled, const Value& node, const Value& value) {
  Run run(compiled);
  std::vector<Violation> violations;
  const bool fits = run.check(node, value, &violations);
  if (run.exhausted() || (!fits && violations.empty())) {
    violations = {
        {"", value.position,
         "takes too much work to validate; the schema refers to itself or repeats itself too often"}};
  }
  return violations;
}

std::vector<Violation> Schema::validate(const Value& value) const {
  return validateNode(*compiled_, compiled_->document, value);
}

}  // namespace revenge::document
