#include "document/yaml.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>
#include <unordered_map>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace revenge::document {
namespace {

// Ends the parse from inside an event: yaml-cpp's parser offers no other way out.
struct Refusal {
  Position at;
  std::string reason;
};

bool isDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view withoutSign(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return text;
}

std::optional<Value> based(std::string_view digits, int base) {
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || rest != digits.data() + digits.size() || !std::in_range<std::int64_t>(value))
    return {};
  return Value(value);
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool isDecimal(std::string_view text) {
  text = withoutSign(text);
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos && !isDigits(withoutSign(text.substr(exponent + 1)))) return false;
  const std::string_view mantissa = text.substr(0, exponent);
  const std::size_t dot = mantissa.find('.');
  if (dot == std::string_view::npos) return isDigits(mantissa);
  const std::string_view whole = mantissa.substr(0, dot);
  const std::string_view fraction = mantissa.substr(dot + 1);
  return (isDigits(whole) && (fraction.empty() || isDigits(fraction))) ||
         (whole.empty() && isDigits(fraction));
}

std::optional<Value> decimal(std::string_view text) {
  if (!isDecimal(text)) return std::nullopt;
  if (text.front() == '+') text.remove_prefix(1);
  const char* begin = text.data();
  const char* end = begin + text.size();
  std::int64_t integer = 0;
  const auto [rest, error] = std::from_chars(begin, end, integer);
  if (error == std::errc() && rest == end) return Value(integer);
  double number = 0;
  if (std::from_chars(begin, end, number).ec != std::errc()) return std::nullopt;
  return Value(number);
}

// A plain scalar after the core schema of YAML 1.2; what is nothing else is a string.
Value plain(const std::string& text, Position at) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (text.starts_with("0x")) return based(text.substr(2), 16).value_or(Value(text));
  if (text.starts_with("0o")) return based(text.substr(2), 8).value_or(Value(text));
  const std::string_view bare = withoutSign(text);
  for (const std::string_view name : {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"}) {
    if (bare == name) throw Refusal{at, "expected a finite number, got " + text};
  }
  return decimal(text).value_or(Value(text));
}

Position positionOf(const YAML::Mark& mark) {
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

// yaml-cpp replaces what is no UTF-8 silently and reads UTF-16 as well.
std::optional<std::size_t> firstInvalidByte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead == 0 || (lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || i + length > text.size()) return i;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return i;
    }
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0x80;
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
      return i;
    }
    i += length;
  }
  return std::nullopt;
}

