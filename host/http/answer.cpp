#include "http/answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "http/conditional.hpp"
#include "http/http_date.hpp"
#include "http/range.hpp"
#include "http/status.hpp"
#include "http/text.hpp"

namespace revenge::http {
namespace {

using base::Errc;
using base::fail;

constexpr std::size_t kCopiedBody = 16U << 10U;
constexpr std::string_view kBoundary = "revenge-7MA4YWxkTrZu0gW3xQ9d";

// Fields that follow from the framing, the file or the connection; a handler that sets them would contradict it.
bool isHosts(std::string_view name) {
  switch (name.size()) {
    case 4:
      return equalsIgnoringCase(name, "date") || equalsIgnoringCase(name, "etag");
    case 7:
      return equalsIgnoringCase(name, "upgrade") || equalsIgnoringCase(name, "trailer");
    case 10:
      return equalsIgnoringCase(name, "connection") || equalsIgnoringCase(name, "keep-alive");
    case 12:
      return equalsIgnoringCase(name, "content-type");
    case 13:
      return equalsIgnoringCase(name, "content-range") || equalsIgnoringCase(name, "accept-ranges") ||
             equalsIgnoringCase(name, "last-modified");
    case 14:
      return equalsIgnoringCase(name, "content-length");
    case 17:
      return equalsIgnoringCase(name, "transfer-encoding");
    default:
      return false;
  }
}

bool isEtag(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  return tag.size() >= 2 && tag.front() == '"' && tag.back() == '"' &&
         tag.substr(1, tag.size() - 2).find_first_of("\"\r\n\t ") == std::string_view::npos &&
         std::ranges::all_of(tag, isFieldValueByte);
}

bool isFieldValue(std::string_view value) { return std::ranges::all_of(value, isFieldValueByte); }

void append(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), static_cast<std::size_t>(end.ptr - digits.data()));
}

void appendField(std::string& out, std::string_view name, std::string_view value) {
  out.append(name);
  out.append(": ");
  out.append(value);
  out.append("\r\n");
}

void appendContentRange(std::string& out, const ByteRange& part, std::uint64_t size) {
  out.append("Content-Range: bytes ");
  append(out, part.offset);
  out.push_back('-');
  append(out, part.offset + part.length - 1);
  out.push_back('/');
  append(out, size);
  out.append("\r\n");
}

bool hasBody(std::uint32_t status) { return status != 204 && status != 304; }

}  // namespace

void Answer::clear() {
  status_ = 0;
  length_ = Length::kKnown;
  headers_.clear();
  content_type_.clear();
  etag_.clear();
  session_.clear();
  copied_.clear();
  if (copied_.capacity() > 4 * kCopiedBody) copied_.shrink_to_fit();
  body_.reset();
  file_.reset();
  offset_ = 0;
  size_ = 0;
  modified_ns_ = 0;
}

base::Result<> Answer::addHeader(std::string_view name, std::string_view value) {
  if (name.empty() || !std::ranges::all_of(name, isTokenByte)) {
    return fail(Errc::kInvalid, "header name '{}' is no token", name);
  }
  if (!isFieldValue(value)) return fail(Errc::kInvalid, "header {}: its value holds control bytes", name);
  if (isHosts(name)) {
    return fail(Errc::kInvalid, "header {} is the host's; use the response's own fields where it has them",
                name);
  }
  appendField(headers_, name, value);
  return {};
}

base::Result<> Answer::take(Response&& response, Length length) {
  if (response.status < 200 || response.status > 599) {
    return fail(Errc::kInvalid, "status {} is not within 200 to 599", response.status);
  }
  if (!isFieldValue(response.content_type)) return fail(Errc::kInvalid, "content type holds control bytes");
  if (!response.etag.empty() && !isEtag(response.etag)) {
    return fail(Errc::kInvalid, "etag '{}' is not a quoted tag such as \"v1\"", response.etag);
  }
  if (response.body.view().data() == nullptr && response.body.size() != 0) {
    return fail(Errc::kInvalid, "the body is {} bytes at NULL", response.body.size());
  }
  const std::size_t had = headers_.size();
  for (const revenge_field& field : response.headers) {
    if (auto added = addHeader(text(field.name), text(field.value)); !added) {
      headers_.resize(had);
      return added;
    }
  }
  content_type_ = response.content_type;
  etag_ = response.etag;
  session_ = response.session;
  modified_ns_ = response.modified_ns;
  offset_ = 0;
  if (response.file.fd) {
    if (auto taken = takeFile(std::move(response.file)); !taken) {
      headers_.resize(had);
      return taken;
    }
  } else if (!response.body.owned() || response.body.size() <= kCopiedBody) {
    copied_ = response.body.view();
    size_ = copied_.size();
  } else {
    body_ = std::move(response.body);
    size_ = body_.size();
  }
  status_ = response.status;
  length_ = length;
  return {};
}

