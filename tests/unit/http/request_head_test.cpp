#include "http/request_head.hpp"

#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "http/bytes.hpp"

namespace revenge::http {
namespace {

struct Outcome {
  Parsed parsed;
  RequestHead head;
  std::string bytes;
};

Parsed parse(std::string& bytes, RequestHead& head, std::size_t limit = 16384) {
  return RequestParser(limit).parse(bytes, head);
}

unsigned refusal(std::string bytes) {
  RequestHead head;
  const Parsed parsed = parse(bytes, head);
  return parsed.state == ParseState::kRejected ? parsed.status : 0;
}

std::string get(const std::string& fields) { return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }
std::string post(const std::string& fields) { return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }

TEST(RequestHead, SplitsTargetAndLowersNames) {
  std::string bytes =
      "GET /a/b?x=1 HTTP/1.1\r\nHost: example:80\r\nX-One:  two words \r\nRange: bytes=0-1\r\n\r\nrest";
  RequestHead head;
  const Parsed parsed = parse(bytes, head);
  ASSERT_EQ(parsed.state, ParseState::kDone) << parsed.reason;
  EXPECT_EQ(parsed.consumed, bytes.size() - 4);
  EXPECT_EQ(head.path, "/a/b");
  EXPECT_EQ(head.query, "x=1");
  EXPECT_EQ(head.host, "example:80");
  EXPECT_EQ(head.range, "bytes=0-1");
  EXPECT_EQ(text(head.headers.at(1).name), "x-one");
  EXPECT_EQ(text(head.headers.at(1).value), "two words");
  EXPECT_EQ(head.persistence, Persistence::kKeepAlive);
}

TEST(RequestHead, NeedsEveryByteOfTheHead) {
  const std::string whole = "\r\nGET /a HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
  RequestParser parser(16384);
  std::string received;
  RequestHead head;
  for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
    received += whole[i];
    ASSERT_EQ(parser.parse(received, head).state, ParseState::kNeedMore) << i;
  }
  received += whole.back();
  const Parsed parsed = parser.parse(received, head);
  EXPECT_EQ(parsed.state, ParseState::kDone);
  EXPECT_EQ(parsed.consumed, whole.size());
}

struct Case {
  const char* what;
  std::string bytes;
  unsigned status;
};

void PrintTo(const Case& refused, std::ostream* out) { *out << refused.what; }

class Refused : public testing::TestWithParam<Case> {};

TEST_P(Refused, WithItsStatus) { EXPECT_EQ(refusal(GetParam().bytes), GetParam().status) << GetParam().what; }

INSTANTIATE_TEST_SUITE_P(
    Smuggling, Refused,
    testing::Values(
        Case{"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
        Case{"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400},
        Case{"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
        Case{"bare CR in a value", get("X: a\rb\r\n"), 400}, Case{"folded line", get("X: a\r\n b\r\n"), 400},
        Case{"folded line, first part empty", get("X:\r\n b\r\n"), 400},
        Case{"folded line, second part empty", get("X: a\r\n \r\n"), 400},
        Case{"fold before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        Case{"space before the colon", get("X : y\r\n"), 400},
        Case{"tab before the colon", get("Content-Length\t: 1\r\n"), 400},
        Case{"space in a name", get("X Y: z\r\n"), 400}, Case{"empty name", get(": y\r\n"), 400},
        Case{"no colon", get("X\r\n"), 400},
        Case{"both lengths", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400},
        Case{"both lengths, other order", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400},
        Case{"two lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n"), 400},
        Case{"two equal lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
        Case{"list of lengths", post("Content-Length: 3, 3\r\n"), 400},
        Case{"signed length", post("Content-Length: +3\r\n"), 400},
        Case{"negative length", post("Content-Length: -3\r\n"), 400},
        Case{"hex length", post("Content-Length: 0x3\r\n"), 400},
        Case{"length with a space", post("Content-Length: 3 3\r\n"), 400},
        Case{"empty length", post("Content-Length:\r\n"), 400},
        Case{"length of 2^63", post("Content-Length: 9223372036854775808\r\n"), 400},
        Case{"overflowing length", post("Content-Length: 99999999999999999999999\r\n"), 400},
        Case{"chunked and more", post("Transfer-Encoding: chunked, identity\r\n"), 400},
        Case{"more and chunked", post("Transfer-Encoding: gzip, chunked\r\n"), 400},
        Case{"identity", post("Transfer-Encoding: identity\r\n"), 400},
        Case{"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        Case{"misspelt", post("Transfer-Encoding: xchunked\r\n"), 400},
        Case{"quoted", post("Transfer-Encoding: \"chunked\"\r\n"), 400},
        Case{"chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Case{"NUL in a value", get(std::string("X: a\0b\r\n", 8)), 400},
        Case{"NUL in a name", get(std::string("X\0: a\r\n", 7)), 400},
        Case{"control byte in a value", get("X: a\x01\r\n"), 400},
        Case{"DEL in a value", get("X: a\x7f\r\n"), 400}, Case{"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
        Case{"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        Case{"two Hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        Case{"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        Case{"Host with credentials", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
        Case{"absolute target of another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Case{"absolute target without host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Case{"relative target", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Case{"asterisk of a GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Case{"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Case{"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Case{"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Case{"empty target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400}, Case{"HTTP/0.9", "GET /\r\n\r\n", 400},
        Case{"lower case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
        Case{"version of three parts", "GET / HTTP/1.1.1\r\nHost: a\r\n\r\n", 400},
        Case{"TLS", "\x16\x03\x01", 400}, Case{"leading space", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Case{"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        Case{"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
        Case{"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        Case{"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        Case{"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        Case{"lower case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        Case{"unknown expectation", post("Content-Length: 1\r\nExpect: tea\r\n"), 417}));

TEST(RequestHead, RefusesHeadsBeyondTheLimitAndFieldsBeyondTheirNumber) {
  RequestHead head;
  std::string fits = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(64, 'y') + "\r\n\r\n";
  EXPECT_EQ(parse(fits, head, fits.size()).state, ParseState::kDone);
  EXPECT_EQ(parse(fits, head, fits.size() - 1).status, 431U);
  std::string endless = "GET / HTTP/1.1\r\nX: " + std::string(20000, 'y');
  EXPECT_EQ(parse(endless, head).status, 431U);
  std::string fields;
  for (int i = 0; i < 130; ++i) fields += "a: b\r\n";
  EXPECT_EQ(refusal(get(fields)), 431U);
}

TEST(RequestHead, KeepsTheConnectionAsTheVersionSays) {
  const auto persistence = [](std::string bytes) {
    RequestHead head;
    EXPECT_EQ(parse(bytes, head).state, ParseState::kDone);
    return head.persistence;
  };
  EXPECT_EQ(persistence(get("")), Persistence::kKeepAlive);
  EXPECT_EQ(persistence(get("Connection: Close\r\n")), Persistence::kClose);
  EXPECT_EQ(persistence(get("Connection: x, close\r\n")), Persistence::kClose);
  EXPECT_EQ(persistence("GET / HTTP/1.0\r\n\r\n"), Persistence::kClose);
  EXPECT_EQ(persistence("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), Persistence::kKeepAlive);
}

TEST(RequestHead, TakesFramingFromExactlyOneField) {
  RequestHead head;
  std::string length = post("Content-Length: 9223372036854775807\r\nExpect: 100-Continue\r\n");
  ASSERT_EQ(parse(length, head).state, ParseState::kDone);
  EXPECT_EQ(head.framing, Framing::kLength);
  EXPECT_EQ(head.content_length, INT64_MAX);
  EXPECT_TRUE(head.expects_continue);
  std::string chunked = post("Transfer-Encoding: Chunked\r\n");
  ASSERT_EQ(parse(chunked, head).state, ParseState::kDone);
  EXPECT_EQ(head.framing, Framing::kChunked);
  EXPECT_EQ(head.content_length, -1);
  std::string absolute = "GET HTTP://A/x?y HTTP/1.1\r\nHost: a\r\n\r\n";
  ASSERT_EQ(parse(absolute, head).state, ParseState::kDone);
  EXPECT_EQ(head.path, "/x");
  EXPECT_EQ(head.query, "y");
}

TEST(RequestHead, CountsARangeSentTwiceAsNone) {
  RequestHead head;
  std::string twice = get("Range: bytes=0-1\r\nRange: bytes=2-3\r\n");
  ASSERT_EQ(parse(twice, head).state, ParseState::kDone);
  EXPECT_EQ(head.range, "");
}

}  // namespace
}  // namespace revenge::http