// Builds the tree from parser events, which also keeps the parser, recursive as it is, from nesting deeper than the
// limits; aliases are copied and counted, so that a tree is all there is afterwards.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const Limits& limits) : limits_(limits) {}
  Value take() && { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw Refusal{positionOf(mark), "a second document; only one is read"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expectsKey()) refuseKey(positionOf(mark));
    scalar(nullptr, positionOf(mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Position at = positionOf(mark);
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refusal{at, "an alias inside the value it stands for"};
    if (expectsKey()) throw Refusal{at, "an alias as a key; write the key out"};
    if (scopes_.size() + found->second.depth > limits_.maxDepth) refuseDepth(at);
    count(found->second.values, at);
    if (!scopes_.empty()) scopes_.back().deepest = std::max(scopes_.back().deepest, found->second.depth + 1);
    Value copy = found->second.value;
    copy.position = at;
    place(std::move(copy));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const Position at = positionOf(mark);
    // Of the escapes yaml-cpp gets two wrong: as a single byte.
    if (const auto byte = firstInvalidByte(text)) {
      throw Refusal{at, text[*byte] == '\0'
                            ? "a NUL character"
                            : "the escape \\N or \\_ cannot be read; write \\u0085 or \\u00a0"};
    }
    if (expectsKey()) return key(text, tag, at);
    scalar(tagged(text, tag, at), at, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Array(), "seq", tag, positionOf(mark), anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Object(), "map", tag, positionOf(mark), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Scope {
    Value* value;
    YAML::anchor_t anchor;
    std::size_t valuesBefore;
    std::size_t deepest;  // levels below and including this one
    bool hasKey = false;
    std::unordered_map<std::string, std::uint32_t> keys;  // and the line of each
  };
  struct Anchored {
    Value value;
    std::size_t values;
    std::size_t depth;
  };

  bool expectsKey() const {
    return !scopes_.empty() && scopes_.back().value->object() && !scopes_.back().hasKey;
  }

  void key(const std::string& text, const std::string& tag, Position at) {
    if (text == "<<" && tag != "!")
      throw Refusal{at, "merge keys (<<) are not supported; write the keys out"};
    Scope& scope = scopes_.back();
    if (const auto [first, fresh] = scope.keys.emplace(text, at.line); !fresh) {
      throw Refusal{at, fmt::format("duplicate key \"{}\", first in line {}; remove one of them",
                                    printable(text), first->second)};
    }
    scope.value->object()->emplace_back(text, Value(), at);
    scope.hasKey = true;
  }

  // "?" is a plain scalar, "!" a quoted one; anything else was written in the text.
  static Value tagged(const std::string& text, const std::string& tag, Position at) {
    constexpr std::string_view kCore = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "?") return plain(text, at);
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return text;
    Value value = plain(text, at);
    if (tag.starts_with(kCore)) {
      const std::string_view type = std::string_view(tag).substr(kCore.size());
      if (type == "int" && value.kind() == Kind::kInteger) return value;
      const std::optional<double> number = value.number();
      if (type == "float" && number) return Value(*number);
      if (type == "bool" && value.boolean()) return value;
      if (type == "null" && value.isNull()) return value;
    }
    throw Refusal{at, fmt::format("tag {} does not fit \"{}\"; only the core tags are known", printable(tag),
                                  printable(text))};
  }

  void scalar(Value value, Position at, YAML::anchor_t anchor) {
    count(1, at);
    value.position = at;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {value, 1, 0};
    place(std::move(value));
  }

  void open(Value value, std::string_view type, const std::string& tag, Position at, YAML::anchor_t anchor) {
    if (!tag.empty() && tag != "?" && tag != "!" && tag != fmt::format("tag:yaml.org,2002:{}", type)) {
      throw Refusal{at, fmt::format("unknown tag {}", printable(tag))};
    }
    if (expectsKey()) refuseKey(at);
    if (scopes_.size() == limits_.maxDepth) refuseDepth(at);
    const std::size_t before = values_;
    count(1, at);
    value.position = at;
    scopes_.push_back({&place(std::move(value)), anchor, before, 1, false, {}});
  }

  void close() {
    const Scope scope = std::move(scopes_.back());
    scopes_.pop_back();
    if (scope.anchor != YAML::NullAnchor) {
      // Kept beside the tree, so it counts like the copies made of it.
      const std::size_t size = values_ - scope.valuesBefore;
      count(size, scope.value->position);
      anchors_[scope.anchor] = {*scope.value, size, scope.deepest};
    }
    if (!scopes_.empty()) scopes_.back().deepest = std::max(scopes_.back().deepest, scope.deepest + 1);
  }

  // A scope's value stays where it is while the scope is open: only the innermost container grows.
  Value& place(Value value) {
    if (scopes_.empty()) return root_ = std::move(value);
    Scope& scope = scopes_.back();
    if (Array* array = scope.value->array()) return array->emplace_back(std::move(value));
    scope.hasKey = false;
    return scope.value->object()->back().value = std::move(value);
  }

  void count(std::size_t added, Position at) {
    values_ += added;
    if (values_ > limits_.maxValues) {
      throw Refusal{at, fmt::format("more than {} values, aliases expanded", limits_.maxValues)};
    }
  }

  // What follows a bracket without its end looks like such a key to the parser.
  [[noreturn]] static void refuseKey(Position at) {
    throw Refusal{at, "a key that is no text, or a bracket that is not closed"};
  }

  [[noreturn]] void refuseDepth(Position at) const {
    throw Refusal{at, fmt::format("nested deeper than {} levels", limits_.maxDepth)};
  }

  const Limits& limits_;
  std::size_t documents_ = 0;
  std::size_t values_ = 0;
  Value root_;
  std::vector<Scope> scopes_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
};

}  // namespace

base::Result<Value> parseYaml(std::string_view text, std::string_view name, const Limits& limits) {
  const auto refuse = [&](Position at, std::string_view reason) {
    return base::fail(base::Errc::kInvalid, "{}:{}: {}", name, at.line, reason);
  };
  const auto lineAt = [&](std::size_t byte) {
    return static_cast<std::uint32_t>(1 + std::ranges::count(text.substr(0, byte), '\n'));
  };
  if (text.size() > limits.maxBytes) {
    return base::fail(base::Errc::kLimit, "{}:1: {} bytes, at most {} are read", name, text.size(),
                      limits.maxBytes);
  }
  if (const auto byte = firstInvalidByte(text))
    return refuse({lineAt(*byte), 1}, "a NUL byte or invalid UTF-8");
  try {
    // yaml-cpp takes the end of a text for the quote that is missing; an end of the document it does not.
    std::istringstream input{std::string(text) + (text.ends_with('\n') ? "...\n" : "")};
    YAML::Parser parser(input);
    Builder builder(limits);
    while (parser.HandleNextDocument(builder)) {
    }
    return std::move(builder).take();
  } catch (const Refusal& refusal) {
    return refuse(refusal.at, refusal.reason);
  } catch (const YAML::Exception& error) {
    return refuse(positionOf(error.mark), "broken YAML: " + printable(error.msg, 160));
  }
}

}  // namespace revenge::document