base::Result<> Answer::takeFile(FileRegion&& file) {
  struct stat status{};
  if (::fstat(file.fd.get(), &status) != 0) {
    return fail(Errc::kIo, "cannot look at the file of the response: {}", base::errnoText(errno));
  }
  if (!S_ISREG(status.st_mode)) return fail(Errc::kInvalid, "the response's descriptor is no regular file");
  const auto whole = static_cast<std::uint64_t>(status.st_size);
  if (file.offset > whole || (file.length != kToTheEnd && file.length > whole - file.offset)) {
    return fail(Errc::kInvalid, "region {}+{} lies beyond the file's {} bytes", file.offset, file.length,
                whole);
  }
  file_ = std::move(file.fd);
  offset_ = file.offset;
  size_ = file.length == kToTheEnd ? whole - file.offset : file.length;
  // File systems keep dates beyond 2262, the last year that nanoseconds reach.
  constexpr std::int64_t kLastSecond = INT64_MAX / 1'000'000'000 - 1;
  const std::int64_t changed_ns =
      std::clamp<std::int64_t>(status.st_mtim.tv_sec, -kLastSecond, kLastSecond) * 1'000'000'000 +
      status.st_mtim.tv_nsec;
  if (modified_ns_ == 0) modified_ns_ = changed_ns;
  if (etag_.empty()) {
    etag_ = fmt::format("\"{:x}-{:x}-{:x}-{:x}", status.st_dev, status.st_ino, whole, changed_ns);
    if (size_ != whole) etag_ += fmt::format("-{:x}-{:x}", offset_, size_);
    etag_ += '"';
  }
  return {};
}

void Answer::set(std::uint32_t status, std::string_view line) {
  body_.reset();
  file_.reset();
  etag_.clear();
  modified_ns_ = 0;
  offset_ = 0;
  status_ = status;
  length_ = Length::kKnown;
  content_type_ = line.empty() ? "" : "text/plain; charset=utf-8";
  copied_ = line;
  if (!line.empty()) copied_ += '\n';
  size_ = copied_.size();
}

bool Answer::keep(std::size_t max_body, KeptAnswer& kept) const {
  if (status_ != 200 || length_ != Length::kKnown || file_ || size_ > max_body) return false;
  // Written by appendField: a name begins a line, in whatever case its plugin wrote it.
  std::string lowered = "\r\n" + headers_;
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (lowered.contains("\r\nset-cookie:") || lowered.contains("private") || lowered.contains("no-store"))
    return false;
  kept = {headers_, content_type_, etag_,
          std::string(body_.owned() ? body_.view() : std::string_view(copied_)), modified_ns_};
  return true;
}

void Answer::use(KeptAnswer&& kept) {
  set(200, {});
  headers_ += kept.headers;
  content_type_ = std::move(kept.content_type);
  etag_ = std::move(kept.etag);
  copied_ = std::move(kept.body);
  size_ = copied_.size();
  modified_ns_ = kept.modified_ns;
}

void Answer::writeBody(std::uint64_t offset, std::uint64_t length, Output& out) const {
  if (file_) return out.addFile(file_.get(), offset_ + offset, length);
  const std::string_view whole = body_.owned() ? body_.view() : std::string_view(copied_);
  out.addBody(whole.substr(offset, length));
}

