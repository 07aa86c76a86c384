// REVENGE_CONFIG: a plain struct filled from the plugin's validated configuration.
//
//   struct Config { std::string greeting = "Hello"; std::chrono::seconds refresh{60}; };
//   REVENGE_CONFIG(Config, greeting, refresh)
//
// Field types: bool, integers, floats, std::string, durations (the number counts the field's own unit), types
// made from a string (std::filesystem::path), std::optional, std::vector, maps from std::string, enums named by
// REVENGE_CONFIG_ENUM, and structs with a REVENGE_CONFIG of their own. A key that is absent leaves the default
// of the declaration. Stateless functions, safe from any thread.
#pragma once

#include <charconv>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include <revenge/abi/plugin.h>
#include <revenge/boundary.hpp>

#define REVENGE_PARENS ()
#define REVENGE_EXPAND(...) REVENGE_EXPAND3(REVENGE_EXPAND3(REVENGE_EXPAND3(REVENGE_EXPAND3(__VA_ARGS__))))
#define REVENGE_EXPAND3(...) REVENGE_EXPAND2(REVENGE_EXPAND2(REVENGE_EXPAND2(REVENGE_EXPAND2(__VA_ARGS__))))
#define REVENGE_EXPAND2(...) REVENGE_EXPAND1(REVENGE_EXPAND1(REVENGE_EXPAND1(REVENGE_EXPAND1(__VA_ARGS__))))
#define REVENGE_EXPAND1(...) __VA_ARGS__
#define REVENGE_EACH(macro, context, ...) \
  __VA_OPT__(REVENGE_EXPAND(REVENGE_EACH_STEP(macro, context, __VA_ARGS__)))
#define REVENGE_EACH_STEP(macro, context, first, ...) \
  macro(context, first) __VA_OPT__(REVENGE_EACH_AGAIN REVENGE_PARENS(macro, context, __VA_ARGS__))
#define REVENGE_EACH_AGAIN() REVENGE_EACH_STEP

// NOLINTBEGIN(bugprone-macro-parentheses): a member cannot stand in parentheses
#define REVENGE_CONFIG_FIELD(object, field) visit(#field, object.field);
#define REVENGE_CONFIG_NAME(type, name) visit(#name, type::name);
// NOLINTEND(bugprone-macro-parentheses)

// At namespace scope, in the namespace of the struct; at most 60 fields.
#define REVENGE_CONFIG(Type, ...)                                                                    \
  template <class Visitor>                                                                           \
  inline void revengeConfigFields([[maybe_unused]] Type& object, [[maybe_unused]] Visitor&& visit) { \
    REVENGE_EACH(REVENGE_CONFIG_FIELD, object, __VA_ARGS__)                                          \
  }
// Enumerators are written in the configuration by their own names.
#define REVENGE_CONFIG_ENUM(Type, ...)                           \
  template <class Visitor>                                       \
  inline void revengeConfigNames(const Type&, Visitor&& visit) { \
    REVENGE_EACH(REVENGE_CONFIG_NAME, Type, __VA_ARGS__)         \
  }

namespace revenge {

struct NoConfig {};
REVENGE_CONFIG(NoConfig)

// One reading of one configuration. Throws Failure(kInvalid) naming the key and the value seen.
class ConfigReader {
 public:
  explicit ConfigReader(const revenge_config& config) : leaves_(config.values, config.value_count) {}

  template <class T>
  void read(const std::string& pointer, T& out) {
    if constexpr (requires { revengeConfigFields(out, [](const char*, auto&) {}); }) {
      revengeConfigFields(out, [&](const char* name, auto& field) { read(pointer + "/" + name, field); });
    } else if constexpr (requires {
                           out.has_value();
                           out.emplace();
                           out.reset();
                         }) {
      readOptional(pointer, out);
    } else if constexpr (requires {
                           typename T::mapped_type;
                           out[std::string()];
                         }) {
      readMap(pointer, out);
    } else if constexpr (requires {
                           out.emplace_back();
                           out.clear();
                         }) {
      readList(pointer, out);
    } else if (const revenge_config_value* leaf = find(pointer)) {
      readScalar(*leaf, out);
    }
  }

 private:
  using Leaf = revenge_config_value;

  static std::string_view pointerOf(const Leaf& leaf) { return boundary::text(leaf.pointer); }
  static bool isBelow(std::string_view pointer, std::string_view parent) {
    return pointer.size() > parent.size() && pointer.starts_with(parent) && pointer[parent.size()] == '/';
  }

  // Leaves stand in document order and are mostly read in it: each search begins where the last ended.
  template <class Matches>
  const Leaf* search(Matches matches) {
    for (std::size_t step = 0; step < leaves_.size(); ++step) {
      const std::size_t index = (next_ + step) % leaves_.size();
      if (!matches(pointerOf(leaves_[index]))) continue;
      next_ = index;
      return &leaves_[index];
    }
    return nullptr;
  }
  const Leaf* find(std::string_view pointer) {
    return search([&](std::string_view at) { return at == pointer; });
  }
  const Leaf* findAtOrBelow(std::string_view pointer) {
    return search([&](std::string_view at) { return at == pointer || isBelow(at, pointer); });
  }

