#include "ext/flags.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "ext/bundle.hpp"
#include "ext/one_way.hpp"

namespace revenge::ext {

// Armed, running, or neither. What changes while it runs is told by another run.
struct FlagsAdapter::Watch {
  const revenge_host& host;
  const std::string key;
  const revenge_job job;
  const std::shared_ptr<base::Executor> lane;

  std::mutex mutex;
  base::TimerId armed = base::TimerId::kNone;  // guarded by mutex
  bool running = false;                        // guarded by mutex
  bool again = false;                          // guarded by mutex
  bool cancelled = false;                      // guarded by mutex
};

namespace {

constexpr base::Duration kHeldAgain = std::chrono::milliseconds(2);  // a gate is held for some milliseconds

// A handle is the id and one: 0 is none, and one made up finds nothing.
revenge_handle handleOf(flags::FlagId id) { return static_cast<revenge_handle>(id) + 1; }
flags::FlagId idOf(revenge_handle handle) {
  constexpr std::uint64_t kNone = 0xffff'ffff;
  return static_cast<flags::FlagId>(std::min<std::uint64_t>(handle - 1, kNone));
}

void write(char (&place)[REVENGE_FLAG_NAME], std::string_view text) {
  place[text.copy(place, sizeof place - 1)] = '\0';
}

std::optional<flags::AttributeValue> valueOf(const revenge_flag_attribute& attribute) {
  switch (attribute.type) {
    case REVENGE_FLAG_ATTRIBUTE_TEXT:
      return text(attribute.text);
    case REVENGE_FLAG_ATTRIBUTE_NUMBER:
      return attribute.number;
    case REVENGE_FLAG_ATTRIBUTE_BOOLEAN:
      return attribute.number != 0;
    default:
      return std::nullopt;
  }
}

void fill(revenge_flag_result& result, flags::Type wanted, const flags::Outcome& outcome) {
  result.reason = static_cast<std::uint32_t>(outcome.reason);
  result.fault = static_cast<std::uint32_t>(outcome.fault);
  result.rule = outcome.rule;
  result.served = outcome.variant != nullptr;
  write(result.prerequisite,
        outcome.prerequisite != nullptr ? outcome.prerequisite->flag : std::string_view());
  write(result.variant, result.served ? outcome.variant->name : std::string_view());
  result.boolean = result.served && outcome.variant->boolean;
  result.number = result.served ? outcome.variant->number : 0;
  result.integer = wanted == flags::Type::kInteger ? static_cast<std::int64_t>(result.number) : 0;
  const bool hasText = result.served && (wanted == flags::Type::kString || wanted == flags::Type::kObject);
  result.text = hasText ? ownedBuffer(outcome.variant->text) : revenge_buffer{};
}

}  // namespace

FlagsAdapter::FlagsAdapter(flags::Flags& flags, service::Domain& domain, runtime::Lanes& lanes,
                           base::Scheduler& scheduler)
    : flags_(flags),
      domain_(domain),
      lanes_(lanes),
      scheduler_(scheduler),
      watches_(kHandleKind),
      changes_(flags.subscribe([this](const flags::Change& change) { tell(change); })) {}

void FlagsAdapter::tell(const flags::Change& change) {
  std::vector<std::shared_ptr<Watch>> told;
  watches_.forEach([&](revenge_handle, service::InstanceRef, const std::shared_ptr<Watch>& watch) {
    if (std::ranges::binary_search(change.keys, watch->key)) told.push_back(watch);
  });
  for (const auto& watch : told) {
    const std::lock_guard lock(watch->mutex);
    if (watch->running) {
      watch->again = true;
    } else if (watch->armed == base::TimerId::kNone) {
      arm(watch, base::Duration::zero());
    }
  }
}

// REQUIRES watch->mutex
void FlagsAdapter::arm(const std::shared_ptr<Watch>& watch, base::Duration after) {
  if (watch->cancelled) return;
  watch->armed = scheduler_.after(after, [this, watch] { fire(watch); }, watch->lane);
}

void FlagsAdapter::fire(const std::shared_ptr<Watch>& watch) {
  {
    const std::lock_guard lock(watch->mutex);
    watch->armed = base::TimerId::kNone;
    if (watch->cancelled) return;
    watch->running = true;
  }
  bool held = false;
  if (const auto inside = domain_.instances().enter(watch->host.instance)) {
    // Looked at behind the entry: whoever closes the gate waits for the calls it still finds.
    held = watch->host.held.load(std::memory_order_seq_cst);
    if (!held) {
      const revenge_call call = hostCall(watch->host.instance);
      callOneWay(watch->host, "flag watch", [&] { watch->job.run(watch->job.context, &call); });
    }
  }
  const std::lock_guard lock(watch->mutex);
  watch->running = false;
  if (held) {
    arm(watch, kHeldAgain);
  } else if (std::exchange(watch->again, false)) {
    arm(watch, base::Duration::zero());
  }
}

std::size_t FlagsAdapter::quiesce(const revenge_host& host) {
  const auto watches = watches_.withdraw(host.instance);
  for (const auto& item : watches) {
    const std::lock_guard lock(item.value->mutex);
    item.value->cancelled = true;
    scheduler_.cancel(item.value->armed);
  }
  return watches.size();
}

struct FlagsTable {
  static revenge_status find(const revenge_host* host, revenge_view key, revenge_handle* flag,
                             revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (flag == nullptr) return say(error, REVENGE_INVALID, "flag is NULL");
    const auto id = ties->bundle.rooms.flags.id(text(key));
    if (!id) return fail(error, id.error());
    *flag = handleOf(*id);
    return REVENGE_OK;
  }