Answer::Framed Answer::write(const RequestHead& request, Persistence persistence, std::string_view date,
                             Output& out) {
  const bool streamed = length_ == Length::kStreamed;
  const bool negotiable =
      status_ == 200 && (request.method == Method::kGet || request.method == Method::kHead) && !streamed;
  Framed framed{status_, 0, streamed && request.http11, streamed && !request.http11};
  RangeSet ranges;
  if (negotiable && (request.conditional || !request.range.empty())) {
    Validators validators{etag_, std::nullopt};
    if (modified_ns_ != 0) validators.modified_s = modified_ns_ / 1'000'000'000;
    switch (evaluate(request, validators)) {
      case Condition::kNotModified:
        framed.status = 304;
        break;
      case Condition::kFailed:
        framed.status = 412;
        break;
      case Condition::kProceed:
        if (request.method == Method::kGet && rangeApplies(request.if_range, validators)) {
          ranges = RangeSet::parse(request.range, size_);
        }
        if (ranges.kind() == RangeSet::Kind::kParts) framed.status = 206;
        if (ranges.kind() == RangeSet::Kind::kUnsatisfiable) framed.status = 416;
    }
  }
  const bool multipart = framed.status == 206 && ranges.parts().size() > 1;
  // Of the representation only when it, or a part of it, follows.
  const bool bodied = hasBody(framed.status) && (framed.status == status_ || framed.status == 206);

  std::string& head = out.text();
  const std::size_t begin = head.size();
  head.append(statusLine(framed.status));
  appendField(head, "Date", date);
  if (!content_type_.empty() && bodied && !multipart) appendField(head, "Content-Type", content_type_);
  if (!etag_.empty() && framed.status < 400) appendField(head, "ETag", etag_);
  if (modified_ns_ != 0 && framed.status < 400) {
    const auto modified = formatHttpDate(modified_ns_ / 1'000'000'000);
    appendField(head, "Last-Modified", {modified.data(), modified.size()});
  }
  if (negotiable && (file_ || !etag_.empty()) && framed.status != 304)
    appendField(head, "Accept-Ranges", "bytes");
  head.append(headers_);
  if (persistence == Persistence::kClose || framed.until_close) {
    head.append("Connection: close\r\n");
  } else if (!request.http11) {
    head.append("Connection: keep-alive\r\n");
  }
  if (framed.status == 416) {
    head.append("Content-Range: bytes */");
    append(head, size_);
    head.append("\r\n");
  }
  if (multipart) {
    writeMultipart(ranges, head, out);
    framed.head_bytes = head.size() - begin;
    return framed;
  }

  ByteRange part{0, bodied ? size_ : 0};
  if (framed.status == 206) {
    part = ranges.parts()[0];
    appendContentRange(head, part, size_);
  }
  if (framed.chunked && hasBody(framed.status)) {
    head.append("Transfer-Encoding: chunked\r\n");
  } else if (!streamed && hasBody(framed.status)) {
    head.append("Content-Length: ");
    append(head, part.length);
    head.append("\r\n");
  }
  head.append("\r\n");
  out.addText(begin);
  framed.head_bytes = head.size() - begin;
  if (!streamed && hasBody(framed.status) && request.method != Method::kHead)
    writeBody(part.offset, part.length, out);
  return framed;
}

// The preambles stand in the text behind the head, each before its part.
void Answer::writeMultipart(const RangeSet& ranges, std::string& head, Output& out) {
  std::string preambles;
  std::array<std::size_t, kMaxRanges + 1> ends{};
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < ranges.parts().size(); ++i) {
    preambles += fmt::format("{}--{}\r\n", i == 0 ? "" : "\r\n", kBoundary);
    if (!content_type_.empty()) appendField(preambles, "Content-Type", content_type_);
    appendContentRange(preambles, ranges.parts()[i], size_);
    preambles += "\r\n";
    ends[i] = preambles.size();
    length += ranges.parts()[i].length;
  }
  preambles += fmt::format("\r\n--{}--\r\n", kBoundary);
  length += preambles.size();

  head += fmt::format("Content-Type: multipart/byteranges; boundary={}\r\nContent-Length: {}\r\n\r\n",
                      kBoundary, length);
  out.addText(0);
  std::size_t from = 0;
  for (std::size_t i = 0; i < ranges.parts().size(); ++i) {
    const std::size_t at = head.size();
    head.append(preambles, from, ends[i] - from);
    out.addText(at);
    writeBody(ranges.parts()[i].offset, ranges.parts()[i].length, out);
    from = ends[i];
  }
  const std::size_t at = head.size();
  head.append(preambles, from);
  out.addText(at);
}

}  // namespace revenge::http
