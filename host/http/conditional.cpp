#include "http/conditional.hpp"

#include "http/bytes.hpp"
#include "http/http_date.hpp"
#include "http/text.hpp"

namespace revenge::http {
namespace {

enum class Comparison : std::uint8_t { kStrong, kWeak };

bool isWeak(std::string_view tag) { return tag.starts_with("W/"); }

bool same(std::string_view a, std::string_view b, Comparison comparison) {
  if (comparison == Comparison::kStrong) return !isWeak(a) && a == b;
  const auto opaque = [](std::string_view tag) { return isWeak(tag) ? tag.substr(2) : tag; };
  return opaque(a) == opaque(b);
}

// Takes the next tag of a list; a tag may hold commas, so that the quotes decide where it ends.
bool nextTag(std::string_view& list, std::string_view& tag) {
  const std::size_t begin = list.find_first_not_of(" \t,");
  if (begin == std::string_view::npos) return false;
  list.remove_prefix(begin);
  const std::size_t open = isWeak(list) ? 2 : 0;
  const std::size_t close =
      list.substr(open).starts_with('"') ? list.find('"', open + 1) : std::string_view::npos;
  if (close == std::string_view::npos) return false;
  tag = list.substr(0, close + 1);
  list.remove_prefix(close + 1);
  return true;
}

// One pass over the fields; a list field that was sent twice counts as one list.
struct Fields {
  bool if_match = false, matched = false;
  bool if_none_match = false, none_matched = false;
  std::optional<std::int64_t> modified_since, unmodified_since;

  Fields(const RequestHead& head, std::string_view etag) {
    for (const revenge_field& field : head.headers) {
      const std::string_view name = text(field.name);
      const std::string_view value = text(field.value);
      if (name == "if-match") {
        if_match = true;
        matched |= lists(value, etag, Comparison::kStrong);
      } else if (name == "if-none-match") {
        if_none_match = true;
        none_matched |= lists(value, etag, Comparison::kWeak);
      } else if (name == "if-modified-since") {
        modified_since = parseHttpDate(value);
      } else if (name == "if-unmodified-since") {
        unmodified_since = parseHttpDate(value);
      }
    }
  }

  static bool lists(std::string_view list, std::string_view etag, Comparison comparison) {
    if (trim(list) == "*") return true;
    std::string_view tag;
    while (!etag.empty() && nextTag(list, tag)) {
      if (same(tag, etag, comparison)) return true;
    }
    return false;
  }
};

}  // namespace

Condition evaluate(const RequestHead& head, const Validators& validators) {
  if (!head.conditional) return Condition::kProceed;
  const Fields fields(head, validators.etag);
  const auto& modified = validators.modified_s;
  if (fields.if_match) {
    if (!fields.matched) return Condition::kFailed;
  } else if (fields.unmodified_since && modified && *modified > *fields.unmodified_since) {
    return Condition::kFailed;
  }
  if (fields.if_none_match) return fields.none_matched ? Condition::kNotModified : Condition::kProceed;
  if (fields.modified_since && modified && *modified <= *fields.modified_since)
    return Condition::kNotModified;
  return Condition::kProceed;
}

bool rangeApplies(std::string_view if_range, const Validators& validators) {
  if (if_range.empty()) return true;
  if (if_range.ends_with('"'))
    return !validators.etag.empty() && same(if_range, validators.etag, Comparison::kStrong);
  const auto date = parseHttpDate(if_range);
  return date && validators.modified_s && *date == *validators.modified_s;
}

}  // namespace revenge::http
