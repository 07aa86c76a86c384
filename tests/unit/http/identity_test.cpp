#include "http/identity.hpp"

#include <string>

#include <gtest/gtest.h>

#include "http/bytes.hpp"

namespace revenge::http {
namespace {

const std::string kSession = "0123456789abcdef0123456789abcdef";

std::string session(std::initializer_list<std::string_view> cookies) {
  std::vector<revenge_field> headers{{view("host"), view("x")}};
  for (const std::string_view each : cookies) headers.push_back({view("cookie"), view(each)});
  return std::string(sessionIn(headers).value_or("none"));
}

TEST(Identity, FindsTheSessionAmongOtherCookies) {
  EXPECT_EQ(session({"revenge_session=" + kSession}), kSession);
  EXPECT_EQ(session({"a=b; revenge_session=" + kSession + "; c=d"}), kSession);
  EXPECT_EQ(session({"a=b", "revenge_session=" + kSession}), kSession);
  EXPECT_EQ(session({";;  ;revenge_session=" + kSession}), kSession);
}

TEST(Identity, TakesOnlyWhatTheHostMakes) {
  EXPECT_EQ(session({}), "none");
  EXPECT_EQ(session({"revenge_session"}), "none");
  EXPECT_EQ(session({"revenge_session="}), "none");
  EXPECT_EQ(session({"revenge_session=" + kSession + "0"}), "none");
  EXPECT_EQ(session({"revenge_session=0123456789ABCDEF0123456789ABCDEF"}), "none");
  EXPECT_EQ(session({"revenge_session=\"" + kSession + "\""}), "none");
  EXPECT_EQ(session({"xrevenge_session=" + kSession}), "none");
  EXPECT_EQ(session({"revenge_session2=" + kSession}), "none");
  EXPECT_EQ(session({"revenge_session=no; revenge_session=" + kSession}), "none") << "the first one counts";
}

TEST(Identity, AKeyGivesNoSessionAway) { EXPECT_EQ(anonymousKey(kSession), "anon-0123456789abcdef"); }

TEST(Identity, ANameIsOneFieldWithoutControlBytes) {
  const auto named = [](std::initializer_list<std::string_view> values) {
    std::vector<revenge_field> headers;
    for (const std::string_view each : values) headers.push_back({view("x-user"), view(each)});
    return std::string(namedIn(headers, "x-user").value_or("none"));
  };
  EXPECT_EQ(named({" ada "}), "ada");
  EXPECT_EQ(named({}), "none");
  EXPECT_EQ(named({"  "}), "none");
  EXPECT_EQ(named({"ada", "ada"}), "none");
  EXPECT_EQ(named({"a\tb"}), "none");
  EXPECT_EQ(named({std::string(256, 'a')}), std::string(256, 'a'));
  EXPECT_EQ(named({std::string(257, 'a')}), "none");
}

TEST(Network, HoldsWhatBeginsLikeIt) {
  const auto holds = [](std::string_view network, std::string_view address) {
    return Network::parse(network).value().holds(address);
  };
  EXPECT_TRUE(holds("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(holds("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(holds("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(holds("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(holds("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(holds("127.0.0.1", "::ffff:127.0.0.1"));
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.7"));
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(holds("::/0", "2001:db8::1"));
  EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_FALSE(holds("0.0.0.0/0", "run/revenge.sock"));
}

TEST(Network, RefusesWhatIsNone) {
  for (const char* none :
       {"", "/", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "::/129", "::/-1", "a"})
    EXPECT_FALSE(Network::parse(none)) << none;
}

}  // namespace
}  // namespace revenge::http
