#include "http/url.hpp"

#include <gtest/gtest.h>

namespace revenge::http {
namespace {

std::string read(std::string_view text) {
  const auto url = parseUrl(text);
  return url ? url->origin() + " " + url->authority() + " " + url->target : "error: " + url.error().message;
}

TEST(Url, IsTakenApart) {
  EXPECT_EQ(read("http://a"), "http://a:80 a /");
  EXPECT_EQ(read("HTTPS://A.Example/x?y=1#z"), "https://a.example:443 a.example /x?y=1");
  EXPECT_EQ(read("https://a:8443?q"), "https://a:8443 a:8443 /?q");
  EXPECT_EQ(read("http://[2001:db8::1]:81/"), "http://[2001:db8::1]:81 [2001:db8::1]:81 /");
  EXPECT_EQ(read("http://a:80/"), "http://a:80 a /");
}

TEST(Url, SaysWhatIsWrongAndNeverTheQuery) {
  EXPECT_EQ(read("ftp://a/"), "error: URL 'ftp://a/': expected http:// or https://");
  EXPECT_EQ(read("/x"), "error: URL '/x': expected http:// or https://");
  EXPECT_EQ(read("http:///x"), "error: URL 'http:///x': no host, or not a valid one");
  EXPECT_EQ(read("http://a:0/"), "error: URL 'http://a:0/': expected a port from 1 to 65535");
  EXPECT_EQ(read("http://a:65536/?secret"), "error: URL 'http://a:65536/': expected a port from 1 to 65535");
  EXPECT_EQ(read("http://[::1/"), "error: URL 'http://[::1/': no host, or not a valid one");
  EXPECT_EQ(read("http://u:p@a/"), "error: a URL with a user in it; send an Authorization header instead");
  EXPECT_EQ(read("http://a/b c"), "error: URL: byte 0x20 at 10 has to be escaped");
  EXPECT_EQ(read("http://a/\r\nHost: b"), "error: URL: byte 0x0d at 9 has to be escaped");
  EXPECT_TRUE(read("http://a/" + std::string(9000, 'x')).starts_with("error: a URL of 9009 bytes"));
}

// RFC 3986, section 5.4.
TEST(Url, ALocationIsReadAgainstTheUrlThatWasAsked) {
  const Url from = *parseUrl("http://a/b/c/d;p?q");
  const auto leads = [&from](std::string_view location) {
    const auto next = resolveUrl(from, location);
    return next ? next->text() : "error: " + next.error().message;
  };
  EXPECT_EQ(leads("g"), "http://a/b/c/g");
  EXPECT_EQ(leads("./g"), "http://a/b/c/g");
  EXPECT_EQ(leads("g/"), "http://a/b/c/g/");
  EXPECT_EQ(leads("/g"), "http://a/g");
  EXPECT_EQ(leads("//g"), "http://g/");
  EXPECT_EQ(leads("?y"), "http://a/b/c/d;p?y");
  EXPECT_EQ(leads("g?y/./x"), "http://a/b/c/g?y/./x");
  EXPECT_EQ(leads("g#s"), "http://a/b/c/g");
  EXPECT_EQ(leads(""), "http://a/b/c/d;p?q");
  EXPECT_EQ(leads("."), "http://a/b/c/");
  EXPECT_EQ(leads(".."), "http://a/b/");
  EXPECT_EQ(leads("../../../g"), "http://a/g");
  EXPECT_EQ(leads("g/../h"), "http://a/b/c/h");
  EXPECT_EQ(leads("https://b:444/x"), "https://b:444/x");
  EXPECT_EQ(leads("mailto:x"), "error: 'mailto:x' is no URL of http or https");
}

}  // namespace
}  // namespace revenge::http