  template <class T>
  void readOptional(const std::string& pointer, T& out) {
    const Leaf* leaf = findAtOrBelow(pointer);
    if (leaf == nullptr) return;
    if (leaf->type == REVENGE_CONFIG_NULL && pointerOf(*leaf) == pointer)
      out.reset();
    else
      read(pointer, out.emplace());
  }

  template <class T>
  void readList(const std::string& pointer, T& out) {
    if (findAtOrBelow(pointer) == nullptr) return;
    out.clear();
    for (std::size_t index = 0;; ++index) {
      const std::string item = pointer + "/" + std::to_string(index);
      if (findAtOrBelow(item) == nullptr) return;
      typename T::value_type value{};
      read(item, value);
      out.push_back(std::move(value));
    }
  }

  template <class T>
  void readMap(const std::string& pointer, T& out) {
    if (findAtOrBelow(pointer) == nullptr) return;
    out.clear();
    for (const Leaf& leaf : leaves_) {
      const std::string_view at = pointerOf(leaf);
      if (!isBelow(at, pointer)) continue;
      const std::string item(at.substr(0, at.find('/', pointer.size() + 1)));
      const auto [place, isNew] = out.try_emplace(unescaped(item.substr(pointer.size() + 1)));
      if (isNew) read(item, place->second);
    }
  }

  static std::string unescaped(std::string_view segment) {
    std::string name;
    for (std::size_t i = 0; i < segment.size(); ++i) {
      const bool escape = segment[i] == '~' && i + 1 < segment.size();
      name += !escape ? segment[i] : segment[++i] == '1' ? '/' : '~';
    }
    return name;
  }

  template <class T>
  static void readScalar(const Leaf& leaf, T& out) {
    if constexpr (std::is_same_v<T, bool>) {
      expect(leaf, leaf.type == REVENGE_CONFIG_BOOLEAN, "true or false");
      out = leaf.integer != 0;
    } else if constexpr (std::integral<T>) {
      out = integer<T>(leaf);
    } else if constexpr (std::floating_point<T>) {
      out = static_cast<T>(number(leaf));
    } else if constexpr (requires {
                           typename T::period;
                           out.count();
                         }) {
      out = T(scalar<typename T::rep>(leaf));
    } else if constexpr (std::is_enum_v<T>) {
      readName(leaf, out);
    } else {
      expect(leaf, leaf.type == REVENGE_CONFIG_TEXT, "a text");
      out = T(std::string(boundary::text(leaf.text)));
    }
  }

  template <class T>
  static T scalar(const Leaf& leaf) {
    T value{};
    readScalar(leaf, value);
    return value;
  }

  template <class T>
  static T integer(const Leaf& leaf) {
    using Limits = std::numeric_limits<T>;
    const bool fits = leaf.type == REVENGE_CONFIG_INTEGER && std::in_range<T>(leaf.integer);
    if (!fits)
      expect(leaf, false,
             "an integer from " + std::to_string(Limits::min()) + " to " + std::to_string(Limits::max()));
    return static_cast<T>(leaf.integer);
  }

  static double number(const Leaf& leaf) {
    if (leaf.type == REVENGE_CONFIG_INTEGER) return static_cast<double>(leaf.integer);
    expect(leaf, leaf.type == REVENGE_CONFIG_NUMBER, "a number");
    return leaf.number;
  }

  template <class T>
  static void readName(const Leaf& leaf, T& out) {
    std::string names;
    bool found = false;
    revengeConfigNames(out, [&](std::string_view name, T value) {
      names.append(names.empty() ? "one of " : ", ").append(name);
      if (leaf.type != REVENGE_CONFIG_TEXT || boundary::text(leaf.text) != name) return;
      out = value;
      found = true;
    });
    expect(leaf, found, names);
  }

  static void expect(const Leaf& leaf, bool holds, std::string_view expected) {
    if (holds) return;
    throw Failure(Errc::kInvalid, "configuration " + std::string(pointerOf(leaf)) + ": expected " +
                                      std::string(expected) + ", got " + shown(leaf));
  }

  static std::string shown(const Leaf& leaf) {
    switch (leaf.type) {
      case REVENGE_CONFIG_NULL:
        return "null";
      case REVENGE_CONFIG_BOOLEAN:
        return leaf.integer != 0 ? "true" : "false";
      case REVENGE_CONFIG_INTEGER:
        return std::to_string(leaf.integer);
      case REVENGE_CONFIG_NUMBER:
        return std::to_string(leaf.number);
      case REVENGE_CONFIG_TEXT:
        return '"' + std::string(boundary::text(leaf.text)) + '"';
      case REVENGE_CONFIG_EMPTY_ARRAY:
        return "[]";
      default:
        return "{}";
    }
  }

  std::span<const Leaf> leaves_;
  std::size_t next_ = 0;
};

// The struct's defaults, overwritten by what the configuration says. Throws Failure(kInvalid).
template <class Config>
Config readConfig(const revenge_config& config) {
  Config result{};
  ConfigReader(config).read("", result);
  return result;
}

}  // namespace revenge
