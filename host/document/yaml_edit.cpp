#include "document/yaml_edit.hpp"

#include <algorithm>
#include <vector>

#include "document/json.hpp"
#include "document/yaml.hpp"

namespace revenge::document {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kIndent = 2;

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool isPlain(std::string_view text) {
  return !text.empty() && text.front() != '-' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string keyText(const std::string& key) { return isPlain(key) ? key : writeJson(Value(key)); }

// A word stays a word where YAML reads it as one.
std::string valueText(const Value& value) {
  const std::string* const text = value.text();
  if (text == nullptr || !isPlain(*text)) return writeJson(value);
  const auto read = parseYaml(*text, "value");
  return read && *read == value ? *text : writeJson(value);
}

Value nestedIn(std::span<const std::string> steps, Value value) {
  for (std::size_t i = steps.size(); i-- > 0;) {
    Value outer{Object()};
    outer.set(steps[i], std::move(value));
    value = std::move(outer);
  }
  return value;
}

// Where things stand in the text. Positions come from the parser; what it does not tell, the ends, is found here by the
// usual ways to write YAML. A wrong guess makes another tree and is refused.
class Text {
 public:
  explicit Text(std::string_view text) : text_(text) {
    for (std::size_t at = 0; at < text.size();
         at = text.find('\n', at) == kNone ? text.size() : text.find('\n', at) + 1)
      lines_.push_back(at);
  }

  std::string_view all() const { return text_; }
  std::string_view newline() const { return text_.contains("\r\n") ? "\r\n" : "\n"; }

  std::size_t offset(Position at) const {
    return at.line == 0 || at.line > lines_.size()
               ? kNone
               : std::min(lines_[at.line - 1] + at.column - 1, text_.size());
  }
  char charAt(std::size_t at) const { return at < text_.size() ? text_[at] : '\n'; }

  std::size_t lineOf(std::size_t at) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(lines_, at) - lines_.begin()) - 1;
  }
  std::size_t startOfLine(std::size_t line) const {
    return line < lines_.size() ? lines_[line] : text_.size();
  }
  std::size_t afterLine(std::size_t line) const { return startOfLine(line + 1); }

  // Past the colon of the key that begins there.
  std::size_t afterColon(std::size_t key) const {
    std::size_t at = key;
    const char first = charAt(at);
    if (first == '"' || first == '\'') {
      at = quotedEnd(at);
      while (charAt(at) == ' ') ++at;
      return charAt(at) == ':' ? at + 1 : kNone;
    }
    for (; at < text_.size() && text_[at] != '\n'; ++at) {
      if (text_[at] == ':' && (isBlank(charAt(at + 1)) || std::string_view(",]}").contains(charAt(at + 1))))
        return at + 1;
    }
    return kNone;
  }

  // Past the end of the value that begins there, inside brackets.
  std::size_t flowEnd(std::size_t at) const {
    const char first = charAt(at);
    if (first == '"' || first == '\'') return quotedEnd(at);
    if (first == '{' || first == '[') return bracketEnd(at);
    const std::size_t begin = at;
    while (at < text_.size() && !std::string_view(",]}\n").contains(text_[at]) && !beginsComment(at)) ++at;
    return trimmed(begin, at);
  }

  // The same in a block: of what stands in this line alone, or kNone where it goes on in the next ones.
  std::size_t inlineEnd(std::size_t at) const {
    const char first = charAt(at);
    if (first == '|' || first == '>') return kNone;
    if (first == '"' || first == '\'') return quotedEnd(at);
    if (first == '{' || first == '[') return bracketEnd(at);
    const std::size_t begin = at;
    while (at < text_.size() && text_[at] != '\n' && !beginsComment(at)) ++at;
    return trimmed(begin, at);
  }

  // Whether nothing but a comment follows in the line.
  bool endsLine(std::size_t at) const {
    while (charAt(at) == ' ' || charAt(at) == '\t' || charAt(at) == '\r') ++at;
    return charAt(at) == '\n' || charAt(at) == '#';
  }

  // The last line that belongs to the entry whose key is `indent` deep in `line`. Comments behind it that are not deeper
  // are about what follows.
  std::size_t lastLine(std::size_t line, std::size_t indent, const Value& value) const {
    const std::size_t begin = offset(value.position);
    const bool literal =
        begin != kNone && value.text() != nullptr && (charAt(begin) == '|' || charAt(begin) == '>');
    std::size_t last = line;
    for (std::size_t next = line + 1; next < lines_.size(); ++next) {
      std::size_t at = lines_[next];
      while (charAt(at) == ' ') ++at;
      if (charAt(at) == '\n' || charAt(at) == '\r') continue;
      const std::size_t deep = at - lines_[next];
      const bool dash =
          value.array() != nullptr && deep == indent && charAt(at) == '-' && isBlank(charAt(at + 1));
      if (charAt(at) == '#' && !literal) continue;
      if (deep <= indent && !dash) break;
      last = next;
    }
    return last;
  }

 private:
  bool beginsComment(std::size_t at) const { return text_[at] == '#' && at > 0 && isBlank(text_[at - 1]); }

