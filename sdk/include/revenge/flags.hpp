// Flags: decisions that the operator changes while the plugin runs.
//
//   revenge::Flag<bool> trick_ = host().flags().get("trick-play", false);
//   if (trick_.value(request.call())) ...
//
// A Flag is looked up once and asked for each decision: what it answers may differ between two users, and from one
// moment to the next. It is a value that borrows the Host; asking is cheap, safe from any thread, also inline.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <revenge/call.hpp>
#include <revenge/gate.hpp>
#include <revenge/held.hpp>

namespace revenge {

// What rules may look at. Views are borrowed for the call.
class FlagAttribute {
 public:
  FlagAttribute(std::string_view name, std::string_view value) : raw_(of(REVENGE_FLAG_ATTRIBUTE_TEXT, name)) {
    raw_.text = boundary::view(value);
  }
  FlagAttribute(std::string_view name, const char* value) : FlagAttribute(name, std::string_view(value)) {}
  template <class Number>
    requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
  FlagAttribute(std::string_view name, Number value) : raw_(of(REVENGE_FLAG_ATTRIBUTE_NUMBER, name)) {
    raw_.number = static_cast<double>(value);
  }
  template <std::same_as<bool> Bool>
  FlagAttribute(std::string_view name, Bool value) : raw_(of(REVENGE_FLAG_ATTRIBUTE_BOOLEAN, name)) {
    raw_.number = value ? 1 : 0;
  }
  const revenge_flag_attribute& raw() const { return raw_; }

 private:
  static revenge_flag_attribute of(std::uint32_t type, std::string_view name) {
    auto raw = boundary::sized<revenge_flag_attribute>();
    raw.type = type;
    raw.name = boundary::view(name);
    return raw;
  }
  revenge_flag_attribute raw_;
};

// The numbers of <revenge/abi/flags.h>.
enum class FlagReason : std::uint32_t {
  kStatic = REVENGE_FLAG_STATIC,
  kDefault = REVENGE_FLAG_DEFAULT,
  kTargetingMatch = REVENGE_FLAG_TARGETING_MATCH,
  kSplit = REVENGE_FLAG_SPLIT,
  kDisabled = REVENGE_FLAG_DISABLED,
  kError = REVENGE_FLAG_ERROR
};
enum class FlagFault : std::uint32_t {
  kNone = REVENGE_FLAG_NO_FAULT,
  kNotFound = REVENGE_FLAG_NOT_FOUND,
  kTypeMismatch = REVENGE_FLAG_TYPE_MISMATCH,
  kTargetingKeyMissing = REVENGE_FLAG_TARGETING_KEY_MISSING,
  kGeneral = REVENGE_FLAG_GENERAL
};

// A value and why it is that. Without a variant it is the caller's own default.
template <class T>
struct FlagAnswer {
  T value;
  std::string variant;
  FlagReason reason = FlagReason::kError;
  FlagFault fault = FlagFault::kNone;
  int rule = -1;  // index of the one that decided
  std::string prerequisite;
};

namespace detail {

template <class T>
constexpr std::uint32_t flagType() {
  if constexpr (std::same_as<T, bool>) return REVENGE_FLAG_BOOLEAN;
  if constexpr (std::same_as<T, std::string>) return REVENGE_FLAG_STRING;
  if constexpr (std::same_as<T, double>) return REVENGE_FLAG_NUMBER;
  return REVENGE_FLAG_INTEGER;
}

// Runs a function when flags change. The host has the holder's address: it stays until the watch has ended, or, when
// that came in the middle of a run, as long as the instance.
class FlagWatchState {
 public:
  FlagWatchState(Host& host, std::function<void()> changed) : host_(&host), changed_(std::move(changed)) {}

  void start(revenge_handle flag, std::shared_ptr<FlagWatchState> self) {
    holder_ = &host_->kept().adopt(std::make_unique<Holder>(std::move(self)));
    auto job = boundary::sized<revenge_job>();
    job.context = holder_;
    job.run = [](void* context, const revenge_call*) {
      const std::shared_ptr<FlagWatchState> state = static_cast<Holder*>(context)->state;
      if (!state->gate_.enter()) return;
      state->host_->contained("a watched flag", state->changed_);
      state->gate_.leave();
    };
    boundary::ErrorText error;
    const revenge_status status = host_->flagsTable().watch(host_->raw(), flag, &job, &handle_, &error);
    if (status < 0) host_->kept().end(*holder_);
    boundary::require(status, error, "watched flag");
  }

  void end() {
    gate_.close();
    if (host_->flagsTable().unwatch(host_->raw(), handle_) == REVENGE_OK) host_->kept().end(*holder_);
  }

 private:
  struct Holder : Scope::Member {
    explicit Holder(std::shared_ptr<FlagWatchState> held) : state(std::move(held)) {}
    std::shared_ptr<FlagWatchState> state;
  };

