#include "flags/read.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "document/json.hpp"
#include "document/yaml.hpp"
#include "flags/moment.hpp"
#include "flags/prerequisites.hpp"

namespace revenge::flags {
namespace {

using document::Value;

std::string shown(const Value* value) {
  return value == nullptr ? "nothing" : document::printable(document::writeJson(*value));
}

const std::string& textAt(const Value& value, std::string_view key) {
  static const std::string kNone;
  const Value* found = value.find(key);
  return found != nullptr && found->text() != nullptr ? *found->text() : kNone;
}

bool isTrue(const Value& value, std::string_view key, bool fallback) {
  const Value* found = value.find(key);
  return found != nullptr ? found->boolean().value_or(fallback) : fallback;
}

// None also for a key without a value: somebody has removed the last flag below it.
const document::Object& membersOf(const Value& document, std::string_view key) {
  static const document::Object kNone;
  const Value* found = document.find(key);
  return found != nullptr && found->object() != nullptr ? *found->object() : kNone;
}

std::uint32_t shareOf(const Value& percentage) {
  return static_cast<std::uint32_t>(std::lround(percentage.number().value_or(0) * 1000));
}

Murmur3 seedOf(std::string_view flag, std::string_view salt) {
  Murmur3 seed;
  seed.add(flag);
  seed.add(salt);
  return seed;
}

Literal literalOf(const Value& value) {
  if (value.text() != nullptr) return *value.text();
  if (const auto boolean = value.boolean()) return *boolean;
  return value.number().value_or(0);
}

// "2026-12-01: the old player is gone": the day it begins with; nothing: it begins otherwise.
std::optional<base::WallTime> beginningOf(std::string_view condition) {
  constexpr std::size_t kDay = 10;
  std::string_view word = condition.substr(0, condition.find_first_of(" ,;"));
  if (word.ends_with(':')) word.remove_suffix(1);
  if (word.size() != kDay) return parseMoment(word);
  return parseMoment(fmt::format("{}T00:00:00Z", word));
}

// One reading of a document that fits the schema.
class Reader {
 public:
  Reader(const Value& document, std::string_view name) : document_(document), name_(name) {
    definitions_.file = name;
  }

  std::expected<Definitions, Problems> read() {
    for (const auto& [key, value, at] : membersOf(document_, "segments")) segment(key, value);
    for (const auto& [key, value, at] : membersOf(document_, "flags")) flag(key, value, at);
    std::ranges::sort(definitions_.flags, {}, &Flag::key);
    if (problems_.empty()) linkPrerequisites();
    if (!problems_.empty()) return std::unexpected(std::move(problems_));
    for (Flag& flag : definitions_.flags) {
      flag.is_constant = flag.enabled && !flag.killed && !flag.needs_key && flag.standard && !flag.schedule &&
                         flag.prerequisites.empty() && flag.rules.empty() && !flag.share && !flag.split;
    }
    return std::move(definitions_);
  }

 private:
  // Where the reader stands: a step of the path for messages, taken back at the end of the scope.
  class Step {
   public:
    Step(std::string& path, const std::string& step) : path_(path), before_(path.size()) { path_ += step; }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { path_.resize(before_); }

   private:
    std::string& path_;
    const std::size_t before_;
  };
  Step in(std::string_view key) { return {path_, (path_.empty() ? "" : ".") + document::printable(key)}; }
  Step in(std::size_t index) { return {path_, fmt::format("[{}]", index)}; }

  void refuse(document::Position at, const std::string& message) {
    problems_.push_back(fmt::format("{}:{}: {}: {}", name_, at.line, path_, message));
  }
  void expected(const Value& owner, std::string_view key, std::string_view what) {
    const Step step = in(key);
    const Value* got = owner.find(key);
    refuse(got != nullptr ? got->position : owner.position,
           fmt::format("expected {}, got {}", what, shown(got)));
  }

  void segment(const std::string& key, const Value& value) {
    const Step top = in("segments");
    const Step step = in(key);
    const Value* all = value.find("all");
    const Value* any = value.find("any");
    if ((all == nullptr) == (any == nullptr)) {
      refuse(value.position,
             fmt::format("expected either all or any, got {}", all != nullptr ? "both" : "neither"));
      return;
    }
    inside_segment_ = true;
    definitions_.segments.push_back({key, all != nullptr, {}});
    auto read = conditions(all != nullptr ? "all" : "any", all != nullptr ? *all : *any);
    definitions_.segments.back().conditions = std::move(read);
    inside_segment_ = false;
  }

