#include "flags/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace revenge::flags {
namespace {

// The user's place on a line; nothing when they have no key, or one that is no text.
std::optional<std::uint32_t> hashOf(Murmur3 seed, const std::string& by, const Context& context) {
  AttributeValue place;
  std::string_view key = context.key;
  if (!by.empty()) {
    const AttributeValue* value = context.find(by, place);
    const auto* text = value != nullptr ? std::get_if<std::string_view>(value) : nullptr;
    key = text != nullptr ? *text : std::string_view();
  }
  if (key.empty()) return std::nullopt;
  seed.add(key);
  return seed.ended();
}

class Evaluation {
 public:
  Evaluation(const Definitions& definitions, const Context& context, const base::Clock& clock)
      : definitions_(definitions), context_(context), clock_(clock) {}

  Outcome of(const Flag& flag) const {
    if (!flag.enabled) return {nullptr, Reason::kDisabled, Fault::kNone};
    if (flag.needs_key && context_.key.empty()) return {nullptr, Reason::kError, Fault::kTargetingKeyMissing};
    if (flag.killed) return serve(flag, flag.off, Reason::kDisabled);
    if (flag.schedule && !flag.schedule->includes(clock_.wall()))
      return serve(flag, flag.off, Reason::kDefault);
    for (const Prerequisite& prerequisite : flag.prerequisites) {
      if (isMet(prerequisite)) continue;
      Outcome off = serve(flag, flag.off, Reason::kDefault);
      off.prerequisite = &prerequisite;
      return off;
    }
    for (std::size_t i = 0; i < flag.rules.size(); ++i) {
      if (!applies(flag.rules[i])) continue;
      Outcome outcome = byRule(flag, flag.rules[i]);
      outcome.rule = static_cast<std::int32_t>(i);
      return outcome;
    }
    if (flag.share) return byShare(flag);
    if (flag.split) return bySplit(flag, *flag.split);
    return serve(flag, flag.standard,
                 flag.rules.empty() && flag.prerequisites.empty() && !flag.schedule ? Reason::kStatic
                                                                                    : Reason::kDefault);
  }

 private:
  static Outcome serve(const Flag& flag, std::optional<std::size_t> variant, Reason reason) {
    if (variant) return {&flag.variants[*variant], reason, Fault::kNone};
    return {nullptr, reason == Reason::kStatic ? Reason::kDefault : reason, Fault::kNone};
  }

  // The definitions hold no cycle, and their depth is bounded.
  bool isMet(const Prerequisite& prerequisite) const {  // NOLINT(misc-no-recursion)
    if (!prerequisite.index || !prerequisite.variant_index) return false;
    const Flag& parent = definitions_.flags[*prerequisite.index];
    return of(parent).variant == &parent.variants[*prerequisite.variant_index];
  }

  bool applies(const Rule& rule) const {
    return std::ranges::all_of(rule.conditions, [&](const Condition& condition) {
      return condition.holds(context_, definitions_.segments);
    });
  }

  Outcome byRule(const Flag& flag, const Rule& rule) const {
    if (rule.split) return bySplit(flag, *rule.split);
    if (rule.serves) return serve(flag, rule.serves, Reason::kTargetingMatch);
    return serve(flag, flag.standard, Reason::kDefault);
  }

  Outcome byShare(const Flag& flag) const {
    const auto hashed = hashOf(flag.share_seed, flag.by, context_);
    if (!hashed) return serve(flag, flag.standard, Reason::kDefault);
    if (!isInShare(*hashed, *flag.share)) return serve(flag, flag.standard, Reason::kSplit);
    if (flag.split) return bySplit(flag, *flag.split);
    return serve(flag, std::size_t{0}, Reason::kSplit);
  }

  Outcome bySplit(const Flag& flag, const Split& split) const {
    const auto hashed = split.total == 0 ? std::nullopt : hashOf(split.seed, split.by, context_);
    if (!hashed) return serve(flag, flag.standard, Reason::kDefault);
    const std::uint32_t step = stepOf(*hashed, split.total);
    const auto part =
        std::ranges::find_if(split.parts, [&](const Split::Part& each) { return step < each.end; });
    return serve(flag, part->variant, Reason::kSplit);
  }

