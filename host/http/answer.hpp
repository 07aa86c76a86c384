// The answer to one request: taken from a Response on whatever thread responds (copied, checked, the file looked
// at), and turned into head and pieces on the loop. Conditional requests, Range and HEAD are done here, once for all
// routes. Thread safety: a plain value, recycled; who owns it says when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/last_good.hpp"
#include "http/output.hpp"
#include "http/request_head.hpp"
#include "http/response.hpp"

namespace revenge::http {

class Answer {
 public:
  enum class Length : std::uint8_t { kKnown, kStreamed };

  void clear();

  // Refused (kInvalid, naming the field) without a trace; body and file are then gone, as said in response.hpp.
  base::Result<> take(Response&& response, Length length);
  base::Result<> addHeader(std::string_view name, std::string_view value);
  // What a handler added is taken back when it begins anew.
  std::size_t headerMark() const { return headers_.size(); }
  void dropHeadersBehind(std::size_t mark) { headers_.resize(mark); }
  // An answer of the host's own: text/plain, one line.
  void set(std::uint32_t status, std::string_view line);

  // A copy of a small whole 200 that may be shown to anybody, for when its plugin is away; false: it is not such a one.
  bool keep(std::size_t max_body, KeptAnswer& kept) const;
  void use(KeptAnswer&& kept);

  // The body stays with whoever made it until release(): the instance must be held as long.
  bool foreignBody() const { return body_.owned(); }
  void releaseBody() { body_.reset(); }

  std::uint32_t status() const { return status_; }
  std::string_view session() const { return session_; }

  struct Framed {
    std::uint32_t status;  // after conditions and ranges
    std::uint64_t head_bytes;
    bool chunked;      // of a stream
    bool until_close;  // of a stream to HTTP/1.0
  };
  // Writes the head, and for a known length the pieces behind it. `date` is the Date field's value.
  Framed write(const RequestHead& request, Persistence persistence, std::string_view date, Output& out);

 private:
  struct Region;
  base::Result<> takeFile(FileRegion&& file);
  void writeBody(std::uint64_t offset, std::uint64_t length, Output& out) const;
  void writeMultipart(const class RangeSet& ranges, std::string& head, Output& out);

  std::uint32_t status_ = 0;
  Length length_ = Length::kKnown;
  std::string headers_;  // "Name: value\r\n" each
  std::string content_type_;
  std::string etag_;
  std::string session_;
  std::string copied_;  // of a body that was borrowed or small
  Bytes body_;
  UniqueFd file_;
  std::uint64_t offset_ = 0;
  std::uint64_t size_ = 0;
  std::int64_t modified_ns_ = 0;
};

}  // namespace revenge::http