  std::vector<Condition> conditions(std::string_view key, const Value& list) {
    const Step step = in(key);
    std::vector<Condition> read;
    for (std::size_t i = 0; i < list.array()->size(); ++i) {
      const Step at = in(i);
      if (auto one = condition((*list.array())[i])) read.push_back(std::move(*one));
    }
    return read;
  }

  std::optional<Condition> condition(const Value& value) {
    static constexpr std::string_view kOperators[] = {"equals", "in",         "prefix", "suffix",
                                                      "semver", "percentage", "segment"};
    std::vector<std::string_view> given;
    for (const std::string_view key : kOperators) {
      if (value.find(key) != nullptr) given.push_back(key);
    }
    const bool hasRange =
        std::ranges::any_of(std::initializer_list<std::string_view>{"min", "max", "above", "below"},
                            [&](std::string_view key) { return value.find(key) != nullptr; });
    if (hasRange) given.emplace_back("min, max, above or below");
    if (given.size() != 1) {
      refuse(value.position,
             fmt::format("expected one of equals, in, prefix, suffix, semver, percentage, segment and "
                         "min, max, above or below, got {}",
                         given.empty() ? "none" : fmt::format("{}", fmt::join(given, " and "))));
      return std::nullopt;
    }
    Condition condition;
    condition.attribute = textAt(value, "attribute");
    condition.negated = isTrue(value, "not", false);
    const std::string_view operation = given.front();
    const bool needsNone = operation == "segment";
    if (operation == "percentage" && condition.attribute.empty()) condition.attribute = "key";
    if (needsNone != condition.attribute.empty()) {
      expected(value, "attribute", needsNone ? "none beside segment" : "the name of what is looked at");
      return std::nullopt;
    }
    if (operation != "percentage" && value.find("salt") != nullptr) {
      expected(value, "salt", "none without percentage");
      return std::nullopt;
    }
    return fill(condition, operation, value) ? std::optional(std::move(condition)) : std::nullopt;
  }

  bool fill(Condition& condition, std::string_view operation, const Value& value) {
    if (operation == "equals") {
      condition.asks = IsOneOf{{literalOf(*value.find("equals"))}};
    } else if (operation == "in") {
      IsOneOf list;
      for (const Value& each : *value.find("in")->array()) list.values.push_back(literalOf(each));
      condition.asks = std::move(list);
    } else if (operation == "prefix") {
      condition.asks = HasPrefix{textAt(value, "prefix")};
    } else if (operation == "suffix") {
      condition.asks = HasSuffix{textAt(value, "suffix")};
    } else if (operation == "semver") {
      auto test = VersionTest::parse(textAt(value, "semver"));
      if (!test) {
        expected(value, "semver", "one of = != < <= > >= ~ ^ and a version, as \">= 2.0.0\"");
        return false;
      }
      condition.asks = std::move(*test);
    } else if (operation == "percentage") {
      if (inside_segment_) {
        expected(value, "percentage", "none in a segment, which belongs to no flag");
        return false;
      }
      const std::string& salt = textAt(value, "salt");
      useSalt(value, salt);
      condition.asks = InShare{seedOf(flag_, salt), shareOf(*value.find("percentage"))};
    } else if (operation == "segment") {
      return segmentOf(condition, value);
    } else {
      const auto bound = [&](std::string_view key) {
        const Value* found = value.find(key);
        return found != nullptr ? found->number() : std::nullopt;
      };
      condition.asks = InRange{bound("min"), bound("max"), bound("above"), bound("below")};
    }
    return true;
  }

  bool segmentOf(Condition& condition, const Value& value) {
    if (inside_segment_) {
      expected(value, "segment", "none in a segment: they do not nest");
      return false;
    }
    const auto& segments = definitions_.segments;
    const auto found = std::ranges::find(segments, textAt(value, "segment"), &Segment::name);
    if (found == segments.end()) {
      expected(value, "segment", "the name of a segment of this file");
      return false;
    }
    condition.asks = InSegment{static_cast<std::size_t>(found - segments.begin())};
    return true;
  }

  // A second split over the same hash would put whoever the first let in into one part of the second.
  void useSalt(const Value& owner, const std::string& salt) {
    if (!salts_.insert(salt).second)
      expected(owner, "salt", "one that no other percentage or split of this flag has");
  }

