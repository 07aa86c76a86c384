#include "api/page.hpp"

#include <algorithm>

#include "naming/text.hpp"

namespace library::api {

namespace {

constexpr std::size_t kMaxCursor = 8192;  // characters

void readSort(QueryReader& query, std::span<const std::string_view> fields, Page& page) {
  std::string_view rest = query.text("sort", 255).value_or(fields.front());
  while (true) {
    const std::size_t comma = rest.find(',');
    std::string_view name = rest.substr(0, comma);
    const bool descending = name.starts_with('-');
    if (descending) name.remove_prefix(1);
    const auto found = std::ranges::find(fields, name);
    const auto field = static_cast<std::size_t>(found - fields.begin());
    if (found == fields.end())
      query.refuse("sort", "NOT_ONE_OF",
                   "must be of " + oneOfText(fields).substr(7) + ", each maybe behind a -");
    else if (std::ranges::find(page.sort, field, &SortKey::field) != page.sort.end())
      query.refuse("sort", "REPEATED", "may name each field once");
    else
      page.sort.push_back({field, descending});
    if (comma == std::string_view::npos) break;
    rest = rest.substr(comma + 1);
  }
  if (page.sort.empty()) page.sort.push_back({});
}

bool saysWhichPart(std::string_view name) { return name == "limit" || name == "offset" || name == "cursor"; }

void appendEncoded(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (naming::isAsciiLetter(c) || naming::isDigit(c) || std::string_view("-._~").contains(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0xFU];
  }
}

// Links to other parts of the same list.
class Links {
 public:
  Links(std::string_view path, std::span<const Parameter> parameters, const Page& page) {
    base_ = '<' + std::string(path) + '?';
    for (const auto& [name, value] : parameters) {
      if (saysWhichPart(name)) continue;
      appendEncoded(base_, name);
      base_ += '=';
      appendEncoded(base_, value);
      base_ += '&';
    }
    base_ += "limit=" + std::to_string(page.limit);
  }
  void add(std::string_view relation, std::string_view part, std::string_view value) {
    if (!field_.empty()) field_ += ", ";
    field_ += base_;
    if (!part.empty()) field_.append("&").append(part).append("=").append(value);
    field_.append(">; rel=\"").append(relation).append("\"");
  }
  std::string take() { return std::move(field_); }

 private:
  std::string base_;
  std::string field_;
};

}  // namespace

Page readPage(QueryReader& query, std::span<const std::string_view> sort_fields) {
  Page page;
  page.limit = query.number("limit", 1, kMaxLimit).value_or(kDefaultLimit);
  const auto offset = query.number("offset", 0, kMaxOffset);
  page.offset = offset.value_or(0);
  page.cursor = query.text("cursor", kMaxCursor);
  if (page.cursor && page.cursor->empty()) page.cursor.reset();
  if (page.cursor && offset) query.refuse("cursor", "NOT_WITH_OFFSET", "excludes an offset");
  readSort(query, sort_fields, page);
  return page;
}

std::string listOf(std::string_view path, std::span<const Parameter> parameters, std::string_view user) {
  std::vector<Parameter> all;
  for (const Parameter& one : parameters) {
    if (!saysWhichPart(one.first)) all.push_back(one);
  }
  std::ranges::sort(all);
  std::string list(path);
  // NUL divides: it is in no path and in no parameter that was accepted.
  for (const auto& [name, value] : all) list.append(1, '\0').append(name).append(1, '\0').append(value);
  return list.append(2, '\0').append(user);
}

std::string linkField(std::string_view path, std::span<const Parameter> parameters, const Page& page,
                      const PageEnd& end) {
  Links links(path, parameters, page);
  if (page.cursor) {
    links.add("first", "", "");
    if (!end.next_cursor.empty()) links.add("next", "cursor", end.next_cursor);
    return links.take();
  }
  links.add("first", "offset", "0");
  if (page.offset > 0)
    links.add("prev", "offset", std::to_string(std::max<std::int64_t>(0, page.offset - page.limit)));
  if (!end.next_cursor.empty()) links.add("next", "offset", std::to_string(page.offset + page.limit));
  if (!end.isEstimate() && end.total > 0) {
    const auto limit = static_cast<std::uint64_t>(page.limit);
    links.add("last", "offset", std::to_string((end.total - 1) / limit * limit));
  }
  return links.take();
}

}  // namespace library::api
