#include <optional>

#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using namespace std::chrono_literals;
using testing::FakeHost;
using testing::SentRequest;

class Wired : public Plugin<> {
 public:
  using Plugin::host;
};

struct HttpClientTest : ::testing::Test {
  FakeHost fake;
  testing::Loaded<Wired> plugin = fake.load<Wired>();
  HttpClient client = plugin->host().httpClient();
  Call nobody = plugin->host().call();
};

TEST_F(HttpClientTest, WaitsForAWholeResponse) {
  fake.client().on("https://api/films", {.status = 203, .headers = {{"etag", "\"a\""}}, .body = "[1]"});
  {
    const auto response = client.get("https://api/films?year=1927").wait();
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status(), 203);
    EXPECT_EQ(response->body(), "[1]");
    EXPECT_EQ(response->header("etag"), "\"a\"");
    EXPECT_EQ(response->header("none"), std::nullopt);
    EXPECT_EQ(fake.client().open(), 1U);
  }
  EXPECT_EQ(fake.client().open(), 0U);
}

TEST_F(HttpClientTest, SendsWhatItWasGiven) {
  fake.client().on("http://api/", {});
  ClientRequest request{.method = Method::kPut, .url = "http://api/x", .body = "body", .timeout = 5s};
  request.tls.caFile = "/ca.pem";
  ASSERT_TRUE(client.send(nobody, std::move(request).withHeader("authorization", "Bearer x")).wait());
  const SentRequest sent = fake.client().sent().front();
  EXPECT_EQ(sent.method, Method::kPut);
  EXPECT_EQ(sent.body, "body");
  EXPECT_EQ(sent.header("authorization"), "Bearer x");
  EXPECT_EQ(sent.timeout, 5s);
  EXPECT_EQ(sent.tls.caFile, "/ca.pem");
}

TEST_F(HttpClientTest, SaysWhyThereIsNoResponse) {
  fake.client().on("http://away/", {.body = "away:80: refused", .failure = Errc::kUnavailable});
  const auto away = client.get("http://away/").wait();
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, Errc::kUnavailable);
  EXPECT_EQ(away.error().message, "away:80: refused");
  EXPECT_EQ(client.get("ftp://away/").wait().error().code, Errc::kInvalid);
  fake.refuseBlocking();
  EXPECT_EQ(client.get("http://away/").wait().error().code, Errc::kBusy);
}

TEST_F(HttpClientTest, ACoroutineGoesOnWhenTheResponseComes) {
  fake.client().on("http://slow/", {.body = "at last", .after = 3s});
  std::string body;
  const auto fetch = [&]() -> Task<> {
    const auto response = co_await client.get("http://slow/");
    if (response) body = response->body();
  };
  run(plugin->host(), fetch());
  fake.advance(2999ms);
  EXPECT_EQ(body, "");
  fake.advance(1ms);
  EXPECT_EQ(body, "at last");
}

TEST_F(HttpClientTest, AnAnswerBeyondTheTimeoutIsATimeout) {
  fake.client().on("http://slow/", {.after = 3s});
  std::optional<Errc> ended;
  const auto told = [&](const Result<ClientResponse>& response) { ended = response.error().code; };
  ASSERT_TRUE(client.send(nobody, ClientRequest{.url = "http://slow/"}.withTimeout(1s), told));
  fake.advance(999ms);
  EXPECT_EQ(ended, std::nullopt);
  fake.advance(1ms);
  EXPECT_EQ(ended, Errc::kTimedOut);
}

TEST_F(HttpClientTest, AFunctionIsToldOnceAndACancelIsToldToo) {
  fake.client().on("http://slow/", {.after = 3s});
  int told = 0;
  std::optional<Errc> ended;
  auto sent = client.send(nobody, {.url = "http://slow/"}, [&](const Result<ClientResponse>& response) {
    ++told;
    ended = response.error().code;
  });
  ASSERT_TRUE(sent);
  sent->cancel();
  fake.advance(5s);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(ended, Errc::kCancelled);
}

TEST_F(HttpClientTest, ReadsAResponseAsItComes) {
  fake.client().on("http://api/", {.pieces = {"one", "two"}});
  const auto response = client.open(nobody, {.url = "http://api/"}).wait();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body(), "");
  EXPECT_EQ(*response->read().wait(), "one");
  EXPECT_EQ(*response->read().wait(), "two");
  EXPECT_EQ(*response->read().wait(), std::nullopt);
}

TEST_F(HttpClientTest, WritesABodyPieceByPiece) {
  fake.client().on("http://api/", {.status = 201});
  auto upload = client.upload(nobody, {.method = Method::kPost, .url = "http://api/"});
  ASSERT_TRUE(upload);
  EXPECT_TRUE(*upload->write("one ").wait());
  EXPECT_TRUE(*upload->write("two").wait());
  const auto response = upload->finish().wait();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status(), 201);
  EXPECT_EQ(fake.client().sent().front().body, "one two");
}

TEST_F(HttpClientTest, AnUploadThatIsDroppedIsGivenUp) {
  fake.client().on("http://api/", {});
  {
    auto upload = client.upload(nobody, {.method = Method::kPost, .url = "http://api/"});
  }
  EXPECT_EQ(fake.client().open(), 0U);
}

TEST_F(HttpClientTest, WhatStillWaitsIsCancelledBeforeTheInstanceEnds) {
  fake.client().on("http://slow/", {.after = 3s});
  std::optional<Errc> ended;
  {
    const auto other = fake.load<Wired>();
    ASSERT_TRUE(other->host().httpClient().send(
        other->host().call(), {.url = "http://slow/"},
        [&](const Result<ClientResponse>& response) { ended = response.error().code; }));
  }
  EXPECT_EQ(ended, Errc::kCancelled);
}

}  // namespace
}  // namespace revenge