  void flag(const std::string& key, const Value& value, document::Position at) {
    const Step top = in("flags");
    const Step step = in(key);
    flag_ = key;
    salts_.clear();
    Flag flag;
    flag.key = key;
    flag.line = at.line;
    flag.owner = textAt(value, "owner");
    flag.remove_when = textAt(value, "remove_when");
    flag.remove_after = beginningOf(flag.remove_when);
    flag.enabled = isTrue(value, "enabled", true);
    flag.killed = isTrue(value, "kill", false);
    flag.needs_key = textAt(value, "key") == "required";
    flag.definition_hash = document::hashOf(value);
    if (const Value* segments = document_.find("segments"))
      flag.definition_hash ^= document::hashOf(*segments) * 31;
    variants(flag, value);
    flag.standard =
        variantAt(flag, value, "default", flag.type == Type::kBoolean ? std::optional(kOff) : std::nullopt);
    flag.off =
        variantAt(flag, value, "off", flag.type == Type::kBoolean ? std::optional(kOff) : flag.standard);
    schedule(flag, value);
    if (const Value* list = value.find("prerequisites")) {
      for (const Value& each : *list->array()) {
        const std::string& variant = textAt(each, "variant");
        flag.prerequisites.push_back({textAt(each, "flag"), variant.empty() ? "on" : variant, {}, {}});
      }
    }
    shares(flag, value);
    if (const Value* list = value.find("rules")) {
      const Step rules = in("rules");
      for (std::size_t i = 0; i < list->array()->size(); ++i) {
        const Step rule_step = in(i);
        rule(flag, (*list->array())[i]);
      }
    }
    definitions_.flags.push_back(std::move(flag));
  }

  static constexpr std::size_t kOff = 1;

  void variants(Flag& flag, const Value& value) {
    const std::string& type = textAt(value, "type");
    for (const Type each : {Type::kString, Type::kInteger, Type::kNumber, Type::kObject}) {
      if (name(each) == type) flag.type = each;
    }
    const Value* list = value.find("variants");
    if (flag.type == Type::kBoolean) {
      if (list != nullptr) expected(value, "variants", "none: a boolean flag has on and off");
      flag.variants = {{.name = "on", .boolean = true}, {.name = "off", .boolean = false}};
      return;
    }
    if (list == nullptr) {
      expected(value, "variants", fmt::format("the variants of a flag of type {}", type));
      return;
    }
    const Step step = in("variants");
    for (std::size_t i = 0; i < list->array()->size(); ++i) {
      const Step at = in(i);
      const Value& each = (*list->array())[i];
      Variant variant{.name = textAt(each, "name")};
      if (std::ranges::find(flag.variants, variant.name, &Variant::name) != flag.variants.end()) {
        expected(each, "name", "a name that no other variant has");
      }
      if (!fill(variant, flag.type, *each.find("value"))) {
        expected(each, "value", expectation(flag.type));
      }
      flag.variants.push_back(std::move(variant));
    }
  }

  static std::string_view expectation(Type type) {
    if (type == Type::kString) return "a string";
    if (type == Type::kObject) return "an object";
    if (type == Type::kNumber)
      return "a number, when it has no fraction of at most 9007199254740991 either way";
    return "an integer of at most 9007199254740991 either way";
  }

  static bool fill(Variant& variant, Type type, const Value& value) {
    if (type == Type::kString) {
      if (value.text() != nullptr) variant.text = *value.text();
      return value.text() != nullptr;
    }
    if (type == Type::kObject) {
      if (value.object() != nullptr) variant.text = document::writeJson(value);
      return value.object() != nullptr;
    }
    const auto integer = value.integer();
    const auto number = value.number();
    if (!number || (integer && (*integer > kMaxInteger || *integer < -kMaxInteger))) return false;
    variant.number = *number;
    return type == Type::kNumber || integer.has_value();
  }

  std::optional<std::size_t> variantAt(const Flag& flag, const Value& owner, std::string_view key,
                                       std::optional<std::size_t> fallback) {
    const Value* value = owner.find(key);
    if (value == nullptr) return fallback;
    if (value->isNull()) return std::nullopt;
    const auto found = std::ranges::find(flag.variants, *value->text(), &Variant::name);
    if (found != flag.variants.end()) return static_cast<std::size_t>(found - flag.variants.begin());
    std::vector<std::string_view> names;
    names.reserve(flag.variants.size());
    for (const Variant& each : flag.variants) names.push_back(each.name);
    names.resize(std::min<std::size_t>(names.size(), 8));
    expected(owner, key, fmt::format("a variant of this flag ({})", fmt::join(names, ", ")));
    return std::nullopt;
  }