  Host* host_;
  std::function<void()> changed_;
  CallbackGate gate_;
  Holder* holder_ = nullptr;
  revenge_handle handle_ = 0;
};

}  // namespace detail

class FlagWatchRegistration {
 public:
  FlagWatchRegistration() = default;
  explicit FlagWatchRegistration(std::shared_ptr<detail::FlagWatchState> state) : state_(std::move(state)) {}
  // Waits for a run in progress, unless that ends it.
  void end() const { state_->end(); }

 private:
  std::shared_ptr<detail::FlagWatchState> state_;
};
using FlagWatch = Held<FlagWatchRegistration>;

// T is bool, std::string, std::int64_t or double; the JSON of an object is a string.
template <class T>
class Flag {
 public:
  // For whom the call is; for a user key; for nobody in particular, who gets the flag's default variant.
  T value(const Call& call) const { return value(call.userKey()); }
  T value(std::string_view user = {}) const {
    if constexpr (std::same_as<T, bool>) {
      return table_->enabled(host_->raw(), flag_, boundary::view(user), fallback_);
    } else {
      return evaluate(user).value;
    }
  }

  // The same with its reason, and for rules that look at more than the key; at most 32 attributes.
  FlagAnswer<T> evaluate(std::string_view user, std::span<const FlagAttribute> attributes = {}) const {
    std::vector<revenge_flag_attribute> raw;
    raw.reserve(attributes.size());
    for (const FlagAttribute& attribute : attributes) raw.push_back(attribute.raw());
    auto who = boundary::sized<revenge_flag_user>();
    who.key = boundary::view(user);
    who.attributes = raw.data();
    who.attribute_count = raw.size();
    auto result = boundary::sized<revenge_flag_result>();
    boundary::ErrorText error;
    const revenge_status status = table_->evaluate(host_->raw(), flag_, type_, &who, &result, &error);
    if (status < 0) return {fallback_, {}, FlagReason::kError, FlagFault::kGeneral, -1, {}};
    FlagAnswer<T> answer{taken(result),           result.variant, FlagReason(result.reason),
                         FlagFault(result.fault), result.rule,    result.prerequisite};
    return answer;
  }
  FlagAnswer<T> evaluate(std::string_view user, std::initializer_list<FlagAttribute> attributes) const {
    return evaluate(user, std::span(attributes.begin(), attributes.size()));
  }

 private:
  friend class Flags;
  Flag(Host& host, revenge_handle flag, std::uint32_t type, T fallback)
      : table_(&host.flagsTable()), host_(&host), flag_(flag), type_(type), fallback_(std::move(fallback)) {}

  T taken(const revenge_flag_result& result) const {
    if constexpr (std::same_as<T, std::string>) {
      std::string text = boundary::take(result.text);
      return result.served ? text : fallback_;
    }
    if (!result.served) return fallback_;
    if constexpr (std::same_as<T, bool>) return result.boolean;
    if constexpr (std::same_as<T, double>) return result.number;
    if constexpr (std::same_as<T, std::int64_t>) return result.integer;
  }

  const revenge_flags* table_;
  Host* host_;
  revenge_handle flag_;
  std::uint32_t type_;
  T fallback_;
};

class Flags {
 public:
  explicit Flags(Host& host) : host_(&host) {}

  // `fallback` counts while the operator has not defined the flag, or as another type.
  Flag<bool> get(std::string_view key, bool fallback) const { return make<bool>(key, fallback); }
  Flag<std::string> get(std::string_view key, const char* fallback) const {
    return make<std::string>(key, fallback);
  }
  Flag<std::string> get(std::string_view key, std::string fallback) const {
    return make<std::string>(key, std::move(fallback));
  }
  Flag<double> get(std::string_view key, double fallback) const { return make<double>(key, fallback); }
  Flag<std::int64_t> get(std::string_view key, std::int64_t fallback) const {
    return make<std::int64_t>(key, fallback);
  }
  Flag<std::int64_t> get(std::string_view key, int fallback) const {
    return make<std::int64_t>(key, std::int64_t{fallback});
  }
  // JSON, both ways.
  Flag<std::string> object(std::string_view key, std::string fallback) const {
    return {*host_, find(key), REVENGE_FLAG_OBJECT, std::move(fallback)};
  }

  // `changed()` runs on a worker after the flag came to mean something else. Lasts as long as the instance, or as the
  // FlagWatch it is kept in.
  FlagWatchRegistration onChange(std::string_view key, std::function<void()> changed) const {
    auto state = std::make_shared<detail::FlagWatchState>(*host_, std::move(changed));
    state->start(find(key), state);
    return FlagWatchRegistration(std::move(state));
  }

 private:
  template <class T>
  Flag<T> make(std::string_view key, T fallback) const {
    return {*host_, find(key), detail::flagType<T>(), std::move(fallback)};
  }

  revenge_handle find(std::string_view key) const {
    revenge_handle flag = 0;
    boundary::ErrorText error;
    boundary::require(host_->flagsTable().find(host_->raw(), boundary::view(key), &flag, &error), error,
                      "flag '" + std::string(key) + "'");
    return flag;
  }

  Host* host_;
};

inline Flags Host::flags() { return Flags(*this); }

}  // namespace revenge
