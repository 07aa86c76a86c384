// TLS in front of a connection: it ends here, and the one code that speaks HTTP gets the clear text through a pair of
// sockets. Every byte is copied twice more, so this is for listeners of few clients, as the control plane's is. Thread
// safety: belongs to its loop, which owns it together with what is under way on its sockets.
#pragma once

#include <cstddef>
#include <memory>

#include "base/unique_fd.hpp"
#include "http/connection.hpp"
#include "http/deadlines.hpp"
#include "http/tls_context.hpp"

namespace revenge::http {

class IoLoop;

class TlsRelay final : public std::enable_shared_from_this<TlsRelay>, private Deadline {
 public:
  TlsRelay(IoLoop& loop, base::UniqueFd socket, Peer peer, const TlsContext& context);
  ~TlsRelay() override;

  void begin();      // the handshake; once it has ended well, the loop has a connection more
  void closeIdle();  // a handshake that is under way
  void cut();        // at once; the loop forgets it

 private:
  static constexpr std::size_t kPiece = 16U << 10U;
  struct Streams;

  void shaken();
  void failed(const char* why);
  void fromClient();
  void fromServer();
  void endForClient();
  void serverHasAll();
  void reached() override;

  IoLoop& loop_;
  Peer peer_;
  std::unique_ptr<Streams> streams_;
  bool shaking_ = true;
  bool cut_ = false;
};

}  // namespace revenge::http
