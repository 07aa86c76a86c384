// Log: records of the plugin, with typed attributes and the place they were written.
//
//   host.log().info("scan finished", {{"files", count}, {"took", elapsed}});
//
// A value that borrows the Host; safe from any thread, never blocks. A record below the level in force costs
// one question to the host: its attributes are not copied.
#pragma once

#include <chrono>
#include <concepts>
#include <initializer_list>
#include <source_location>

#include <revenge/call.hpp>

namespace revenge {

// A name and a bool, number, duration or text. Texts are borrowed until the record is written.
class Attribute : public revenge_attribute {
 public:
  template <class Value>
  Attribute(std::string_view key, const Value& value)
      : revenge_attribute(boundary::sized<revenge_attribute>()) {
    name = boundary::view(key);
    if constexpr (std::is_same_v<Value, bool>) {
      type = REVENGE_ATTRIBUTE_BOOLEAN;
      integer = value ? 1 : 0;
    } else if constexpr (std::integral<Value>) {
      type = REVENGE_ATTRIBUTE_INTEGER;
      integer = static_cast<std::int64_t>(value);
    } else if constexpr (std::floating_point<Value>) {
      type = REVENGE_ATTRIBUTE_NUMBER;
      number = static_cast<double>(value);
    } else if constexpr (requires { std::chrono::duration_cast<std::chrono::nanoseconds>(value); }) {
      type = REVENGE_ATTRIBUTE_DURATION_NS;
      integer = std::chrono::duration_cast<std::chrono::nanoseconds>(value).count();
    } else {
      type = REVENGE_ATTRIBUTE_TEXT;
      revenge_attribute::text = boundary::view(std::string_view(value));
    }
  }
};
static_assert(sizeof(Attribute) == sizeof(revenge_attribute), "arrays of it are arrays of the C struct");

class Log {
 public:
  using Attributes = std::initializer_list<Attribute>;
  using Where = std::source_location;

  explicit Log(const Host& host) : host_(&host) {}

  void trace(std::string_view message, Attributes with = {}, Where where = Where::current()) const {
    write(REVENGE_LOG_TRACE, message, with, where);
  }
  void debug(std::string_view message, Attributes with = {}, Where where = Where::current()) const {
    write(REVENGE_LOG_DEBUG, message, with, where);
  }
  void info(std::string_view message, Attributes with = {}, Where where = Where::current()) const {
    write(REVENGE_LOG_INFO, message, with, where);
  }
  void warn(std::string_view message, Attributes with = {}, Where where = Where::current()) const {
    write(REVENGE_LOG_WARN, message, with, where);
  }
  void error(std::string_view message, Attributes with = {}, Where where = Where::current()) const {
    write(REVENGE_LOG_ERROR, message, with, where);
  }

  // Records written through the result carry the call's request id and trace. Valid as long as the call.
  Log during(const Call& call) const {
    Log log = *this;
    log.call_ = call.raw();
    return log;
  }
  // A logger whose records all carry these attributes.
  class BoundLog bind(Attributes attributes) const;

 private:
  friend class BoundLog;

  void write(std::uint32_t level, std::string_view message, Attributes with, const Where& where) const {
    const revenge_log* table = host_->logTable();
    if (table == nullptr || !table->enabled(host_->raw(), logger_, level)) return;
    auto record = boundary::sized<revenge_log_record>();
    record.level = level;
    record.message = boundary::view(message);
    record.attributes = with.begin();
    record.attribute_count = with.size();
    record.file = boundary::view(where.file_name());
    record.line = where.line();
    table->write(host_->raw(), call_, logger_, &record);
  }

  const Host* host_;
  const revenge_call* call_ = nullptr;
  revenge_handle logger_ = 0;
};

// Owns the host's logger; ends with the object.
class BoundLog : public Log {
 public:
  BoundLog(const Log& parent, Attributes attributes) : Log(parent) {
    if (host_->logTable() == nullptr) return;
    boundary::ErrorText error;
    revenge_handle bound = 0;
    boundary::require(host_->logTable()->bind(host_->raw(), parent.logger_, attributes.begin(),
                                              attributes.size(), &bound, &error),
                      error, "bound logger");
    logger_ = owned_ = bound;
  }
  BoundLog(BoundLog&& other) noexcept : Log(other), owned_(std::exchange(other.owned_, 0)) {}
  BoundLog& operator=(BoundLog&& other) noexcept {
    std::swap(static_cast<Log&>(*this), static_cast<Log&>(other));
    std::swap(owned_, other.owned_);
    return *this;
  }
  ~BoundLog() {
    if (owned_ != 0) host_->logTable()->unbind(host_->raw(), owned_);
  }

 private:
  revenge_handle owned_ = 0;
};

inline BoundLog Log::bind(Attributes attributes) const { return {*this, attributes}; }
inline Log Host::log() const { return Log(*this); }

}  // namespace revenge
