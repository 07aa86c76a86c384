// The query of a list: lines of name=value, the first of which may be a cursor. What is read is within its limits; a cursor
// that this key did not seal is refused; one that it did comes back as it was.
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "api/base64url.hpp"
#include "api/cursor.hpp"
#include "api/filter.hpp"
#include "api/page.hpp"
#include "naming/text.hpp"
#include "require.hpp"

using namespace library::api;
using revenge::fuzz::require;

namespace {

constexpr std::array<std::string_view, 3> kFields{"title", "added", "year"};

std::vector<Parameter> parametersIn(std::string_view text) {
  std::vector<Parameter> all;
  while (!text.empty() && all.size() < 16) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos) all.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return all;
}

void requirePage(const std::vector<Parameter>& parameters) {
  QueryReader query(parameters);
  const Page page = readPage(query, kFields);
  const Filter filter = readItemFilter(query);
  require(page.limit >= 1 && page.limit <= kMaxLimit, "the limit is within its limits");
  require(page.offset >= 0 && page.offset <= kMaxOffset, "the offset is within its limits");
  require(!page.sort.empty() && page.sort.size() <= kFields.size(), "there is an order");
  for (const SortKey& key : page.sort) require(key.field < kFields.size(), "by fields that there are");
  require(library::naming::isUtf8(filter.pattern), "the pattern is UTF-8");
  const std::string link = linkField("/items", parameters, page, {.next_cursor = "c", .total = 100});
  require(link.find_first_of("\r\n") == std::string::npos, "a link is one field");
  (void)std::move(query).finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const CursorSeal seal("key");
  const auto opened = seal.open(input, "list");
  if (opened) require(seal.seal(*opened, "list") == input, "what is opened was sealed here");
  if (const auto bytes = fromBase64url(input)) require(base64url(*bytes) == input, "one text for each bytes");

  Cursor cursor{.last = {std::string(input.substr(0, 1000))}, .id = {}};
  if (size >= sizeof(std::int64_t)) {
    std::int64_t number = 0;
    std::memcpy(&number, data, sizeof number);
    cursor.last.emplace_back(number);
  }
  require(seal.open(seal.seal(cursor, input), input) == cursor, "what was sealed is opened");
  requirePage(parametersIn(input));
  return 0;
}
