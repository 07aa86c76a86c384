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
#include <vector>

#include <revenge/call.hpp>

namespace revenge {

// A name and a bool, number, duration or text, or a group of such. Texts are borrowed until the record is written.
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

  // {"disk", {{"free", 12}, {"used", 3}}}
  Attribute(std::string_view key, std::initializer_list<Attribute> members)
      : Attribute(key, std::string_view()) {
    type = REVENGE_ATTRIBUTE_GROUP;
    // Until it is written the text holds where they are: an element of a list has room for nothing else.
    revenge_attribute::text = {reinterpret_cast<const char*>(members.begin()), members.size()};
  }
  // The head of a group that all that follows is in.
  static Attribute opening(std::string_view key) {
    Attribute head(key, std::string_view());
    head.type = REVENGE_ATTRIBUTE_OPEN_GROUP;
    return head;
  }
};
static_assert(sizeof(Attribute) == sizeof(revenge_attribute), "arrays of it are arrays of the C struct");

namespace detail {

// Attributes as the boundary takes them: members directly behind the head of their group. Without a group the list is
// passed as it is.
class FlatAttributes {
 public:
  explicit FlatAttributes(std::initializer_list<Attribute> from) : data_(from.begin()), count_(from.size()) {
    bool groups = false;
    for (const Attribute& attribute : from) groups = groups || attribute.type == REVENGE_ATTRIBUTE_GROUP;
    if (!groups) return;
    append(from.begin(), from.size());
    data_ = flat_.data();
    count_ = flat_.size();
  }
  FlatAttributes(const FlatAttributes&) = delete;
  FlatAttributes& operator=(const FlatAttributes&) = delete;

  const revenge_attribute* data() const { return data_; }
  std::size_t size() const { return count_; }

 private:
  void append(const Attribute* from, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = flat_.size();
      flat_.push_back(from[i]);
      if (from[i].type != REVENGE_ATTRIBUTE_GROUP) continue;
      append(reinterpret_cast<const Attribute*>(from[i].text.data), from[i].text.size);
      flat_[at].integer = static_cast<std::int64_t>(flat_.size() - at - 1);
      flat_[at].text = {};
    }
  }

  const revenge_attribute* data_;
  std::size_t count_;
  std::vector<revenge_attribute> flat_;
};

}  // namespace detail

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
  // A logger that has all that is bound or written through it in a group of that name.
  class BoundLog group(std::string_view name) const;

 private:
  friend class BoundLog;

  void write(std::uint32_t level, std::string_view message, Attributes with, const Where& where) const {
    const revenge_log* table = host_->logTable();
    if (table == nullptr || !table->enabled(host_->raw(), logger_, level)) return;
    auto record = boundary::sized<revenge_log_record>();
    record.level = level;
    record.message = boundary::view(message);
    const detail::FlatAttributes attributes(with);
    record.attributes = attributes.data();
    record.attribute_count = attributes.size();
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
    const detail::FlatAttributes flat(attributes);
    boundary::require(
        host_->logTable()->bind(host_->raw(), parent.logger_, flat.data(), flat.size(), &bound, &error),
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
inline BoundLog Log::group(std::string_view name) const { return {*this, {Attribute::opening(name)}}; }
inline Log Host::log() const { return Log(*this); }

}  // namespace revenge
