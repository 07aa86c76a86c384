#include "ext/log.hpp"

#include <array>
#include <chrono>
#include <vector>

#include "ext/bundle.hpp"
#include "observe/trace_context.hpp"

namespace revenge::ext {

namespace {

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
    default:
      return {name, text(from.text)};
  }
}

std::vector<observe::Attribute> attributesOf(const revenge_attribute* from, std::size_t count) {
  std::vector<observe::Attribute> attributes;
  attributes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) attributes.push_back(attributeOf(from[i]));
  return attributes;
}

}  // namespace

struct LogTable {
  static observe::Logger loggerOf(const Ties& ties, revenge_handle handle) {
    if (handle == 0) return ties.logger;
    return ties.bundle.log.bound_.find(handle, ties.host.instance).value_or(ties.logger);
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
    auto attributes = attributesOf(record->attributes, record->attribute_count);
    if (record->file.size != 0) {
      attributes.emplace_back("file", text(record->file));
      attributes.emplace_back("line", record->line);
    }
    const revenge_origin* const origin = call != nullptr ? call->origin : nullptr;
    const std::string_view request = origin != nullptr ? text(origin->request_id) : std::string_view();
    const bool sampled = origin != nullptr && (origin->trace_flags & observe::TraceContext::kSampled) != 0;
    std::array<char, 32> trace{};
    if (sampled) trace = observe::formatTraceId(origin->trace_id_high, origin->trace_id_low);
    loggerOf(*ties, logger)
        .log(level, text(record->message), attributes, request, {trace.data(), sampled ? trace.size() : 0});
  }

  static revenge_status bind(const revenge_host* host, revenge_handle logger,
                             const revenge_attribute* attributes, std::size_t count, revenge_handle* bound,
                             revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    LogAdapter& adapter = ties->bundle.log;
    *bound =
        adapter.bound_.add(ties->host.instance, loggerOf(*ties, logger).with(attributesOf(attributes, count)),
                           LogAdapter::kMaxBound);
    return *bound != 0 ? REVENGE_OK
                       : say(error, REVENGE_LIMIT,
                             fmt::format("more than {} bound loggers; unbind some", LogAdapter::kMaxBound));
  }

  static void unbind(const revenge_host* host, revenge_handle bound) {
    if (const Ties* ties = alive(host)) ties->bundle.log.bound_.take(bound, ties->host.instance);
  }
};

const revenge_log& LogAdapter::table() {
  static constexpr revenge_log kTable{
      sizeof(revenge_log), 0, LogTable::enabled, LogTable::write, LogTable::bind, LogTable::unbind};
  return kTable;
}

}  // namespace revenge::ext
