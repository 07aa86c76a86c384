#include "document/json.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include <nlohmann/json.hpp>

namespace revenge::document {
namespace {

// Walks the text for the parser and shows the handler how far it came.
struct Reader {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at;
  const char** furthest;

  reference operator*() const { return *at; }
  Reader& operator++() {
    *furthest = ++at;
    return *this;
  }
  bool operator==(const Reader& other) const { return at == other.at; }
  bool operator!=(const Reader& other) const { return at != other.at; }
};

// Builds the tree from parser events. The parser reports no positions; but every token begins where the text goes on
// after the token before and the white space and punctuation between.
class Builder {
 public:
  using number_integer_t = std::int64_t;
  using number_unsigned_t = std::uint64_t;
  using number_float_t = double;
  using string_t = std::string;
  using binary_t = nlohmann::json::binary_t;

  Builder(std::string_view text, std::string_view name, const Limits& limits)
      : name_(name), limits_(limits), mark_(text.data()), end_(mark_ + text.size()), furthest_(mark_) {}

  Reader begin() { return {mark_, &furthest_}; }
  Reader end() { return {end_, &furthest_}; }
  base::Result<Value> finish() && {
    if (!error_.empty()) return base::fail(base::Errc::kInvalid, "{}", error_);
    return std::move(root_);
  }

  bool null() { return scalar(Value()); }
  bool boolean(bool value) { return scalar(Value(value)); }
  bool number_integer(std::int64_t value) { return scalar(Value(value)); }
  bool number_unsigned(std::uint64_t value) {
    // The parser reports every integer without a sign here; those beyond int64 live on as the nearest double.
    return scalar(std::in_range<std::int64_t>(value) ? Value(value) : Value(static_cast<double>(value)));
  }
  bool number_float(double value, const std::string& text) {
    if (!std::isfinite(value)) return refuse("number out of range: " + printable(text));
    return scalar(Value(value));
  }
  bool string(std::string& value) { return scalar(Value(std::move(value))); }
  bool binary(binary_t&) { return refuse("binary data"); }

  bool start_object(std::size_t) { return open(Value(Object())); }
  bool start_array(std::size_t) { return open(Value(Array())); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    const Position at = takeToken();
    Scope& scope = scopes_.back();
    if (!scope.keys.insert(name).second) {
      return refuse(fmt::format("duplicate key \"{}\"; remove one of them", printable(name)), at);
    }
    scope.value->object()->emplace_back(std::move(name), Value(), at);
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) {
    const std::string_view what = error.what();
    constexpr std::string_view kWhere = "column ";
    std::size_t from = what.find(kWhere);
    from = from == std::string_view::npos ? from : what.find(": ", from);
    const std::string_view reason = from == std::string_view::npos ? what : what.substr(from + 2);
    takeToken();
    return refuse(printable(reason, 160));
  }

 private:
  struct Scope {
    Value* value;
    std::unordered_set<std::string> keys;
  };

  // Moves the mark over white space and punctuation to the token just parsed, then behind it.
  Position takeToken() {
    skip(" \t\r\n,:]}");
    const Position at = here_;
    const char* stop = furthest_;
    // The parser looks one character past a number.
    while (stop - mark_ > 1 && std::string_view(" \t\r\n,:]}").find(stop[-1]) != std::string_view::npos)
      --stop;
    here_.column += static_cast<std::uint32_t>(stop > mark_ ? stop - mark_ : 0);
    mark_ = std::max(mark_, stop);
    return at;
  }

  void skip(std::string_view characters) {
    for (; mark_ < furthest_ && characters.find(*mark_) != std::string_view::npos; ++mark_) {
      here_ = *mark_ == '\n' ? Position{here_.line + 1, 1} : Position{here_.line, here_.column + 1};
    }
  }

  bool refuse(std::string_view reason) { return refuse(reason, here_); }
  bool refuse(std::string_view reason, Position at) {
    error_ = fmt::format("{}:{}: {}", name_, at.line, reason);
    return false;
  }

  bool scalar(Value value) { return place(std::move(value)) != nullptr; }

  bool open(Value value) {
    if (scopes_.size() == limits_.maxDepth)
      return refuse(fmt::format("nested deeper than {} levels", limits_.maxDepth));
    Value* placed = place(std::move(value));
    if (placed == nullptr) return false;
    scopes_.push_back({placed, {}});
    return true;
  }

  bool close() {
    scopes_.pop_back();
    return true;
  }

  // A scope's value stays where it is while the scope is open: only the innermost container grows.
  Value* place(Value value) {
    value.position = takeToken();
    if (++values_ > limits_.maxValues) {
      refuse(fmt::format("more than {} values", limits_.maxValues), value.position);
      return nullptr;
    }
    if (scopes_.empty()) return &(root_ = std::move(value));
    Value& parent = *scopes_.back().value;
    if (Array* array = parent.array()) return &array->emplace_back(std::move(value));
    return &(parent.object()->back().value = std::move(value));
  }

  std::string_view name_;
  const Limits& limits_;
  const char* mark_;
  const char* end_;
  const char* furthest_;
  Position here_{1, 1};
  std::size_t values_ = 0;
  Value root_;
  std::vector<Scope> scopes_;
  std::string error_;
};

nlohmann::ordered_json toJson(const Value& value) {
  if (const Array* array = value.array()) {
    auto json = nlohmann::ordered_json::array();
    for (const Value& item : *array) json.push_back(toJson(item));
    return json;
  }
  if (const Object* object = value.object()) {
    auto json = nlohmann::ordered_json::object();
    // Into the sequence beneath: looking for the key first would make big objects quadratic.
    auto& members = json.get_ref<nlohmann::ordered_json::object_t&>();
    for (const auto& [key, member, at] : *object)
      members.std::vector<std::pair<const std::string, nlohmann::ordered_json>>::emplace_back(key,
                                                                                              toJson(member));
    return json;
  }
  if (const std::string* text = value.text()) return *text;
  if (const auto boolean = value.boolean()) return *boolean;
  if (value.kind() == Kind::kInteger) return value.integer().value_or(0);
  if (const auto number = value.number()) return *number;
  return nullptr;
}

}  // namespace

base::Result<Value> parseJson(std::string_view text, std::string_view name, const Limits& limits) {
  if (text.size() > limits.maxBytes) {
    return base::fail(base::Errc::kLimit, "{}:1: {} bytes, at most {} are read", name, text.size(),
                      limits.maxBytes);
  }
  // The parser would take a NUL for the end of the text and not look at the rest.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    const auto line = 1 + std::ranges::count(text.substr(0, nul), '\n');
    return base::fail(base::Errc::kInvalid, "{}:{}: a NUL byte; JSON is text", name, line);
  }
  Builder builder(text, name, limits);
  nlohmann::json::sax_parse(builder.begin(), builder.end(), &builder);
  return std::move(builder).finish();
}

std::string writeJson(const Value& value, Layout layout) {
  const int indent = layout == Layout::kPretty ? 2 : -1;
  return toJson(value).dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace revenge::document
