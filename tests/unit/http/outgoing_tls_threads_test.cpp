// Against nginx of the distribution: the other side of TLS is not ours.
#include <csignal>
#include <fstream>

#include <spawn.h>
#include <sys/wait.h>

#include "http/tls_context.hpp"
#include "unit/http/certificates.hpp"
#include "unit/http/outgoing_fixture.hpp"

namespace revenge::http {
namespace {

using base::Errc;

// One nginx for all tests of this file, a port for each kind of certificate.
class Nginx {
 public:
  static const Nginx& running() {
    static const Nginx once;
    return once;
  }
  ~Nginx() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  std::string url(const std::string& host, const std::string& certificate) const {
    return "https://" + host + ":" + std::to_string(ports_.at(certificate)) + "/";
  }

 private:
  // A port that was free a moment ago: nginx cannot tell which one it was given.
  static std::uint16_t freePort() {
    return Peer([](Peer::Connection&) {}).port();
  }

  Nginx() {
    const Certificates& certificates = Certificates::made();
    std::ofstream file(certificates.file("nginx.conf"));
    file << "daemon off; master_process off; pid nginx.pid; error_log error.log;\nevents {}\nhttp { "
            "access_log off;\n"
         << "client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; "
            "scgi_temp_path t5;\n";
    for (const std::string name : {"good", "expired", "future", "elsewhere", "unknown", "asks"}) {
      ports_[name] = freePort();
      const std::string shown = name == "asks" ? "good" : name;
      file << "server { listen 127.0.0.1:" << ports_[name] << " ssl; ssl_certificate " << shown
           << ".pem; ssl_certificate_key " << shown
           << ".key; location / { return 200 \"tls $ssl_client_s_dn\"; }\n";
      if (name == "asks") file << "ssl_client_certificate ca.pem; ssl_verify_client on;\n";
      file << "}\n";
    }
    file << "}\n";
    file.close();
    const std::string folder = certificates.folder().string() + "/";
    const std::string config = folder + "nginx.conf";
    const char* const words[] = {"nginx",        "-p", folder.c_str(), "-c",
                                 config.c_str(), "-e", "error.log",    nullptr};
    EXPECT_EQ(::posix_spawnp(&pid_, "nginx", nullptr, nullptr, const_cast<char* const*>(words), environ), 0);
    for (int i = 0; i < 2000 && !listens(ports_["asks"]); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  static bool listens(std::uint16_t port) {
    const base::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(socket.get(), reinterpret_cast<sockaddr*>(&at), sizeof(at)) == 0;
  }

  std::map<std::string, std::uint16_t> ports_;
  pid_t pid_ = 0;
};

class OutgoingTlsTest : public OutgoingTest {
 protected:
  OutgoingRequest askTls(const std::string& certificate, const std::string& host = "127.0.0.1") {
    OutgoingRequest request = ask(Nginx::running().url(host, certificate));
    request.tls.ca_file = Certificates::made().file("ca.pem");
    return request;
  }
  void expectRefused(OutgoingRequest request, std::string_view part) {
    const Ended end = send(std::move(request)).wait();
    EXPECT_FALSE(end.ok) << end.bytes;
    EXPECT_EQ(end.error.code, Errc::kRefused) << end.error.message;
    EXPECT_TRUE(end.error.message.contains(part)) << end.error.message;
  }
};

TEST_F(OutgoingTlsTest, GoesToAServerThatVerifiesByNameOrByAddress) {
  EXPECT_EQ(send(askTls("good", "localhost")).body(), "tls ");
  EXPECT_EQ(send(askTls("good", "127.0.0.1")).body(), "tls ");
  EXPECT_EQ(send(askTls("good", "127.0.0.1")).body(), "tls ");
  EXPECT_EQ(metric(R"(revenge_http_client_connections_opened_total{plugin="p"})"), 2);
}

TEST_F(OutgoingTlsTest, RefusesWhatDoesNotVerifyAndSaysWhatToDo) {
  expectRefused(askTls("expired"), "its certificate has expired; renew it there");
  expectRefused(askTls("future"), "not valid yet; check the clocks");
  expectRefused(askTls("elsewhere"), "for another name than '127.0.0.1'; check the URL");
  expectRefused(askTls("elsewhere", "localhost"), "for another name than 'localhost'");
  expectRefused(askTls("unknown"), "signed by an unknown CA; name that CA's file");
  OutgoingRequest system = askTls("good");
  system.tls.ca_file.clear();
  expectRefused(std::move(system), "signed by an unknown CA");
}

TEST_F(OutgoingTlsTest, AServerNameOfItsOwnIsAskedForAndVerified) {
  OutgoingRequest request = askTls("elsewhere");
  request.tls.server_name = "elsewhere.example";
  EXPECT_EQ(send(std::move(request)).body(), "tls ");
}

TEST_F(OutgoingTlsTest, OnlyTheOperatorLeavesAHostUnverified) {
  const std::string url = Nginx::running().url("127.0.0.1", "unknown");
  options_.unverified = {url.substr(8, url.size() - 9)};
  EXPECT_EQ(get(url).body(), "tls ");
  expectRefused(ask(Nginx::running().url("127.0.0.1", "good")), "signed by an unknown CA");
}

TEST_F(OutgoingTlsTest, ShowsAClientCertificateWhereOneIsAskedFor) {
  Trip without = send(askTls("asks"));
  EXPECT_TRUE(without.body().contains("No required SSL certificate was sent"));
  EXPECT_EQ(without.status(), 400U);
  OutgoingRequest request = askTls("asks");
  request.tls.certificate_file = Certificates::made().file("alice.pem");
  request.tls.key_file = Certificates::made().file("alice.key");
  EXPECT_EQ(send(std::move(request)).body(), "tls CN=alice");
}

TEST_F(OutgoingTlsTest, SaysWhichFileIsWrong) {
  const auto said = [this](TlsSettings tls) {
    OutgoingRequest request = askTls("good");
    request.tls = std::move(tls);
    return send(std::move(request)).wait().error.message;
  };
  const Certificates& made = Certificates::made();
  EXPECT_TRUE(said({.ca_file = "/none.pem"}).contains("/none.pem: CA certificates: No such file"));
  EXPECT_TRUE(
      said({.ca_file = made.file("garbage.pem")}).contains("garbage.pem: not a CA certificate in PEM"));
  EXPECT_TRUE(said({.certificate_file = made.file("alice.pem"), .key_file = made.file("good.key")})
                  .contains("good.key: not the key of the certificate in"));
}

TEST_F(OutgoingTlsTest, SaysThatThePortSpeaksNoTls) {
  Peer plain([](Peer::Connection& connection) {
    connection.readBytes(16);
    connection.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    connection.awaitEnd();
  });
  const Ended end = get("https://127.0.0.1:" + std::to_string(plain.port()) + "/").wait();
  EXPECT_TRUE(end.error.message.ends_with("the server does not speak TLS there; is the URL http?"))
      << end.error.message;
}

TEST(TlsContext, NamesTheFileThatIsWrong) {
  const Certificates& made = Certificates::made();
  const auto said = [](const ServerTlsFiles& files) { return TlsContext::forServer(files).error().message; };
  EXPECT_TRUE(said({"/none.pem", made.file("good.key")}).starts_with("/none.pem: certificate: No such file"));
  EXPECT_TRUE(said({made.file("garbage.pem"), made.file("good.key")})
                  .contains("garbage.pem: not a certificate chain"));
  EXPECT_TRUE(
      said({made.file("good.pem"), made.file("garbage.pem")}).contains("garbage.pem: not a private key"));
  EXPECT_TRUE(said({made.file("good.pem"), made.file("alice.key")})
                  .contains("alice.key: not the key of the certificate"));
  EXPECT_TRUE(said({made.file("good.pem"), made.file("good.key"), "/none.pem"})
                  .contains("/none.pem: CA certificates"));
}

}  // namespace
}  // namespace revenge::http
