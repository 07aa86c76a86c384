#include "observe/log_redaction.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "observe/log_layout.hpp"

namespace revenge::observe {

namespace {

constexpr std::array<std::string_view, 4> kUrls{"query", "url", "uri", "target"};

// The characters of a key that count, from its end.
class FromEnd {
 public:
  explicit FromEnd(std::string_view key) : rest_(key) {}
  char next() {  // 0: no more
    while (!rest_.empty()) {
      const char c = rest_.back();
      rest_.remove_suffix(1);
      if (c != '-' && c != '_' && c != '.')
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return 0;
  }

 private:
  std::string_view rest_;
};

bool endsWith(std::string_view key, std::string_view name) {
  FromEnd of_key(key);
  FromEnd of_name(name);
  for (char wanted = of_name.next(); wanted != 0; wanted = of_name.next()) {
    if (of_key.next() != wanted) return false;
  }
  return true;
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percentDecoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? hexDigit(text[i + 2]) : -1;
    plain += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
    if (low >= 0) i += 2;
  }
  return plain;
}

bool isUrl(const Attribute& attribute) {
  return std::holds_alternative<std::string_view>(attribute.value) &&
         std::ranges::find(kUrls, attribute.key) != kUrls.end();
}

}  // namespace

LogRedaction::LogRedaction(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (FromEnd(name).next() != 0) names_.push_back(name);  // one without a letter would hide everything
  }
  queries_.reserve(kMaxLogAttributes);  // what is viewed must not move
}

bool LogRedaction::hides(std::string_view key) const {
  return std::ranges::any_of(names_, [&](const std::string& name) { return endsWith(key, name); });
}

void LogRedaction::apply(LogRecord& record) {
  if (names_.empty() || (!concerns(record.bound) && !concerns(record.attributes))) return;
  queries_.clear();
  // A group that is opened by what is bound goes on in the line itself.
  bool hidden = false;
  for (const Attribute& attribute : record.bound)
    hidden =
        hidden || (std::holds_alternative<Attribute::OpenGroup>(attribute.value) && hides(attribute.key));
  record.bound = copy(record.bound, bound_, false);
  record.attributes = copy(record.attributes, own_, hidden);
}

bool LogRedaction::concerns(std::span<const Attribute> attributes) const {
  return std::ranges::any_of(
      attributes, [&](const Attribute& attribute) { return hides(attribute.key) || isUrl(attribute); });
}

std::span<const Attribute> LogRedaction::copy(std::span<const Attribute> from, std::vector<Attribute>& to,
                                              bool hidden) {
  to.clear();
  std::size_t members = 0;  // that still are in a hidden group
  for (Attribute attribute : from.first(std::min(from.size(), kMaxLogAttributes))) {
    const bool hide = hidden || members > 0 || hides(attribute.key);
    if (members > 0) --members;
    if (const auto* group = std::get_if<Attribute::Group>(&attribute.value)) {
      if (hide) members = std::max<std::size_t>(members, group->members);
    } else if (std::holds_alternative<Attribute::OpenGroup>(attribute.value)) {
      hidden = hide;
    } else if (hide) {
      attribute.value = kHidden;
    } else if (isUrl(attribute) && queries_.size() < kMaxLogAttributes) {
      queries_.push_back(query(std::get<std::string_view>(attribute.value), attribute.key));
      attribute.value = std::string_view(queries_.back());
    }
    to.push_back(attribute);
  }
  return to;
}

// The text, with the values of parameters that are to be hidden taken out.
std::string LogRedaction::query(std::string_view url, std::string_view key) const {
  const std::size_t begin = key == "query" ? 0 : url.find('?');
  if (begin == std::string_view::npos) return std::string(url);
  const std::size_t start = begin < url.size() && url[begin] == '?' ? begin + 1 : begin;
  std::string safe(url.substr(0, start));
  std::string_view rest = url.substr(start);
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of("&;#");
    const std::string_view parameter = rest.substr(0, end);
    const std::size_t equals = parameter.find('=');
    if (equals != std::string_view::npos && hides(percentDecoded(parameter.substr(0, equals))))
      safe.append(parameter.substr(0, equals + 1)).append(kHidden);
    else
      safe.append(parameter);
    if (end == std::string_view::npos) break;
    safe += rest[end];
    rest.remove_prefix(end + 1);
  }
  return safe;
}

}  // namespace revenge::observe
