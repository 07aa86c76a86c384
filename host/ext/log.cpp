#include "ext/log.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include "ext/bundle.hpp"
#include "observe/log_context.hpp"
#include "observe/log_layout.hpp"

namespace revenge::ext {

namespace {

std::uint64_t nextAdapter() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

observe::Level levelOf(std::uint32_t level) {
  switch (level) {
    case REVENGE_LOG_TRACE:
      return observe::Level::kTrace;
    case REVENGE_LOG_DEBUG:
      return observe::Level::kDebug;
    case REVENGE_LOG_INFO:
      return observe::Level::kInfo;
    case REVENGE_LOG_WARN:
      return observe::Level::kWarn;
    default:
      return observe::Level::kError;
  }
}

std::uint32_t membersOf(std::int64_t given) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(given, 0, observe::kMaxLogAttributes));
}

observe::Attribute attributeOf(const revenge_attribute& from) {
  const std::string_view name = text(from.name);
  switch (from.type) {
    case REVENGE_ATTRIBUTE_BOOLEAN:
      return {name, from.integer != 0};
    case REVENGE_ATTRIBUTE_INTEGER:
      return {name, from.integer};
    case REVENGE_ATTRIBUTE_NUMBER:
      return {name, from.number};
    case REVENGE_ATTRIBUTE_DURATION_NS:
      return {name, base::Duration(from.integer)};
    case REVENGE_ATTRIBUTE_GROUP:
      return {name, observe::Attribute::Group{membersOf(from.integer)}};
    case REVENGE_ATTRIBUTE_OPEN_GROUP:
      return {name, observe::Attribute::OpenGroup{}};
    default:
      return {name, text(from.text)};
  }
}

// The attributes in the words of the host, in place: a line of a plugin allocates nothing.
class Attributes {
 public:
  Attributes(const revenge_attribute* from, std::size_t count)
      : count_(std::min(count, observe::kMaxLogAttributes)), dropped_(count - count_) {
    for (std::size_t i = 0; i < count_; ++i) new (at(i)) observe::Attribute(attributeOf(from[i]));
  }

  operator std::span<const observe::Attribute>() const {
    return {std::launder(reinterpret_cast<const observe::Attribute*>(memory_.data())), count_};
  }
  std::size_t dropped() const { return dropped_; }

 private:
  void* at(std::size_t i) { return memory_.data() + i * sizeof(observe::Attribute); }

  alignas(observe::Attribute)
      std::array<std::byte, observe::kMaxLogAttributes * sizeof(observe::Attribute)> memory_;
  std::size_t count_;
  std::size_t dropped_;
};

}  // namespace

// What a thread used last; trivial, so that reading it costs no initialisation check.
struct LogAdapter::Recent {
  std::uint64_t adapter;
  revenge_handle handle;
  service::InstanceRef owner;
  std::uint32_t unbound;
  bool ended;  // the thread's own are gone: it is ending
  const observe::Logger* logger;
};
constinit thread_local LogAdapter::Recent LogAdapter::recent{};

// What it points to.
struct LogAdapter::Kept {
  ~Kept() {
    recent = {.adapter = 0, .handle = 0, .owner = {}, .unbound = 0, .ended = true, .logger = nullptr};
  }
  std::optional<observe::Logger> logger;
};

LogAdapter::LogAdapter() : id_(nextAdapter()), bound_(kHandleKind) {}

const observe::Logger* LogAdapter::find(revenge_handle handle, service::InstanceRef owner) {
  const Recent& seen = recent;
  if (seen.adapter == id_ && seen.handle == handle && seen.owner == owner &&
      seen.unbound == unbound(handle).load(std::memory_order_acquire)) [[likely]]
    return seen.logger;
  return look(handle, owner);
}

const observe::Logger* LogAdapter::look(revenge_handle handle, service::InstanceRef owner) {
  if (recent.ended) return nullptr;
  thread_local Kept kept;
  const std::uint32_t before = unbound(handle).load(std::memory_order_acquire);
  auto found = bound_.find(handle, owner);
  if (!found) return nullptr;
  kept.logger.emplace(std::move(*found));
  recent = {id_, handle, owner, before, false, &*kept.logger};
  return recent.logger;
}

revenge_handle LogAdapter::bind(service::InstanceRef owner, observe::Logger logger) {
  return bound_.add(owner, std::move(logger), kMaxBound);
}

void LogAdapter::unbind(revenge_handle handle, service::InstanceRef owner) {
  if (bound_.take(handle, owner)) unbound(handle).fetch_add(1, std::memory_order_release);
}

std::size_t LogAdapter::withdraw(service::InstanceRef instance) {
  const auto gone = bound_.withdraw(instance);
  for (const auto& item : gone) unbound(item.handle).fetch_add(1, std::memory_order_release);
  return gone.size();
}

struct LogTable {
  // Valid until this thread asks again.
  static const observe::Logger& loggerOf(const Ties& ties, revenge_handle handle) {
    if (handle == 0) return ties.logger;
    const observe::Logger* const bound = ties.bundle.log.find(handle, ties.host.instance);
    return bound != nullptr ? *bound : ties.logger;
  }

  static bool enabled(const revenge_host* host, revenge_handle, std::uint32_t level) {
    const Ties* ties = alive(host);
    return ties != nullptr && ties->logger.enabled(levelOf(level));
  }

  static void write(const revenge_host* host, const revenge_call* call, revenge_handle logger,
                    const revenge_log_record* record) {
    const Ties* ties = alive(host);
    if (ties == nullptr || record == nullptr) return;
    const observe::Level level = levelOf(record->level);
    if (!ties->logger.enabled(level)) return;
    const Attributes attributes(record->attributes, record->attribute_count);
    const revenge_origin* const origin = call != nullptr ? call->origin : nullptr;
    observe::LogContext context;
    if (origin != nullptr) context = observe::contextOf(*origin);
    context.dropped = attributes.dropped();
    const observe::LogSource source{text(record->file), record->line};
    const std::span<const observe::Attribute> given = attributes;
    loggerOf(*ties, logger).log(level, text(record->message), given, context, source);
  }

  static revenge_status bind(const revenge_host* host, revenge_handle logger,
                             const revenge_attribute* attributes, std::size_t count, revenge_handle* bound,
                             revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (bound == nullptr || (attributes == nullptr && count != 0))
      return say(error, REVENGE_INVALID, "bound or attributes is NULL");
    *bound = ties->bundle.log.bind(ties->host.instance,
                                   loggerOf(*ties, logger).with(Attributes(attributes, count)));
    return *bound != 0 ? REVENGE_OK
                       : say(error, REVENGE_LIMIT,
                             fmt::format("more than {} bound loggers; unbind some", LogAdapter::kMaxBound));
  }

  static void unbind(const revenge_host* host, revenge_handle bound) {
    const Ties* ties = alive(host);
    if (ties != nullptr) ties->bundle.log.unbind(bound, ties->host.instance);
  }
};

const revenge_log& LogAdapter::table() {
  static constexpr revenge_log kTable{
      sizeof(revenge_log), 0, LogTable::enabled, LogTable::write, LogTable::bind, LogTable::unbind};
  return kTable;
}

}  // namespace revenge::ext