  const Definitions& definitions_;
  const Context& context_;
  const base::Clock& clock_;
};

bool fits(Type wanted, const Flag& flag, const Variant* variant) {
  if (wanted == flag.type) return true;
  if (wanted == Type::kNumber) return flag.type == Type::kInteger;
  if (wanted != Type::kInteger || flag.type != Type::kNumber) return false;
  if (variant == nullptr) return true;
  return std::trunc(variant->number) == variant->number &&
         std::abs(variant->number) <= static_cast<double>(kMaxInteger);
}

// Which variants anybody could get now; null in it stands for the caller's default.
class Reach {
 public:
  Reach(const Definitions& definitions, base::WallTime now) : definitions_(definitions), now_(now) {}

  bool canGive(const Flag& flag, std::optional<std::size_t> variant) const {  // NOLINT(misc-no-recursion)
    if (!flag.enabled) return !variant;
    if (flag.killed) return flag.off == variant;
    if (flag.schedule && !flag.schedule->includes(now_)) return flag.off == variant;
    const bool isHeld = std::ranges::any_of(flag.prerequisites, [&](const Prerequisite& prerequisite) {
      return !prerequisite.index || !prerequisite.variant_index ||
             !canGive(definitions_.flags[*prerequisite.index], prerequisite.variant_index);
    });
    if (isHeld) return flag.off == variant;
    if (!flag.prerequisites.empty() && flag.off == variant) return true;
    for (const Rule& rule : flag.rules) {
      if (!canApply(rule)) continue;
      if (rule.split && canGive(*rule.split, variant)) return true;
      // A split gives the default to who has no key.
      if ((rule.serves ? rule.serves : flag.standard) == variant) return true;
      if (rule.conditions.empty() && !rule.split) return false;
    }
    const bool isForAll = flag.share == kEverybody && flag.by.empty() && flag.needs_key;
    if (!isForAll && flag.standard == variant) return true;
    if (flag.share == 0U) return false;
    if (flag.split) return canGive(*flag.split, variant);
    return flag.share && variant == std::size_t{0};
  }

 private:
  static bool canGive(const Split& split, std::optional<std::size_t> variant) {
    std::uint32_t before = 0;
    for (const Split::Part& part : split.parts) {
      if (part.end > before && variant == part.variant) return true;
      before = part.end;
    }
    return false;
  }

  static bool canApply(const Rule& rule) {
    return std::ranges::none_of(rule.conditions, [](const Condition& condition) {
      const auto* share = std::get_if<InShare>(&condition.asks);
      return share != nullptr && share->share == (condition.negated ? kEverybody : 0);
    });
  }

  const Definitions& definitions_;
  const base::WallTime now_;
};

}  // namespace

std::string_view name(Type type) {
  static constexpr std::string_view kNames[] = {"boolean", "string", "integer", "number", "object"};
  return kNames[static_cast<std::size_t>(type) - 1];
}

std::string_view name(Reason reason) {
  static constexpr std::string_view kNames[] = {"STATIC",   "DEFAULT", "TARGETING_MATCH", "SPLIT", "CACHED",
                                                "DISABLED", "UNKNOWN", "STALE",           "ERROR"};
  return kNames[static_cast<std::size_t>(reason) - 1];
}

std::string_view name(Fault fault) {
  static constexpr std::string_view kNames[] = {"", "FLAG_NOT_FOUND", "TYPE_MISMATCH",
                                                "TARGETING_KEY_MISSING", "GENERAL"};
  return kNames[static_cast<std::size_t>(fault)];
}

std::optional<std::uint32_t> placeOf(const Flag& flag, const Context& context) {
  if (!flag.share && !flag.split) return std::nullopt;
  const auto hashed = flag.share ? hashOf(flag.share_seed, flag.by, context)
                                 : hashOf(flag.split->seed, flag.split->by, context);
  return hashed ? std::optional(stepOf(*hashed, kEverybody)) : std::nullopt;
}