  std::size_t trimmed(std::size_t begin, std::size_t end) const {
    while (end > begin && isBlank(text_[end - 1])) --end;
    return end;
  }

  std::size_t quotedEnd(std::size_t at) const {
    const char quote = text_[at++];
    for (; at < text_.size(); ++at) {
      if (quote == '"' && text_[at] == '\\') {
        ++at;
      } else if (text_[at] == quote) {
        if (quote == '"' || charAt(at + 1) != '\'') return at + 1;
        ++at;
      }
    }
    return text_.size();
  }

  std::size_t bracketEnd(std::size_t at) const {
    for (std::size_t depth = 0; at < text_.size();) {
      const char c = text_[at];
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return at + 1;
      if (c == '#' && beginsComment(at)) {
        at = std::min(text_.find('\n', at), text_.size());
      } else if ((c == '"' || c == '\'') &&
                 (isBlank(text_[at - 1]) || std::string_view(",:[{").contains(text_[at - 1]))) {
        at = quotedEnd(at);
      } else {
        ++at;
      }
    }
    return text_.size();
  }

  const std::string_view text_;
  std::vector<std::size_t> lines_;  // where each begins
};

// One edit of a text. Each step finds a place and a new piece for it; nothing means that it is beyond this.
class Edit {
 public:
  Edit(std::string_view text, const Value& root) : text_(text), root_(root) {}

  std::optional<std::string> put(std::span<const std::string> steps, const Value& value) const {
    const Value* here = &root_;
    const Member* holder = nullptr;
    bool flow = isFlow(root_);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Member* const found = here->member(steps[i]);
      if (found == nullptr) return add(holder, *here, flow, steps.subspan(i), value);
      if (i + 1 == steps.size()) return replace(*found, flow, valueText(value));
      holder = found;
      here = &found->value;
      flow = flow || isFlow(*here);
    }
    return std::nullopt;
  }

  std::optional<std::string> takeOut(std::span<const std::string> steps) const {
    const Value* here = &root_;
    std::vector<std::pair<const Value*, const Member*>> way;
    for (const std::string& step : steps) {
      const Member* const found = here->member(step);
      if (found == nullptr) return std::nullopt;
      way.emplace_back(here, found);
      here = &found->value;
    }
    while (way.size() > 1 && way.back().first->object()->size() == 1) way.pop_back();
    bool flow = false;
    for (const auto& [object, member] : way) flow = flow || isFlow(*object);
    return remove(*way.back().first, *way.back().second, flow);
  }

 private:
  bool isFlow(const Value& value) const {
    const std::size_t at = text_.offset(value.position);
    return value.object() != nullptr && at != kNone && text_.charAt(at) == '{';
  }

  std::string spliced(std::size_t from, std::size_t to, std::string_view piece) const {
    const std::string_view all = text_.all();
    return fmt::format("{}{}{}", all.substr(0, from), piece, all.substr(to));
  }

  std::size_t valueEnd(const Member& member, bool flow) const {
    const std::size_t at = text_.offset(member.value.position);
    return flow ? text_.flowEnd(at) : text_.inlineEnd(at);
  }

  std::optional<std::string> replace(const Member& member, bool flow, const std::string& piece) const {
    const std::size_t key = text_.offset(member.keyAt);
    const std::size_t colon = key == kNone ? kNone : text_.afterColon(key);
    if (colon == kNone) return std::nullopt;
    if (member.value.isNull() && text_.endsLine(colon)) return spliced(colon, colon, " " + piece);
    std::size_t begin = text_.offset(member.value.position);
    if (member.value.isNull()) {
      for (begin = colon; text_.charAt(begin) == ' ';) ++begin;
    }
    if (begin == kNone) return std::nullopt;
    if (flow) return spliced(begin, text_.flowEnd(begin), piece);
    const std::size_t line = text_.lineOf(key);
    const std::size_t last = text_.lastLine(line, key - text_.startOfLine(line), member.value);
    // What begins below the key goes, line by line; what is said beside the key stays.
    if (text_.lineOf(begin) > line) {
      const std::size_t cut = text_.afterLine(line);
      const std::string_view all = text_.all();
      return fmt::format("{} {}{}{}", all.substr(0, colon), piece, all.substr(colon, cut - colon),
                         all.substr(text_.afterLine(last)));
    }
    const std::size_t end = text_.inlineEnd(begin);
    if (end != kNone && text_.endsLine(end) && (text_.lineOf(end) >= last || end > text_.startOfLine(last)))
      return spliced(begin, end, piece);
    return spliced(begin, text_.afterLine(last), piece + std::string(text_.newline()));
  }

  std::string block(std::size_t indent, std::span<const std::string> steps, const Value& value) const {
    std::string lines;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      lines += fmt::format("{:{}}{}:", "", indent + i * kIndent, keyText(steps[i]));
      if (i + 1 == steps.size()) lines += " " + valueText(value);
      lines += text_.newline();
    }
    return lines;
  }

  // A line of its own behind what is there up to `at`.
  std::string inserted(std::size_t at, const std::string& lines) const {
    const bool open = at > 0 && text_.all()[at - 1] != '\n';
    return spliced(at, at, (open ? std::string(text_.newline()) : "") + lines);
  }

  std::optional<std::string> add(const Member* holder, const Value& object, bool flow,
                                 std::span<const std::string> steps, const Value& value) const {
    if (object.isNull() && holder == nullptr) return inserted(text_.all().size(), block(0, steps, value));
    if (object.isNull()) {
      const std::size_t key = text_.offset(holder->keyAt);
      const std::size_t colon = key == kNone ? kNone : text_.afterColon(key);
      if (flow || colon == kNone || !text_.endsLine(colon))
        return replace(*holder, flow, writeJson(nestedIn(steps, value)));
      const std::size_t line = text_.lineOf(key);
      return inserted(text_.afterLine(line), block(key - text_.startOfLine(line) + kIndent, steps, value));
    }
    if (object.object() == nullptr) return std::nullopt;
    if (flow) {
      const std::string entry =
          fmt::format("{}: {}", keyText(steps[0]), valueText(nestedIn(steps.subspan(1), value)));
      if (object.object()->empty()) {
        const std::size_t at = text_.offset(object.position) + 1;
        return spliced(at, at, entry);
      }
      const std::size_t end = valueEnd(object.object()->back(), true);
      return spliced(end, end, ", " + entry);
    }
    const Member& last = object.object()->back();
    const std::size_t key = text_.offset(last.keyAt);
    if (key == kNone) return std::nullopt;
    const std::size_t line = text_.lineOf(key);
    const std::size_t indent = key - text_.startOfLine(line);
    return inserted(text_.afterLine(text_.lastLine(line, indent, last.value)), block(indent, steps, value));
  }

  std::optional<std::string> remove(const Value& object, const Member& member, bool flow) const {
    const std::size_t key = text_.offset(member.keyAt);
    if (key == kNone) return std::nullopt;
    if (!flow) {
      const std::size_t line = text_.lineOf(key);
      const std::size_t last = text_.lastLine(line, key - text_.startOfLine(line), member.value);
      return spliced(text_.startOfLine(line), text_.afterLine(last), "");
    }
    std::size_t begin = key;
    std::size_t end = valueEnd(member, true);
    if (&object.object()->back() != &member) {
      end = std::min(text_.all().find(',', end), text_.all().size() - 1) + 1;
      while (text_.charAt(end) == ' ') ++end;
    } else if (object.object()->size() > 1) {
      begin = valueEnd((*object.object())[object.object()->size() - 2], true);
    }
    return spliced(begin, end, "");
  }

  const Text text_;
  const Value& root_;
};

