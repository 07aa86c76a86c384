#include <array>
#include <fstream>

#include <openssl/ssl.h>
#include <poll.h>

#include "http/tls_context.hpp"
#include "unit/http/certificates.hpp"
#include "unit/http/server_fixture.hpp"

namespace revenge::http {
namespace {

// TLS of a blocking client over a connection of the fixture's.
class TlsClient {
 public:
  explicit TlsClient(const std::string& address, const std::string& certificate = "") : client_(address) {
    const Certificates& made = Certificates::made();
    SSL_CTX_load_verify_file(context_.get(), made.file("ca.pem").c_str());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    if (!certificate.empty()) {
      SSL_CTX_use_certificate_chain_file(context_.get(), made.file(certificate + ".pem").c_str());
      SSL_CTX_use_PrivateKey_file(context_.get(), made.file(certificate + ".key").c_str(), SSL_FILETYPE_PEM);
    }
    session_.reset(SSL_new(context_.get()));
    SSL_set_fd(session_.get(), client_.fd());
  }

  bool shake() { return SSL_connect(session_.get()) == 1; }
  bool trySend(std::string_view text) {
    const int size = static_cast<int>(text.size());
    return SSL_write(session_.get(), text.data(), size) == size;
  }
  void send(std::string_view text) { EXPECT_TRUE(trySend(text)); }
  void finishSending() { SSL_shutdown(session_.get()); }
  // Until the server has ended it; whether it did so as TLS asks for.
  std::pair<std::string, bool> readAll() {
    std::string all;
    std::array<char, 16384> bytes;
    int got = 0;
    while ((got = SSL_read(session_.get(), bytes.data(), bytes.size())) > 0)
      all.append(bytes.data(), static_cast<std::size_t>(got));
    return {all, SSL_get_error(session_.get(), got) == SSL_ERROR_ZERO_RETURN};
  }
  std::string get(const std::string& target) {
    send("GET " + target + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    const auto [all, ended] = readAll();
    EXPECT_TRUE(ended);
    const std::size_t end = all.find("\r\n\r\n");
    return end == std::string::npos ? "" : all.substr(end + 4);
  }
  int fd() const { return client_.fd(); }

 private:
  Client client_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  std::unique_ptr<SSL, void (*)(SSL*)> session_{nullptr, SSL_free};
};

class ServerTlsTest : public ServerTest {
 protected:
  void startTls(ServerTlsFiles files) {
    start();
    auto tls = ServerTls::load(std::move(files));
    ASSERT_TRUE(tls) << tls.error().message;
    const auto bound = server_->listenTls("127.0.0.1", 0, *tls);
    ASSERT_TRUE(bound) << bound.error().message;
    secure_ = *bound;
  }
  void startTls(const std::string& client_ca = "") {
    const Certificates& made = Certificates::made();
    startTls({made.file("good.pem"), made.file("good.key"), client_ca.empty() ? "" : made.file(client_ca)});
  }
  void addWho() {
    add("/who", [](Exchange& exchange, revenge_error&) {
      std::string said = fmt::format("{} [{}] {}", text(exchange.request().remote_address),
                                     exchange.certificate(), exchange.peer().has_value());
      return exchange.respond({.body = Bytes(std::move(said))}) ? REVENGE_OK : REVENGE_FAILED;
    });
  }