  void schedule(Flag& flag, const Value& value) {
    const Value* given = value.find("schedule");
    if (given == nullptr) return;
    const Step step = in("schedule");
    Schedule read;
    const auto moment = [&](std::string_view key, std::optional<base::WallTime>& into) {
      if (given->find(key) == nullptr) return;
      into = parseMoment(textAt(*given, key));
      if (!into) expected(*given, key, "a point in time as 2026-12-01T00:00:00Z");
    };
    moment("from", read.from);
    moment("until", read.until);
    if (read.from && read.until && *read.from >= *read.until) expected(*given, "until", "a time after from");
    flag.schedule = read;
  }

  void shares(Flag& flag, const Value& value) {
    flag.by = textAt(value, "by");
    const Value* percentage = value.find("percentage");
    const bool hasSplit = value.find("split") != nullptr;
    if (percentage != nullptr) {
      flag.share = shareOf(*percentage);
      // The flag's salt is its split's; alone, the percentage takes it.
      const std::string& salt = hasSplit ? kNoSalt : textAt(value, "salt");
      useSalt(value, salt);
      flag.share_seed = seedOf(flag.key, salt);
      if (!hasSplit && flag.type != Type::kBoolean) expected(value, "split", "what the share of users gets");
    }
    if (hasSplit) flag.split = split(flag, value);
    if (percentage != nullptr || hasSplit) return;
    if (!flag.by.empty()) expected(value, "by", "none without percentage or split");
    if (value.find("salt") != nullptr) expected(value, "salt", "none without percentage or split");
  }

  Split split(const Flag& flag, const Value& owner) {
    const std::string& salt = textAt(owner, "salt");
    useSalt(owner, salt);
    Split split{seedOf(flag.key, salt), textAt(owner, "by"), 0, {}};
    const Value& list = *owner.find("split");
    const Step step = in("split");
    std::int64_t total = 0;
    for (std::size_t i = 0; i < list.array()->size(); ++i) {
      const Step at = in(i);
      const Value& part = (*list.array())[i];
      const Value* weight = part.find("weight");
      total += std::max<std::int64_t>(0, weight != nullptr ? weight->integer().value_or(0) : 1);
      const auto variant = variantAt(flag, part, "variant", std::nullopt);
      if (variant) split.parts.push_back({static_cast<std::uint32_t>(total), *variant});
    }
    if (total > std::numeric_limits<std::int32_t>::max()) {
      refuse(list.position, fmt::format("expected weights of at most 2147483647 together, got {}", total));
      return split;
    }
    split.total = static_cast<std::uint32_t>(total);
    return split;
  }

  void rule(Flag& flag, const Value& value) {
    Rule rule;
    if (const Value* list = value.find("if")) rule.conditions = conditions("if", *list);
    const bool hasSplit = value.find("split") != nullptr;
    const bool hasServe = value.find("serve") != nullptr;
    if (hasSplit == hasServe) {
      refuse(value.position,
             fmt::format("expected either serve or split, got {}", hasSplit ? "both" : "neither"));
      return;
    }
    if (hasSplit) {
      rule.split = split(flag, value);
    } else {
      rule.serves = variantAt(flag, value, "serve", std::nullopt);
      for (const std::string_view key : {"by", "salt"}) {
        if (value.find(key) != nullptr) expected(value, key, "none without split");
      }
    }
    flag.rules.push_back(std::move(rule));
  }

  void linkPrerequisites() {
    for (const Tangle& tangle : link(definitions_.flags)) {
      problems_.push_back(
          fmt::format("{}:{}: flags.{}.prerequisites: {}", name_, tangle.line, tangle.flag, tangle.message));
    }
  }

  static inline const std::string kNoSalt;

  const Value& document_;
  const std::string_view name_;
  Definitions definitions_;
  Problems problems_;
  std::string path_;
  std::string flag_;             // the one being read
  std::set<std::string> salts_;  // of its splits so far
  bool inside_segment_ = false;
};

}  // namespace

std::expected<Definitions, Problems> readDefinitions(std::string_view text, std::string_view name) {
  const auto value = document::parseYaml(text, name);
  if (!value) return std::unexpected(Problems{value.error().message});
  if (value->isNull()) return Definitions{.file = std::string(name), .flags = {}, .segments = {}};
  Problems problems;
  for (const document::Violation& violation : definitionsSchema().validate(*value)) {
    const std::string path = document::dottedPath(*value, violation.pointer);
    problems.push_back(fmt::format("{}:{}: {}{}{}", name, violation.position.line, path,
                                   path.empty() ? "" : ": ", violation.message));
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return Reader(*value, name).read();
}

}  // namespace revenge::flags
