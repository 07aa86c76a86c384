// GET /out/{way}?url=...: goes out to the URL in each of the ways the SDK has, and answers with what came.
#include <atomic>

#include <revenge/plugin.hpp>

using namespace revenge;

class Outbound : public Plugin<> {
 public:
  explicit Outbound(Host& host) {
    host.http().get("/out/wait", [this](const Request& request) { return waited(request); });
    host.http().get("/out/await", [this](const Request& request) { return awaited(request); },
                    {.run = Run::kInline});
    host.http().get("/out/told", [this](const Request& request, Responder responder) {
      told(request, std::move(responder));
    });
    host.http().get("/out/stream", [this](const Request& request) { return streamed(request); });
    host.http().get("/out/upload", [this](const Request& request) { return uploaded(request); });
    // Begins a request that nobody waits for, to see what becomes of it when the instance leaves.
    host.http().get("/out/leave", [this](const Request& request) -> Result<Response> {
      const auto sent = this->host().httpClient().send(
          this->host().call(), asked(request), [this](const Result<ClientResponse>& response) {
            this->host().log().info(response ? "left one answered" : "left one: " + response.error().message);
          });
      if (!sent) return std::unexpected(sent.error());
      return text("begun");
    });
  }

 private:
  static ClientRequest asked(const Request& request) {
    ClientRequest asked{.url = std::string(request.query("url").value_or(""))};
    if (const auto ca = request.query("ca")) asked.tls.caFile = *ca;
    return asked;
  }
  static Response shown(const Result<ClientResponse>& response) {
    if (!response) return text(response.error().message).withStatus(502);
    return text(std::string(response->body())).withStatus(response->status());
  }

  Response waited(const Request& request) {
    return shown(host().httpClient().send(request.call(), asked(request)).wait());
  }
  Task<Response> awaited(const Request& request) {
    co_return shown(co_await host().httpClient().send(request.call(), asked(request)));
  }
  void told(const Request& request, Responder responder) {
    auto answer = std::make_shared<Responder>(std::move(responder));
    const auto sent = host().httpClient().send(request.call(), asked(request),
                                               [answer](const Result<ClientResponse>& response) {
                                                 static_cast<void>(answer->send(shown(response)));
                                               });
    if (!sent) static_cast<void>(answer->send(text(sent.error().message).withStatus(502)));
  }
  Task<Response> streamed(const Request& request) {
    const auto response = co_await host().httpClient().open(request.call(), asked(request));
    if (!response) co_return shown(response);
    std::size_t bytes = 0;
    for (;;) {
      const auto piece = co_await response->read();
      if (!piece) co_return text(piece.error().message).withStatus(502);
      if (!*piece) break;
      bytes += (*piece)->size();
    }
    co_return text(std::to_string(bytes));
  }
  Task<Response> uploaded(const Request& request) {
    ClientRequest post = asked(request);
    post.method = Method::kPost;
    auto upload = host().httpClient().upload(request.call(), std::move(post));
    if (!upload) co_return text(upload.error().message).withStatus(502);
    for (int i = 0; i < 64; ++i) {
      const auto room = co_await upload->write(std::string(32768, 'u'));
      if (!room) co_return text(room.error().message).withStatus(502);
      if (!*room) break;
    }
    co_return shown(co_await upload->finish());
  }
};
REVENGE_PLUGIN(Outbound)