  static bool enabled(const revenge_host* host, revenge_handle flag, revenge_view user_key, bool fallback) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return fallback;
    return ties->bundle.rooms.flags.enabled(idOf(flag), {text(user_key)}, fallback);
  }

  static revenge_status evaluate(const revenge_host* host, revenge_handle flag, std::uint32_t type,
                                 const revenge_flag_user* user, revenge_flag_result* result,
                                 revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (result == nullptr || result->size < sizeof(revenge_flag_result))
      return say(error, REVENGE_INVALID, "result is NULL or too small");
    if (type < REVENGE_FLAG_BOOLEAN || type > REVENGE_FLAG_OBJECT)
      return say(error, REVENGE_INVALID, fmt::format("unknown type {}", type));
    std::array<flags::Attribute, kAttributes> attributes;
    std::size_t count = 0;
    const std::size_t given = user != nullptr ? user->attribute_count : 0;
    if (given > kAttributes)
      return say(error, REVENGE_INVALID, fmt::format("more than {} attributes of one user", kAttributes));
    for (std::size_t i = 0; i < given; ++i) {
      if (const auto value = valueOf(user->attributes[i]))
        attributes.at(count++) = {text(user->attributes[i].name), *value};
    }
    const flags::Context context{user != nullptr ? text(user->key) : std::string_view(),
                                 std::span(attributes).first(count)};
    const auto wanted = static_cast<flags::Type>(type);
    fill(*result, wanted, ties->bundle.rooms.flags.evaluate(idOf(flag), wanted, context));
    return REVENGE_OK;
  }

  static revenge_status watch(const revenge_host* host, revenge_handle flag, const revenge_job* changed,
                              revenge_handle* handle, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (changed == nullptr || changed->run == nullptr || handle == nullptr)
      return say(error, REVENGE_INVALID, "job, its function or watch is NULL");
    FlagsAdapter& adapter = ties->bundle.flags;
    const auto key = adapter.flags_.key(idOf(flag));
    if (!key) return say(error, REVENGE_INVALID, "no such flag handle");
    auto made =
        std::make_shared<FlagsAdapter::Watch>(*host, *key, *changed, adapter.lanes_.executor(host->lane));
    *handle = adapter.watches_.add(host->instance, std::move(made), FlagsAdapter::kMaxWatches);
    if (*handle == 0)
      return say(error, REVENGE_LIMIT,
                 fmt::format("more than {} watched flags of one plugin", FlagsAdapter::kMaxWatches));
    return REVENGE_OK;
  }

  static revenge_status unwatch(const revenge_host* host, revenge_handle handle) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    FlagsAdapter& adapter = ties->bundle.flags;
    const auto item = adapter.watches_.take(handle, host->instance);
    if (!item) return REVENGE_GONE;
    const std::lock_guard lock(item->value->mutex);
    item->value->cancelled = true;
    adapter.scheduler_.cancel(item->value->armed);
    return item->value->running ? REVENGE_BUSY : REVENGE_OK;
  }

  static constexpr std::size_t kAttributes = 32;  // of one user: on the stack, so that nothing is allocated
};

const revenge_flags& FlagsAdapter::table() {
  static constexpr revenge_flags kTable{sizeof(revenge_flags), 0,
                                        FlagsTable::find,      FlagsTable::enabled,
                                        FlagsTable::evaluate,  FlagsTable::watch,
                                        FlagsTable::unwatch};
  return kTable;
}

}  // namespace revenge::ext
