#include "answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "utf8.hpp"

namespace telemetry_otlp {

namespace {

std::string kept(std::string_view text) {
  std::string out;
  appendUtf8(out, text.substr(0, kMaxMessage));
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

// The fields of one protobuf message, in their order.
class Wire {
 public:
  explicit Wire(std::string_view bytes) : rest_(bytes) {}

  struct Item {
    std::uint64_t number = 0;
    std::uint64_t integer = 0;  // of a varint
    std::string_view bytes;     // of what has a length
  };
  // Nothing: the end, or what cannot be read.
  std::optional<Item> next() {
    const auto tag = varint();
    if (!tag) return std::nullopt;
    Item item{.number = *tag >> 3U, .bytes = {}};
    switch (*tag & 7U) {
      case 0: {
        const auto value = varint();
        if (!value) return std::nullopt;
        item.integer = *value;
        return item;
      }
      case 1:
        return skip(8) ? std::optional(item) : std::nullopt;
      case 2: {
        const auto length = varint();
        if (!length || *length > rest_.size()) return std::nullopt;
        item.bytes = rest_.substr(0, static_cast<std::size_t>(*length));
        rest_.remove_prefix(item.bytes.size());
        return item;
      }
      case 5:
        return skip(4) ? std::optional(item) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

 private:
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  bool skip(std::size_t count) {
    if (rest_.size() < count) return false;
    rest_.remove_prefix(count);
    return true;
  }

  std::string_view rest_;
};

// A number or a text of a JSON object, found by name in the object that is open at that depth. It reads no more than it
// has to: strings and their escapes, so that a name within a text is none.
class JsonScan {
 public:
  explicit JsonScan(std::string_view text) : rest_(text) {}

  struct Member {
    unsigned depth = 0;  // 1: of the outermost object
    std::string name;
    std::string value;  // of a string or a bare word; empty for an object or array
  };
  std::optional<Member> next() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '"') {
        auto name = string();
        if (!name) return std::nullopt;
        skipSpace();
        if (rest_.empty() || rest_.front() != ':') continue;
        rest_.remove_prefix(1);
        skipSpace();
        Member member{depth_, std::move(*name), {}};
        if (!rest_.empty() && rest_.front() == '"') {
          auto value = string();
          if (!value) return std::nullopt;
          member.value = std::move(*value);
        } else if (!rest_.empty() && rest_.front() != '{' && rest_.front() != '[') {
          const auto end = std::min(rest_.find_first_of(",}] \t\r\n"), rest_.size());
          member.value = rest_.substr(0, std::min<std::size_t>(end, kMaxMessage));
          rest_.remove_prefix(end);
        }
        return member;
      }
      if (c == '{' || c == '[') ++depth_;
      if ((c == '}' || c == ']') && depth_ > 0) --depth_;
      rest_.remove_prefix(1);
    }
    return std::nullopt;
  }

 private:
  void skipSpace() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  std::optional<std::string> string() {
    std::string out;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c == '"') {
        rest_.remove_prefix(i + 1);
        return out;
      }
      if (c != '\\') {
        if (out.size() < 2 * kMaxMessage) out += c;
        continue;
      }
      if (++i == rest_.size()) break;
      const char escaped = rest_[i];
      if (escaped == 'u') {
        i += 4;
        out += '?';
      } else {
        out += escaped == 'n' || escaped == 't' || escaped == 'r' ? ' ' : escaped;
      }
    }
    return std::nullopt;
  }

  std::string_view rest_;
  unsigned depth_ = 0;
};

std::uint64_t countOf(std::string_view digits) {
  std::uint64_t count = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return failed == std::errc() && end == digits.data() + digits.size() ? count : 0;
}

Partial partialOfProtobuf(std::string_view body) {
  Partial partial;
  Wire response(body);
  while (const auto field = response.next()) {
    if (field->number != 1) continue;
    Wire inner(field->bytes);
    while (const auto item = inner.next()) {
      const auto count = static_cast<std::int64_t>(item->integer);
      if (item->number == 1) partial.rejected = count > 0 ? static_cast<std::uint64_t>(count) : 0;
      if (item->number == 2) partial.message = kept(item->bytes);
    }
  }
  return partial;
}

Partial partialOfJson(std::string_view body) {
  Partial partial;
  JsonScan scan(body);
  bool inside = false;
  while (const auto member = scan.next()) {
    if (member->depth == 1) inside = member->name == "partialSuccess";
    if (!inside || member->depth != 2) continue;
    if (member->name.starts_with("rejected")) partial.rejected = countOf(member->value);
    if (member->name == "errorMessage") partial.message = kept(member->value);
  }
  return partial;
}

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<unsigned> digits(std::string_view text) {
  unsigned value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<std::int64_t> httpDate(std::string_view text) {
  if (text.size() != 29 || text.substr(25) != " GMT") return std::nullopt;
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  const auto day = digits(text.substr(5, 2));
  const auto year = digits(text.substr(12, 4));
  const auto hour = digits(text.substr(17, 2));
  const auto minute = digits(text.substr(20, 2));
  const auto second = digits(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(static_cast<int>(*year)),
                            std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
                            std::chrono::day(*day)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return duration_cast<seconds>(sys_days(date).time_since_epoch()).count() +
         seconds(hours(*hour) + minutes(*minute) + seconds(*second)).count();
}

}  // namespace

Partial readPartial(Encoding encoding, std::string_view body) {
  return encoding == Encoding::kJson ? partialOfJson(body) : partialOfProtobuf(body);
}

std::string readStatus(Encoding encoding, std::string_view body) {
  if (encoding == Encoding::kJson) {
    JsonScan scan(body);
    while (const auto member = scan.next()) {
      if (member->depth == 1 && member->name == "message") return kept(member->value);
    }
    return {};
  }
  std::string message;
  Wire status(body);
  while (const auto item = status.next()) {
    if (item->number == 2) message = kept(item->bytes);
  }
  return message;
}

std::int64_t readRetryAfter(std::string_view field, std::int64_t now_s) {
  constexpr std::int64_t kFar = 1'000'000'000;
  std::int64_t wait = 0;
  const auto [end, failed] = std::from_chars(field.data(), field.data() + field.size(), wait);
  if (failed == std::errc() && end == field.data() + field.size() && wait >= 0) return std::min(wait, kFar);
  const auto until = httpDate(field);
  if (!until) return -1;
  return std::max<std::int64_t>(*until - now_s, 0);
}

}  // namespace telemetry_otlp