  // However long the kernel goes on taking what nobody reads: the clock moves only as far as that goes.
  void expectAllGone() {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (server_->connectionsApprox() > 0 && std::chrono::steady_clock::now() < patience) {
      scheduler_.advance(std::chrono::milliseconds(100));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(server_->connectionsApprox(), 0U);
  }

  std::string secure_;
};

TEST_F(ServerTlsTest, AnswersAndKnowsWhoAsks) {
  addWho();
  startTls("ca.pem");
  TlsClient client(secure_, "alice");
  ASSERT_TRUE(client.shake());
  EXPECT_EQ(client.get("/who"), "127.0.0.1 [CN=alice] false");
}

TEST_F(ServerTlsTest, WithoutAClientCaNobodyIsKnown) {
  addWho();
  startTls();
  TlsClient client(secure_, "alice");
  ASSERT_TRUE(client.shake());
  EXPECT_EQ(client.get("/who"), "127.0.0.1 [] false");
}

TEST_F(ServerTlsTest, NobodyElseReachesARoute) {
  std::atomic<int> asked{0};
  add("/a", [&](Exchange& exchange, revenge_error&) {
    ++asked;
    return answer(exchange, "a");
  });
  startTls("ca.pem");
  for (const std::string certificate : {"", "unknown", "expired"}) {
    TlsClient client(secure_, certificate);
    // TLS 1.3 tells a client that it is refused after its side of the handshake has ended.
    if (client.shake() && client.trySend("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) {
      EXPECT_EQ(client.readAll().first, "") << certificate;
    }
  }
  Client plain(secure_);
  plain.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_FALSE(plain.readAll().contains("HTTP/1.1"));
  EXPECT_EQ(asked, 0);
  TlsClient known(secure_, "good");
  ASSERT_TRUE(known.shake());
  EXPECT_EQ(known.get("/a"), "a");
}

TEST_F(ServerTlsTest, ALongAnswerArrivesWholeAtAClientThatFinishedSending) {
  std::string body;
  for (std::size_t i = 0; body.size() < (8U << 20U); ++i) body += fmt::format("{},", i);
  addText("/long", body);
  startTls();
  TlsClient client(secure_);
  ASSERT_TRUE(client.shake());
  client.send("GET /long HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  client.finishSending();
  const auto [all, ended] = client.readAll();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(all.substr(all.find("\r\n\r\n") + 4) == body);
}

TEST_F(ServerTlsTest, ABodyOfManyPiecesArrivesWhole) {
  std::string got;
  Route& route = add(
      "/put",
      [&got](Exchange& exchange, revenge_error&) {
        const auto& request = exchange.request();
        got.assign(static_cast<const char*>(request.body.data), request.body.size);
        return answer(exchange, "ok");
      },
      Execution::kWorker);
  route.method = Method::kPost;
  route.body = BodyMode::kWhole;
  route.max_body_bytes = 4U << 20U;
  startTls();
  TlsClient client(secure_);
  ASSERT_TRUE(client.shake());
  std::string body;
  for (std::size_t i = 0; body.size() < (1U << 20U); ++i) body += fmt::format("{},", i);
  client.send(fmt::format(
      "POST /put HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.size()));
  client.send(body);
  EXPECT_TRUE(client.readAll().first.ends_with("ok"));
  EXPECT_TRUE(got == body);
}

TEST_F(ServerTlsTest, AHandshakeThatDoesNotEndIsCut) {
  startTls();
  Client silent(secure_);
  advanceUntil([&] {
    pollfd readable{.fd = silent.fd(), .events = POLLIN, .revents = 0};
    return ::poll(&readable, 1, 0) == 1;
  });
  EXPECT_TRUE(silent.ended());
  expectAllGone();
}

TEST_F(ServerTlsTest, AClientThatReadsNothingIsCut) {
  const std::string body(64U << 20U, 'x');
  addText("/long", body);
  startTls();
  TlsClient client(secure_);
  ASSERT_TRUE(client.shake());
  client.send("GET /long HTTP/1.1\r\nHost: test\r\n\r\n");
  expectAllGone();
  EXPECT_FALSE(client.readAll().second);
}

TEST_F(ServerTlsTest, StoppingWaitsUntilWhatWasAnsweredHasLeft) {
  addText("/a", "a");
  startTls();
  TlsClient idle(secure_);
  ASSERT_TRUE(idle.shake());
  idle.send("GET /a HTTP/1.1\r\nHost: test\r\n\r\n");
  std::array<pollfd, 1> readable{{{.fd = idle.fd(), .events = POLLIN, .revents = 0}}};
  ASSERT_EQ(::poll(readable.data(), 1, 20'000), 1);
  Client shaking(secure_);
  std::promise<void> drained;
  server_->stop([&] { drained.set_value(); });
  EXPECT_TRUE(shaking.ended());
  const auto [all, ended] = idle.readAll();
  EXPECT_TRUE(all.ends_with("\r\n\r\na"));
  EXPECT_TRUE(ended);
  idle.finishSending();
  drained.get_future().get();
  EXPECT_EQ(server_->connectionsApprox(), 0U);
}

TEST_F(ServerTlsTest, ForceCutsWhoeverDoesNotGo) {
  addText("/a", "a");
  startTls();
  TlsClient client(secure_);
  ASSERT_TRUE(client.shake());
  std::promise<void> drained;
  server_->stop([&] { drained.set_value(); });
  server_->force();
  drained.get_future().get();
  client.readAll();
}

TEST_F(ServerTlsTest, RenewedFilesAreTakenAndBadOnesAreNot) {
  const Certificates& made = Certificates::made();
  const std::string folder = made.folder().string() + "/";
  const auto put = [&](const std::string& name) {
    for (const char* kind : {".pem", ".key"}) {
      std::filesystem::copy_file(made.file(name + kind), folder + "next" + kind,
                                 std::filesystem::copy_options::overwrite_existing);
      std::filesystem::rename(folder + "next" + kind, folder + "shown" + kind);
    }
  };
  addText("/a", "a");
  put("unknown");
  startTls({folder + "shown.pem", folder + "shown.key"});
  EXPECT_FALSE(TlsClient(secure_).shake());
  put("good");
  TlsClient renewed(secure_);
  ASSERT_TRUE(renewed.shake());
  EXPECT_EQ(renewed.get("/a"), "a");
  std::ofstream(folder + "shown.pem") << "half of one";
  EXPECT_TRUE(TlsClient(secure_).shake());
  EXPECT_TRUE(log_.said("certificate not renewed; the one before goes on"));
}

}  // namespace
}  // namespace revenge::http
