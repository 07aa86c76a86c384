#include "flags/edit.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "document/yaml_edit.hpp"

namespace revenge::flags {
namespace {

using document::Value;

// Members of one flag, put one after the other; after the first that cannot be, nothing.
class Pen {
 public:
  Pen(std::string_view text, std::string_view name, std::string_view key)
      : text_(std::string(text)), name_(name), key_(key) {}

  void begin() {
    if (text_->empty()) putAt({"bucketing"}, 1);
  }
  void put(const char* member, const Value& value) { putAt({"flags", key_, member}, value); }
  base::Result<std::string> take() { return std::move(text_); }

 private:
  void putAt(const std::vector<std::string>& steps, const Value& value) {
    if (text_) text_ = document::withValue(*text_, name_, steps, value);
  }

  base::Result<std::string> text_;
  const std::string_view name_;
  const std::string key_;
};

Value numberOf(double percentage) {
  if (std::trunc(percentage) == percentage) return static_cast<std::int64_t>(percentage);
  return percentage;
}

bool has(const Flag& flag, std::string_view variant) {
  return std::ranges::find(flag.variants, variant, &Variant::name) != flag.variants.end();
}

base::Result<> judge(const Flag* flag, std::string_view name, const Edit& edit) {
  if (edit.kind == Edit::Kind::kRollOut) {
    if (!(edit.percentage >= 0 && edit.percentage <= 100))
      return base::fail(base::Errc::kInvalid, "percentage: expected a number from 0 to 100, got {}",
                        edit.percentage);
    if (flag != nullptr && flag->type != Type::kBoolean && !flag->split)
      return base::fail(base::Errc::kRefused, "{}:{}: flags.{}: a share of users needs a split to give them",
                        name, flag->line, flag->key);
    return {};
  }
  if (edit.kind == Edit::Kind::kKill) return {};
  if (flag == nullptr) {
    if (edit.variant == "on" || edit.variant == "off") return {};
    return base::fail(base::Errc::kNotFound,
                      "no flag '{}' in {}; only on and off can be said of one that is not there", edit.key,
                      name);
  }
  if (!has(*flag, edit.variant)) {
    std::vector<std::string_view> names;
    names.reserve(flag->variants.size());
    for (const Variant& each : flag->variants) names.push_back(each.name);
    return base::fail(base::Errc::kInvalid, "flag '{}' has no variant '{}'; expected one of {}", edit.key,
                      edit.variant, fmt::join(names, ", "));
  }
  if (flag->split)
    return base::fail(base::Errc::kRefused, "{}:{}: flags.{}.split decides before the default; edit the file",
                      name, flag->line, flag->key);
  return {};
}

}  // namespace

base::Result<std::string> edited(std::string_view text, std::string_view name, const Definitions& now,
                                 const Edit& edit) {
  const Flag* const flag = now.find(edit.key);
  if (auto good = judge(flag, name, edit); !good) return std::unexpected(good.error());
  Pen pen(text, name, edit.key);
  pen.begin();
  switch (edit.kind) {
    case Edit::Kind::kKill:
      pen.put("kill", true);
      break;
    case Edit::Kind::kRollOut:
      if (flag != nullptr && flag->type == Type::kBoolean && flag->standard == std::size_t{0})
        pen.put("default", "off");
      pen.put("percentage", numberOf(edit.percentage));
      break;
    case Edit::Kind::kSet:
      pen.put("default", edit.variant.c_str());
      if (flag != nullptr && flag->share) pen.put("percentage", edit.variant == "on" ? 100 : 0);
      if (flag != nullptr && flag->killed) pen.put("kill", false);
      if (flag != nullptr && !flag->enabled) pen.put("enabled", true);
      break;
  }
  return pen.take();
}

std::vector<std::string> hindrances(const Flag& after, const Edit& edit) {
  std::vector<std::string> lines;
  if (edit.kind == Edit::Kind::kKill) return lines;
  if (after.killed) lines.emplace_back("it is killed: everybody gets its off variant");
  if (!after.enabled) lines.emplace_back("it is not enabled: everybody gets their own default");
  if (!after.rules.empty())
    lines.push_back(fmt::format("{} rule{} decide{} first", after.rules.size(),
                                after.rules.size() == 1 ? "" : "s", after.rules.size() == 1 ? "s" : ""));
  if (after.schedule) lines.emplace_back("its schedule says when it is in force");
  for (const Prerequisite& each : after.prerequisites)
    lines.push_back(fmt::format("it needs '{}' of flag '{}'", each.variant, each.flag));
  return lines;
}

}  // namespace revenge::flags