const Flag* Definitions::find(std::string_view key) const {
  const auto found = std::ranges::lower_bound(flags, key, {}, &Flag::key);
  return found != flags.end() && found->key == key ? &*found : nullptr;
}

Outcome evaluate(const Definitions& definitions, const Flag* flag, const Context& context,
                 const base::Clock& clock) {
  if (flag == nullptr) return {};
  if (flag->is_constant) return {&flag->variants[*flag->standard], Reason::kStatic, Fault::kNone};
  return Evaluation(definitions, context, clock).of(*flag);
}

Outcome evaluateAs(Type wanted, const Definitions& definitions, const Flag* flag, const Context& context,
                   const base::Clock& clock) {
  const Outcome outcome = evaluate(definitions, flag, context, clock);
  if (flag == nullptr || fits(wanted, *flag, outcome.variant)) return outcome;
  return {nullptr, Reason::kError, Fault::kTypeMismatch};
}

bool couldServe(const Definitions& definitions, const Flag* flag, base::WallTime now) {
  if (flag == nullptr || flag->type != Type::kBoolean) return true;
  const Reach reach(definitions, now);
  return reach.canGive(*flag, std::size_t{0}) || reach.canGive(*flag, std::nullopt);
}

bool couldMeet(const Definitions& definitions, const Prerequisite& prerequisite, base::WallTime now) {
  return prerequisite.index && prerequisite.variant_index &&
         Reach(definitions, now).canGive(definitions.flags[*prerequisite.index], prerequisite.variant_index);
}

// The definitions hold no cycle, and their depth is bounded.
bool asksWho(const Definitions& definitions, const Flag& flag,  // NOLINT(misc-no-recursion)
             base::WallTime now) {
  if (!flag.enabled || flag.killed) return false;
  if (flag.needs_key) return true;
  if (flag.schedule && !flag.schedule->includes(now)) return false;
  if (flag.share.value_or(0) > 0 || !flag.rules.empty() || (flag.split && !flag.share)) return true;
  return std::ranges::any_of(flag.prerequisites, [&](const Prerequisite& prerequisite) {
    return prerequisite.index && asksWho(definitions, definitions.flags[*prerequisite.index], now);
  });
}

std::vector<std::string> turned(const Definitions& definitions, base::WallTime after, base::WallTime until) {
  std::vector<bool> is_turned(definitions.flags.size());
  const auto within = [&](const std::optional<base::WallTime>& edge) {
    return edge && *edge > after && *edge <= until;
  };
  for (std::size_t i = 0; i < is_turned.size(); ++i) {
    const auto& schedule = definitions.flags[i].schedule;
    is_turned[i] = schedule && (within(schedule->from) || within(schedule->until));
  }
  // As often as a chain of prerequisites is long.
  for (bool more = true; std::exchange(more, false);) {
    for (std::size_t i = 0; i < is_turned.size(); ++i) {
      const bool follows =
          !is_turned[i] &&
          std::ranges::any_of(definitions.flags[i].prerequisites, [&](const Prerequisite& prerequisite) {
            return prerequisite.index && is_turned[*prerequisite.index];
          });
      if (!follows) continue;
      is_turned[i] = true;
      more = true;
    }
  }
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < is_turned.size(); ++i) {
    if (is_turned[i]) keys.push_back(definitions.flags[i].key);
  }
  return keys;
}

std::optional<base::WallTime> nextChange(const Definitions& definitions, base::WallTime now) {
  std::optional<base::WallTime> next;
  const auto consider = [&](const std::optional<base::WallTime>& edge) {
    if (edge && *edge > now && (!next || *edge < *next)) next = edge;
  };
  for (const Flag& flag : definitions.flags) {
    if (!flag.schedule) continue;
    consider(flag.schedule->from);
    consider(flag.schedule->until);
  }
  return next;
}

}  // namespace revenge::flags
