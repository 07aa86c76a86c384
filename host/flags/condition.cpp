#include "flags/condition.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace revenge::flags {
namespace {

using Answer = Condition::Answer;

bool equal(const AttributeValue& value, const Literal& literal) {
  if (value.index() != literal.index()) return false;
  if (const auto* text = std::get_if<std::string_view>(&value))
    return *text == std::get<std::string>(literal);
  if (const auto* number = std::get_if<double>(&value)) return *number == std::get<double>(literal);
  return std::get<bool>(value) == std::get<bool>(literal);
}

// A value of a type that no literal has is a wrong type, not merely another value.
Answer ask(const IsOneOf& asked, const AttributeValue& value) {
  const auto ofSameType = [&](const Literal& literal) { return literal.index() == value.index(); };
  if (std::ranges::none_of(asked.values, ofSameType)) return std::nullopt;
  return std::ranges::any_of(asked.values, [&](const Literal& literal) { return equal(value, literal); });
}

Answer ask(const HasPrefix& asked, const AttributeValue& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  return text == nullptr ? Answer() : Answer(text->starts_with(asked.text));
}

Answer ask(const HasSuffix& asked, const AttributeValue& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  return text == nullptr ? Answer() : Answer(text->ends_with(asked.text));
}

Answer ask(const VersionTest& asked, const AttributeValue& value) {
  std::array<char, 32> written{};
  std::string_view text;
  if (const auto* given = std::get_if<std::string_view>(&value)) {
    text = *given;
  } else if (const auto* number = std::get_if<double>(&value)) {
    const auto end = std::to_chars(written.data(), written.data() + written.size(), *number);
    text = {written.data(), static_cast<std::size_t>(end.ptr - written.data())};
  }
  const auto version = Version::parse(text);
  return version ? Answer(asked.holds(*version)) : Answer();
}

Answer ask(const InRange& asked, const AttributeValue& value) {
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr || *number != *number) return std::nullopt;
  return (!asked.least || *number >= *asked.least) && (!asked.most || *number <= *asked.most) &&
         (!asked.above || *number > *asked.above) && (!asked.below || *number < *asked.below);
}

Answer ask(const InShare& asked, const AttributeValue& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr) return std::nullopt;
  Murmur3 hash = asked.seed;
  hash.add(*text);
  return isInShare(hash.ended(), asked.share);
}

// Three-valued: what is not known of one condition leaves the segment open, unless another decides it. Conditions of a
// segment ask for no segment: this does not come back here.
Answer isIn(const Segment& segment, const Context& context) {
  bool isOpen = false;
  for (const Condition& condition : segment.conditions) {
    const Answer answer = condition.answer(context, {});
    if (!answer) {
      isOpen = true;
    } else if (*answer != segment.needs_all) {
      return answer;
    }
  }
  return isOpen ? Answer() : Answer(segment.needs_all);
}

}  // namespace

Answer Condition::answer(const Context& context, std::span<const Segment> segments) const {
  AttributeValue key;
  const AttributeValue* value = attribute.empty() ? nullptr : context.find(attribute, key);
  const Answer answer = std::visit(
      [&](const auto& asked) -> Answer {
        if constexpr (std::is_same_v<std::decay_t<decltype(asked)>, InSegment>) {
          return isIn(segments[asked.index], context);
        } else {
          return value == nullptr ? Answer() : ask(asked, *value);
        }
      },
      asks);
  return answer ? Answer(*answer != negated) : answer;
}

}  // namespace revenge::flags
