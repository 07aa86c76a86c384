// A connection to a server, and the one request it carries at a time. Thread safety: belongs to its Outlet's loop. The
// Outlet owns it until close(); operations of the system that are under way keep its memory.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "http/client_stream.hpp"
#include "http/deadlines.hpp"
#include "http/response_reader.hpp"

namespace revenge::http {

class Outlet;
struct Errand;
struct Origin;
struct OutgoingRequest;

class ClientConnection final : public Deadline, public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(Outlet& outlet, Origin& origin);

  void open(Errand& errand);   // connects, and carries it
  void serve(Errand& errand);  // Requires: it rests
  void goOn();                 // there is more to send, or room for what came
  void close();
  // What it carries was given up: what the server is about to say belongs to nobody.
  void abandon();
  Origin& origin() { return origin_; }
  std::string_view doing() const;  // "while connecting", for a request that timed out

 private:
  enum class Phase : std::uint8_t {
    kConnecting,
    kHandshake,
    kSending,
    kAwaiting,
    kReceiving,
    kResting,
    kClosed
  };
  struct Prepared;

  void reached() override;
  void enter(Phase phase);
  base::Error timedOut() const;
  void prepare();
  void prepared(Prepared found);
  void connected();
  void send();
  void sendMore();
  void sent(base::Result<std::size_t> result);
  void read();
  void got(base::Result<std::size_t> result);
  void consume();
  bool headCame();
  bool bodyCame(std::string_view piece);
  void responseEnded();
  void broken(base::Error why);
  base::Error named(base::Error why) const;

  Outlet& outlet_;
  Origin& origin_;
  ClientStream stream_;
  ResponseReader reader_;
  Phase phase_ = Phase::kConnecting;
  Errand* errand_ = nullptr;
  std::shared_ptr<OutgoingRequest> payload_;  // while its body is being sent
  bool reading_ = false;                      // a read is under way
  bool writing_ = false;
  bool paused_ = false;
  bool request_sent_ = false;
  bool bytes_sent_ = false;  // of this request, as far as the system took them
  bool kept_ = false;        // has carried a request before
  bool chunked_ = false;
  bool last_ = false;  // of a streamed body: nothing follows what is being sent
  std::string head_;
  std::string sending_;  // of a streamed body
  std::string_view unread_;
  std::array<char, 16U << 10U> buffer_;
};

}  // namespace revenge::http
