#include "http/request_head.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include <boost/beast/http/basic_parser.hpp>

#include "http/bytes.hpp"
#include "http/text.hpp"

namespace revenge::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;

std::string_view plain(beast::string_view text) { return {text.data(), text.size()}; }

struct HeadEnd {
  ParseState state;
  std::size_t size;
};

// The empty line that ends the head. Every line must end in CRLF: a bare LF is where parsers disagree.
HeadEnd findEnd(std::span<const char> bytes, std::size_t from) {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* at = begin + from;
  while (at < end) {
    const auto* line_feed =
        static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (line_feed == nullptr) break;
    if (line_feed == begin || line_feed[-1] != '\r') return {ParseState::kRejected, 0};
    if (line_feed - begin >= 3 && line_feed[-2] == '\n') {
      return {ParseState::kDone, static_cast<std::size_t>(line_feed + 1 - begin)};
    }
    at = line_feed + 1;
  }
  return {ParseState::kNeedMore, bytes.size()};
}

std::optional<Method> methodOf(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return Method::kGet;
    case beast::http::verb::head:
      return Method::kHead;
    case beast::http::verb::post:
      return Method::kPost;
    case beast::http::verb::put:
      return Method::kPut;
    case beast::http::verb::delete_:
      return Method::kDelete;
    case beast::http::verb::patch:
      return Method::kPatch;
    case beast::http::verb::options:
      return Method::kOptions;
    default:
      return std::nullopt;
  }
}

constexpr bool isHostByte(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-._~!$&'()*+,;=:[]%").contains(static_cast<char>(c));
}

// Collects one complete head. Beast calls back per line; the first breach found is kept.
class Collector final : public beast::http::basic_parser<true> {
 public:
  Collector(std::span<char> bytes, RequestHead& head) : bytes_(bytes), head_(head) {
    header_limit(UINT32_MAX);
    body_limit(boost::none);
  }

  Parsed run() {
    beast::error_code error;
    put(boost::asio::const_buffer(bytes_.data(), bytes_.size()), error);
    if (rejected_.state == ParseState::kRejected) return rejected_;
    if (error == beast::http::error::bad_version) return badVersion();
    if (error) return rejection(400, "malformed head");
    finish();
    if (rejected_.state == ParseState::kRejected) return rejected_;
    return {ParseState::kDone, bytes_.size()};
  }

 private:
  static Parsed rejection(unsigned status, std::string_view reason) {
    return {ParseState::kRejected, 0, status, reason};
  }
  void reject(unsigned status, std::string_view reason) {
    if (rejected_.state != ParseState::kRejected) rejected_ = rejection(status, reason);
  }

  // A well-formed version that is not ours is 505; anything else in its place is malformed.
  Parsed badVersion() const {
    const std::string_view all(bytes_.data(), bytes_.size());
    const std::string_view line = all.substr(0, all.find('\r'));
    const std::string_view version = line.substr(std::min(line.size(), line.rfind(' ') + 1));
    const bool well_formed = std::ranges::count(line, ' ') == 2 && version.size() == 8 &&
                             version.starts_with("HTTP/") && isDigit(version[5]) && version[6] == '.' &&
                             isDigit(version[7]);
    return well_formed ? rejection(505, "version not supported") : rejection(400, "malformed version");
  }

  void on_request_impl(beast::http::verb verb, beast::string_view, beast::string_view target, int version,
                       beast::error_code& error) override {
    head_.http11 = version >= 11;
    head_.target = plain(target);
    if (const auto method = methodOf(verb)) {
      head_.method = *method;
    } else {
      reject(501, "method not implemented");
      error = beast::http::error::bad_method;
    }
  }

  void on_field_impl(field id, beast::string_view name, beast::string_view value,
                     beast::error_code& error) override {
    const std::string_view text = plain(value);
    checkFold(name, value);
    if (head_.headers.size() >= kMaxHeaderFields) reject(431, "too many header fields");
    // The bytes are ours and mutable; Beast has read the name already.
    char* const lower = bytes_.data() + (name.data() - bytes_.data());
    std::transform(name.begin(), name.end(), lower, toLower);
    head_.headers.push_back({{lower, name.size()}, {value.data(), value.size()}});
    note(id, text);
    if (rejected_.state == ParseState::kRejected) error = beast::http::error::bad_field;
  }

  // Beast joins folded lines in a buffer of its own, or skips an empty first line.
  void checkFold(beast::string_view name, beast::string_view value) {
    const char* const name_end = name.data() + name.size();
    const char* const end = bytes_.data() + bytes_.size();
    if (value.data() < name_end || value.data() > end ||
        std::find(name_end, value.data(), '\n') != value.data()) {
      reject(400, "folded header line");
    }
  }

  void note(field id, std::string_view value) {
    switch (id) {
      case field::host:
        return noteHost(value);
      case field::content_length:
        return noteLength(value);
      case field::transfer_encoding:
        return noteEncoding(value);
      case field::expect:
        return noteExpect(value);
      case field::range:
        head_.range = ranges_++ == 0 ? value : std::string_view();
        return;
      case field::if_range:
        head_.if_range = value;
        return;
      case field::if_match:
      case field::if_none_match:
      case field::if_modified_since:
      case field::if_unmodified_since:
        head_.conditional = true;
        return;
      default:
        noteOther(text(head_.headers.back().name), value);
    }
  }

