#include "api/json.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <unordered_set>
#include <utility>

#include <nlohmann/json.hpp>

namespace library::api {

const Json* Json::member(std::string_view wanted) const {
  const std::vector<Json>* const members = object();
  if (members == nullptr) return nullptr;
  const auto found = std::ranges::find(*members, wanted, &Json::name);
  return found == members->end() ? nullptr : &*found;
}

namespace {

// Walks the text for the parser, which tells the handler below no positions, and keeps how far it came.
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

class Builder {
 public:
  using number_integer_t = std::int64_t;
  using number_unsigned_t = std::uint64_t;
  using number_float_t = double;
  using string_t = std::string;
  using binary_t = nlohmann::json::binary_t;

  explicit Builder(std::string_view text)
      : text_(text), begin_(text.data()), end_(begin_ + text.size()), furthest_(begin_) {}

  Reader begin() { return {begin_, &furthest_}; }
  Reader end() { return {end_, &furthest_}; }
  std::expected<Json, SyntaxError> finish(bool whole) && {
    if (!whole) return std::unexpected(std::move(error_));
    return std::move(root_);
  }

  bool null() { return place({}); }
  bool boolean(bool value) { return place({value}); }
  bool number_integer(std::int64_t value) { return place({value}); }
  bool number_unsigned(std::uint64_t value) {
    if (!std::in_range<std::int64_t>(value)) return refuse("the number does not fit into 64 bits");
    return place({static_cast<std::int64_t>(value)});
  }
  bool number_float(double value, const std::string& written) {
    const bool is_integer = written.find_first_of(".eE") == std::string::npos;
    if (is_integer || !std::isfinite(value)) return refuse("the number does not fit into 64 bits");
    return place({value});
  }
  bool string(std::string& value) { return place({std::move(value)}); }
  bool binary(binary_t&) { return refuse("binary data"); }

  bool start_object(std::size_t) { return open({Json::Object()}); }
  bool start_array(std::size_t) { return open({Json::Array()}); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    Scope& scope = scopes_.back();
    if (!scope.names.insert(name).second) return refuse("a name is there twice");
    scope.value->object()->push_back({.name = std::move(name)});
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
    // "[json.exception...] parse error at line 1, column 2: syntax error while parsing ...": the reason alone.
    const std::string_view what = error.what();
    const std::size_t column = what.find("column ");
    const std::size_t colon = what.find(": ", column == std::string_view::npos ? 0 : column);
    const std::string_view reason = colon == std::string_view::npos ? what : what.substr(colon + 2);
    refuse(std::string(reason.substr(0, reason.find("; last read"))));
    locate(position == 0 ? 0 : position - 1);
    return false;
  }

 private:
  struct Scope {
    Json* value;
    std::unordered_set<std::string> names;
  };

  bool refuse(std::string why) {
    error_.what = std::move(why);
    const auto read = static_cast<std::size_t>(furthest_ - begin_);
    locate(read == 0 ? 0 : read - 1);
    return false;
  }
  void locate(std::size_t at) {
    const std::string_view before = text_.substr(0, at);
    const std::string_view line = before.substr(before.rfind('\n') + 1);
    const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    error_.line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
    error_.column = 1 + static_cast<std::size_t>(std::ranges::count_if(line, begins));
  }

  // A scope's value stays where it is while the scope is open: only the innermost container grows.
  Json* add(Json value) {
    if (scopes_.empty()) return &(root_ = std::move(value));
    Json& parent = *scopes_.back().value;
    if (auto* const array = std::get_if<Json::Array>(&parent.value))
      return &array->emplace_back(std::move(value));
    Json& member = parent.object()->back();
    member.value = std::move(value.value);
    return &member;
  }
  bool place(Json value) { return add(std::move(value)) != nullptr; }
  bool open(Json value) {
    if (scopes_.size() == kMaxDepth) return refuse("nested deeper than 64 levels");
    scopes_.push_back({add(std::move(value)), {}});
    return true;
  }
  bool close() {
    scopes_.pop_back();
    return true;
  }

  std::string_view text_;
  const char* begin_;
  const char* end_;
  const char* furthest_;
  Json root_;
  std::vector<Scope> scopes_;
  SyntaxError error_;
};

}  // namespace

std::expected<Json, SyntaxError> parseJson(std::string_view text) {
  Builder builder(text);
  const bool whole = nlohmann::json::sax_parse(builder.begin(), builder.end(), &builder);
  return std::move(builder).finish(whole);
}

Json merged(Json target, const Json& patch) {
  const std::vector<Json>* const changes = patch.object();
  if (changes == nullptr) return patch;
  if (target.object() == nullptr) target.value = Json::Object();
  std::vector<Json>& members = *target.object();
  for (const Json& change : *changes) {
    const auto found = std::ranges::find(members, change.name, &Json::name);
    if (change.isNull()) {
      if (found != members.end()) members.erase(found);
    } else if (found == members.end()) {
      members.push_back(merged({.name = change.name}, change));
    } else {
      *found = merged(std::move(*found), change);
    }
  }
  return target;
}

}  // namespace library::api
