#include "app/control_access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/control_listen.hpp"
#include "config/load.hpp"

namespace revenge::app {
namespace {

using testing::HasSubstr;

TEST(ControlListen, IsANumericAddressAndAPort) {
  const auto four = parseListen("127.0.0.1:8097");
  ASSERT_TRUE(four);
  EXPECT_EQ(four->address, "127.0.0.1");
  EXPECT_EQ(four->port, 8097);
  const auto six = parseListen("[::1]:0");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->address, "::1");
  EXPECT_EQ(six->port, 0);
}

TEST(ControlListen, WhatIsNoneIsRefusedAndShown) {
  using namespace std::string_view_literals;
  for (const auto listen : {":8097"sv, "[]:8097"sv, "127.0.0.1"sv, "127.0.0.1:"sv, "127.0.0.1:+1"sv,
                            "127.0.0.1:65536"sv, "127.0.0.1:80 "sv, "localhost:8097"sv, "::1:8097"sv,
                            "[::1]"sv, "[127.0.0.1]:1"sv, "127.0.0.1\0.example:1"sv}) {
    const auto place = parseListen(listen);
    ASSERT_FALSE(place) << listen;
    EXPECT_THAT(place.error().message, testing::StartsWith("control.listen: expected ")) << listen;
    EXPECT_THAT(place.error().message, HasSubstr(listen)) << listen;
  }
}

TEST(ControlListen, OnlyTheLoopbackIsTheLoopback) {
  for (const char* address : {"127.0.0.1", "127.255.0.9", "::1"}) EXPECT_TRUE(isLoopback(address)) << address;
  for (const char* address : {"0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1"})
    EXPECT_FALSE(isLoopback(address)) << address;
}

// With TLS no rule of the loopback stands in the way; the host would have started without the listener.
TEST(ControlAccessTest, ListensWhereItIsToldOrSaysWhyNot) {
  const auto access = [](std::string_view listen) {
    const auto loaded = config::load(
        {.file = {},
         .overrides = {fmt::format("control.listen='{}'", listen), "control.tls.certificate=c.pem",
                       "control.tls.key=k.pem", "control.tls.client_ca=ca.pem"},
         .plugins = {}});
    return controlAccess(*loaded.value().snapshot);
  };
  EXPECT_EQ(access("0.0.0.0:8097").value().address, "0.0.0.0");
  EXPECT_EQ(access("").value().address, "");
  EXPECT_FALSE(access(":8097"));
}

}  // namespace
}  // namespace revenge::app
