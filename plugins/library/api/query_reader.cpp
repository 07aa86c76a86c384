#include "api/query_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "naming/text.hpp"

namespace library::api {

std::string oneOfText(std::span<const std::string_view> values) {
  std::string text = "one of ";
  for (const std::string_view value : values) {
    if (value != values.front()) text += ", ";
    text += value;
  }
  return text;
}

std::size_t lengthOf(std::string_view text) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::ranges::count_if(text, begins));
}

std::optional<std::string_view> QueryReader::take(std::string_view name) {
  known_.push_back(name);
  const auto found = std::ranges::find(parameters_, name, &Parameter::first);
  if (found == parameters_.end()) return std::nullopt;
  const bool again = std::find_if(found + 1, parameters_.end(), [name](const Parameter& one) {
                       return one.first == name;
                     }) != parameters_.end();
  if (again) {
    refuse(name, "REPEATED", "may be given once");
    return std::nullopt;
  }
  return found->second;
}

std::optional<std::string_view> QueryReader::text(std::string_view name, std::size_t max_characters) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  if (!naming::isUtf8(*value) || value->find('\0') != std::string_view::npos) {
    refuse(name, "NOT_TEXT", "must be UTF-8");
    return std::nullopt;
  }
  if (lengthOf(*value) > max_characters) {
    refuse(name, "TOO_LONG", "must have at most " + std::to_string(max_characters) + " characters",
           static_cast<std::int64_t>(max_characters));
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> QueryReader::number(std::string_view name, std::int64_t least,
                                                std::int64_t most) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto [stop, error] = std::from_chars(value->data(), end, number);
  if (error == std::errc::invalid_argument || stop != end) {
    refuse(name, "NOT_A_NUMBER", "must be an integer");
    return std::nullopt;
  }
  const bool is_beyond = error == std::errc::result_out_of_range;
  const bool is_negative = value->starts_with('-');
  if (is_beyond ? is_negative : number < least) {
    refuse(name, "TOO_SMALL", "must be at least " + std::to_string(least), least);
    return std::nullopt;
  }
  if (is_beyond || number > most) {
    refuse(name, "TOO_LARGE", "must be at most " + std::to_string(most), most);
    return std::nullopt;
  }
  return number;
}

std::optional<Id> QueryReader::id(std::string_view name) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  const auto id = parseId(*value);
  if (!id) refuse(name, "NOT_AN_ID", "must be a UUID");
  return id;
}

std::optional<std::string_view> QueryReader::oneOf(std::string_view name,
                                                   std::span<const std::string_view> values) {
  const auto value = take(name);
  if (!value || std::ranges::find(values, *value) != values.end()) return value;
  refuse(name, "NOT_ONE_OF", "must be " + oneOfText(values));
  return std::nullopt;
}

bool QueryReader::flag(std::string_view name) {
  static constexpr std::array<std::string_view, 2> kValues{"true", "false"};
  return oneOf(name, kValues) == "true";
}

void QueryReader::refuse(std::string_view field, std::string code, std::string message,
                         std::optional<std::int64_t> limit) {
  if (std::ranges::find(errors_, field, &FieldError::field) != errors_.end()) return;
  errors_.push_back({std::string(field), std::move(code), std::move(message), limit});
}

FieldErrors QueryReader::finish() && {
  for (const auto& [name, value] : parameters_) {
    if (std::ranges::find(known_, name) == known_.end()) refuse(name, "UNKNOWN", "is no parameter here");
  }
  return std::move(errors_);
}

}  // namespace library::api
