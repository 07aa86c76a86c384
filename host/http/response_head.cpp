#include "http/response_head.hpp"

#include <algorithm>
#include <charconv>

#include "http/bytes.hpp"
#include "http/text.hpp"

namespace revenge::http {
namespace {

constexpr std::size_t kMaxFields = 256;

struct Seen {
  unsigned lengths = 0;
  unsigned encodings = 0;
  bool chunked = false;
  bool close = false;
  bool keep_alive = false;
  bool http11 = false;
};

std::string_view takeLine(std::string_view& rest) {
  const std::size_t end = rest.find("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

// "HTTP/1.1 200 OK"; the reason may be empty, and so may the space before it.
std::string_view readStatusLine(std::string_view line, ResponseHead& head, Seen& seen) {
  if (line.size() < 12 || !line.starts_with("HTTP/")) return "does not begin with a status line";
  if (!line.starts_with("HTTP/1.") || !isDigit(line[7]) || line[8] != ' ') return "is not HTTP/1";
  seen.http11 = line[7] != '0';
  if (!isDigit(line[9]) || !isDigit(line[10]) || !isDigit(line[11])) return "has a malformed status";
  if (line.size() > 12 && line[12] != ' ') return "has a malformed status";
  head.status = static_cast<unsigned>((line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'));
  if (head.status < 100 || head.status > 599) return "has a status out of range";
  return std::ranges::all_of(line, isFieldValueByte) ? "" : "has control characters in its status line";
}

std::string_view noteLength(std::string_view value, ResponseHead& head, Seen& seen) {
  if (seen.lengths++ > 0) return "has several Content-Length fields";
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), head.content_length);
  const bool whole = error == std::errc() && end == value.data() + value.size();
  return whole && isDigit(value[0]) ? "" : "has a malformed Content-Length";
}

std::string_view note(std::string_view name, std::string_view value, ResponseHead& head, Seen& seen) {
  if (name == "content-length") return noteLength(value, head, seen);
  if (name == "transfer-encoding") {
    if (seen.encodings++ > 0 || !equalsIgnoringCase(value, "chunked"))
      return "has a Transfer-Encoding that is not exactly 'chunked'";
    seen.chunked = true;
  }
  if (name == "connection") {
    for (std::string_view element; nextElement(value, element);) {
      seen.close |= equalsIgnoringCase(element, "close");
      seen.keep_alive |= equalsIgnoringCase(element, "keep-alive");
    }
  }
  return {};
}

std::string_view readField(std::string_view line, ResponseHead& head, Seen& seen) {
  if (line.front() == ' ' || line.front() == '\t') return "has a folded header line";
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return "has a header line without a name";
  const std::string_view name = line.substr(0, colon);
  if (!std::ranges::all_of(name, isTokenByte)) return "has a malformed header name";
  const std::string_view value = trim(line.substr(colon + 1));
  if (!std::ranges::all_of(value, isFieldValueByte)) return "has control characters in a header";
  if (head.fields.size() == kMaxFields) return "has too many header fields";
  char* const lower = head.bytes.data() + (name.data() - head.bytes.data());
  std::transform(name.begin(), name.end(), lower, toLower);
  head.fields.push_back({view(name), view(value)});
  return note(name, value, head, seen);
}

bool hasNoBody(unsigned status, Method to) {
  return to == Method::kHead || status < 200 || status == 204 || status == 304;
}

}  // namespace

std::string_view ResponseHead::field(std::string_view name) const {
  const auto found =
      std::ranges::find_if(fields, [name](const revenge_field& each) { return text(each.name) == name; });
  return found == fields.end() ? std::string_view() : text(found->value);
}

std::string_view readResponseHead(ResponseHead& head, Method to) {
  std::string_view rest = head.bytes;
  Seen seen;
  if (const auto wrong = readStatusLine(takeLine(rest), head, seen); !wrong.empty()) return wrong;
  for (std::string_view line = takeLine(rest); !line.empty(); line = takeLine(rest)) {
    if (const auto wrong = readField(line, head, seen); !wrong.empty()) return wrong;
  }
  if (seen.chunked && seen.lengths > 0) return "has both Content-Length and Transfer-Encoding";
  if (seen.chunked && !seen.http11) return "has a Transfer-Encoding in HTTP/1.0";
  if (hasNoBody(head.status, to)) {
    head.body = BodyEnd::kNone;
  } else if (seen.chunked) {
    head.body = BodyEnd::kChunked;
  } else if (seen.lengths > 0) {
    head.body = head.content_length == 0 ? BodyEnd::kNone : BodyEnd::kLength;
  }
  const bool stays = !seen.close && (seen.http11 || seen.keep_alive) && head.body != BodyEnd::kClose;
  head.persistence = stays ? Persistence::kKeepAlive : Persistence::kClose;
  return {};
}

}  // namespace revenge::http