base::Result<std::string> checked(const std::optional<std::string>& made, std::string_view name,
                                  const Value& expected, Position at) {
  const auto read = made ? parseYaml(*made, name) : base::fail(base::Errc::kRefused, "");
  if (read &&
      (*read == expected || (read->isNull() && expected.object() != nullptr && expected.object()->empty())))
    return *made;
  return base::fail(base::Errc::kRefused,
                    "{}:{}: written in a way that only a person can change; edit the file", name,
                    std::max(at.line, 1U));
}

// The place in the text that the steps lead to, as far as they do.
const Value& nearest(const Value& root, std::span<const std::string> steps) {
  const Value* here = &root;
  for (const std::string& step : steps) {
    const Value* const next = here->find(step);
    if (next == nullptr) break;
    here = next;
  }
  return *here;
}

}  // namespace

base::Result<std::string> withValue(std::string_view text, std::string_view name,
                                    std::span<const std::string> steps, const Value& value) {
  const auto root = parseYaml(text, name);
  if (!root) return std::unexpected(root.error());
  Value expected = *root;
  Value* here = &expected;
  for (const std::string& step : steps) {
    if (!here->isNull() && here->object() == nullptr) {
      return base::fail(base::Errc::kInvalid, "{}:{}: expected a section that can hold {}", name,
                        here->position.line, printable(step));
    }
    if (here->find(step) == nullptr) here->set(step, Value());
    here = here->find(step);
  }
  *here = value;
  return checked(Edit(text, *root).put(steps, value), name, expected, nearest(*root, steps).position);
}

base::Result<std::string> withoutValue(std::string_view text, std::string_view name,
                                       std::span<const std::string> steps) {
  const auto root = parseYaml(text, name);
  if (!root) return std::unexpected(root.error());
  Value expected = *root;
  std::vector<Value*> way{&expected};
  for (const std::string& step : steps) {
    Value* const next = way.back()->find(step);
    if (next == nullptr) return base::fail(base::Errc::kNotFound, "{}: has no such key", name);
    way.push_back(next);
  }
  way.pop_back();
  for (std::size_t i = steps.size(); i-- > 0; way.pop_back()) {
    std::erase_if(*way.back()->object(), [&](const Member& member) { return member.key == steps[i]; });
    if (!way.back()->object()->empty()) break;
  }
  return checked(Edit(text, *root).takeOut(steps), name, expected, nearest(*root, steps).position);
}

}  // namespace revenge::document