  void noteOther(std::string_view name, std::string_view value) {
    if (name == "x-request-id") head_.request_id = value;
    if (name == "traceparent") head_.traceparent = traces_++ == 0 ? value : std::string_view();
  }

  void noteHost(std::string_view value) {
    if (hosts_++ > 0) reject(400, "several Host fields");
    if (!std::ranges::all_of(value, isHostByte)) reject(400, "malformed Host");
    head_.host = value;
  }

  void noteLength(std::string_view value) {
    if (lengths_++ > 0) return reject(400, "several Content-Length fields");
    std::int64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error != std::errc() || end != value.data() + value.size() || !isDigit(value[0])) {
      return reject(400, "malformed Content-Length");
    }
    head_.framing = Framing::kLength;
    head_.content_length = length;
  }

  void noteEncoding(std::string_view value) {
    if (encodings_++ > 0 || !equalsIgnoringCase(value, "chunked")) {
      return reject(400, "Transfer-Encoding is not exactly 'chunked'");
    }
    if (!head_.http11) return reject(400, "Transfer-Encoding in HTTP/1.0");
    head_.framing = Framing::kChunked;
    head_.content_length = -1;
  }

  void noteExpect(std::string_view value) {
    if (!equalsIgnoringCase(value, "100-continue")) return reject(417, "unknown expectation");
    head_.expects_continue = head_.http11;
  }

  void finish() {
    if (lengths_ > 0 && encodings_ > 0) return reject(400, "both Content-Length and Transfer-Encoding");
    if (head_.http11 && hosts_ != 1) return reject(400, "no Host");
    head_.persistence = keep_alive() ? Persistence::kKeepAlive : Persistence::kClose;
    if (head_.content_length == 0) head_.framing = Framing::kNone;
    if (head_.framing == Framing::kNone) head_.expects_continue = false;
    splitTarget();
  }

  void splitTarget() {
    std::string_view rest = head_.target;
    if (rest == "*" && head_.method == Method::kOptions) {
      head_.path = rest;
      return;
    }
    if (!rest.starts_with('/') && !stripAuthority(rest)) return;
    if (rest.contains('#')) return reject(400, "fragment in the target");
    const std::size_t question = rest.find('?');
    head_.path = rest.substr(0, question);
    head_.query = question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
    if (head_.path.empty()) head_.path = "/";
  }

  // "http://host/path": the authority must be the one in Host, or a proxy before us routed by another name.
  bool stripAuthority(std::string_view& rest) {
    for (const std::string_view scheme : {"http://", "https://"}) {
      if (!equalsIgnoringCase(rest.substr(0, scheme.size()), scheme)) continue;
      rest.remove_prefix(scheme.size());
      const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
      if (authority.empty() || (hosts_ > 0 && !equalsIgnoringCase(authority, head_.host))) break;
      rest.remove_prefix(authority.size());
      return true;
    }
    reject(400, "invalid target");
    return false;
  }

  void on_header_impl(beast::error_code&) override {}
  void on_finish_impl(beast::error_code&) override {}
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  std::size_t on_body_impl(beast::string_view, beast::error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, beast::error_code&) override { return 0; }

  std::span<char> bytes_;
  RequestHead& head_;
  Parsed rejected_;
  unsigned hosts_ = 0;
  unsigned traces_ = 0;
  unsigned lengths_ = 0;
  unsigned encodings_ = 0;
  unsigned ranges_ = 0;
};

}  // namespace

void RequestHead::clear() {
  std::vector<revenge_field> recycled = std::move(headers);
  recycled.clear();
  *this = RequestHead{};
  headers = std::move(recycled);
}

Parsed RequestParser::parse(std::span<char> bytes, RequestHead& head) {
  head.clear();
  // One empty line before a request is tolerated (RFC 9112, 2.2).
  const std::size_t skipped = bytes.size() >= 2 && bytes[0] == '\r' && bytes[1] == '\n' ? 2 : 0;
  const std::span<char> own = bytes.subspan(skipped);
  if (!own.empty() && own[0] != '\r' && !isTokenByte(own[0])) {
    return {ParseState::kRejected, 0, 400, "no request line"};
  }
  const HeadEnd end = findEnd(own, std::min(scanned_, own.size()));
  if (end.state == ParseState::kRejected) return {ParseState::kRejected, 0, 400, "line without CRLF"};
  if (end.size > max_bytes_ || (end.state == ParseState::kNeedMore && end.size == max_bytes_)) {
    return {ParseState::kRejected, 0, 431, "head too large"};
  }
  if (end.state == ParseState::kNeedMore) {
    scanned_ = end.size;
    return {};
  }
  Parsed parsed = Collector(own.first(end.size), head).run();
  if (parsed.state == ParseState::kDone) parsed.consumed += skipped;
  return parsed;
}

}  // namespace revenge::http
