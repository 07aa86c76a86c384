// The head of a request, whole and as it arrives; what it accepts goes where the server takes it next.
#include <algorithm>
#include <string>
#include <vector>

#include "http/conditional.hpp"
#include "http/range.hpp"
#include "http/request_head.hpp"
#include "http/target.hpp"
#include "http/text.hpp"
#include "require.hpp"

namespace {

using namespace revenge::http;
using revenge::fuzz::require;

constexpr std::size_t kMaxHead = 2048;

std::string_view text(revenge_view view) { return {view.data, view.size}; }

void checkHead(const RequestHead& head, std::string_view all) {
  const auto inside = [&](std::string_view part) {
    return part.data() == nullptr || part == "/" || part == "*" ||
           (part.data() >= all.data() && part.data() + part.size() <= all.data() + all.size());
  };
  for (const auto part :
       {head.target, head.path, head.query, head.host, head.range, head.if_range, head.request_id})
    require(inside(part), "a view lies inside the bytes");
  require(head.headers.size() <= kMaxHeaderFields, "not too many fields");
  for (const auto& field : head.headers) {
    require(inside(text(field.name)) && inside(text(field.value)), "a field lies inside the bytes");
    require(field.name.size > 0 && std::ranges::all_of(text(field.name), isTokenByte), "a name is a token");
    require(std::ranges::none_of(text(field.name), [](char c) { return c != toLower(c); }), "in lower case");
    require(std::ranges::all_of(text(field.value), isFieldValueByte), "a value holds no controls");
  }
  require(head.path == "*" || head.path.starts_with('/'), "the path begins at the root");
  require(head.path.find_first_of("?# \r\n") == std::string_view::npos, "and ends before the query");
  require(std::ranges::all_of(head.target, [](char c) { return c != '\t' && isFieldValueByte(c); }),
          "the target holds no controls");
  require((head.framing == Framing::kChunked) == (head.content_length == -1), "chunked has no length");
  require((head.framing == Framing::kLength) == (head.content_length > 0), "a length is that of a body");
  require(head.http11 || head.framing != Framing::kChunked, "HTTP/1.0 knows no chunks");
  require(!head.expects_continue || head.framing != Framing::kNone, "who waits has a body");
}

// What a router, a file and a 304 make of it.
void use(const RequestHead& head) {
  std::string storage;
  const auto path = decodePath(head.path, storage);
  require(!path || !path->contains('\0'), "a path holds no NUL");
  std::vector<revenge_field> pairs;
  std::string query;
  (void)decodeQuery(head.query, query, pairs);
  (void)RangeSet::parse(head.range, 1000);
  const Validators validators{.etag = "\"a\"", .modified_s = 784111777};
  if (!head.conditional)
    require(evaluate(head, validators) == Condition::kProceed, "no condition, no refusal");
  (void)evaluate(head, validators);
  (void)rangeApplies(head.if_range, validators);
}

// The same bytes, one more at a time.
Parsed inPieces(std::string bytes, RequestHead& head) {
  RequestParser parser(kMaxHead);
  Parsed parsed;
  for (std::size_t size = 1; size <= bytes.size() && parsed.state == ParseState::kNeedMore; ++size)
    parsed = parser.parse(std::span(bytes.data(), size), head);
  return parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  std::vector<char> bytes(input.begin(), input.end());
  RequestHead head;
  const Parsed whole = RequestParser(kMaxHead).parse(bytes, head);
  if (whole.state == ParseState::kDone) {
    require(whole.consumed > 0 && whole.consumed <= size, "a head ends inside the bytes");
    require(whole.consumed <= kMaxHead + 2, "and within the limit");
    checkHead(head, std::string_view(bytes.data(), whole.consumed));
    use(head);
  } else if (whole.state == ParseState::kRejected) {
    constexpr unsigned kStatuses[] = {400, 417, 431, 501, 505};
    require(std::ranges::find(kStatuses, whole.status) != std::end(kStatuses), "a refusal has its status");
    require(!whole.reason.empty(), "and its reason");
  }
  RequestHead second;
  const Parsed pieces = inPieces(input, second);
  require(pieces.state == whole.state, "it does not matter in what pieces a head arrives");
  require(pieces.consumed == whole.consumed, "nor where it ends");
  require(second.headers.size() == head.headers.size() || whole.state != ParseState::kDone,
          "nor what it holds");
  return 0;
}
