// One client's connection: reads heads and bodies, sends answers in order, keeps the timeouts. One exchange at a
// time; pipelined requests wait in the buffer. An idle connection holds neither buffer nor exchange. Thread safety:
// belongs to its loop, which owns it. A function that returns Turn::kLost ran a handler that did not come back in
// time: another thread owns the loop now, and the caller returns without touching anything of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sys/socket.h>

#include "base/unique_fd.hpp"
#include "http/chunked.hpp"
#include "http/deadlines.hpp"
#include "http/exchange.hpp"
#include "http/request_head.hpp"

namespace revenge::http {

class IoLoop;
struct ExchangeRecord;

enum class Ended : std::uint8_t { kComplete, kShort };
enum class Turn : std::uint8_t { kGoOn, kWait, kLost };

struct Peer {
  std::string address = {};
  std::uint16_t port = 0;
  std::optional<PeerCredentials> credentials = {};
  std::string certificate = {};  // the subject of the client's, verified
};

class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual Turn ready(std::uint32_t events) = 0;
};

class Connection final : public Pollable, private Deadline {
 public:
  Connection(IoLoop& loop, base::UniqueFd socket, Peer peer);
  ~Connection() override;

  Turn ready(std::uint32_t events) override;
  Turn run();

  int socket() const { return socket_.get(); }
  const Peer& peer() const { return peer_; }
  bool closed() const { return state_ == State::kClosed; }

  // For the dispatcher.
  void answer(ExchangeRecord& record);   // whose answer is complete
  void stream(ExchangeRecord& record);   // there is more of a stream
  void expectBody(std::uint64_t limit);  // 413 beyond
  void limitBody(std::uint64_t limit) { body_limit_ = std::min(body_limit_, limit); }
  void readWholeBody();  // before the handler runs
  void wantBody();       // a handler reads the body

  Deadline& deadline() { return *this; }

  void closeIfIdle();
  void abort();  // at once, whatever is under way

 private:
  static constexpr base::Instant kNotAwaited = base::Instant::max();
  enum class State : std::uint8_t { kHead, kBody, kHandling, kSending, kLingering, kClosed };
  enum class Got : std::uint8_t { kBytes, kNothing, kEnd };
  enum class BodyStep : std::uint8_t { kPiece, kEnd, kWait, kBad, kGone };

  Turn readHead();
  Turn parsed(const Parsed& parsed);
  Turn waitForHead();
  Turn startExchange();
  Turn readBody();
  Turn handling();
  Turn sendMore();
  Turn nextOfStream();
  Turn linger();

  Got receive();
  void makeSpace();
  BodyStep bodyStep(std::string_view& piece);
  bool skipBody();
  void readStreamedBody();
  void awaitBody();
  void sendContinue();
  void rejectHead(const Parsed& parsed);
  void rejectBody(unsigned status, std::string_view line);
  void peerLeft();
  void detach();
  void count(const ExchangeRecord& record, unsigned status, base::Duration took);
  void finish(Ended ended);
  void closeAfterAnswer();
  void close();
  void reached() override;

  IoLoop& loop_;
  base::UniqueFd socket_;
  Peer peer_;
  State state_ = State::kHead;
  bool readable_ = true;  // edge triggered: until a read says otherwise
  bool half_closed_ = false;
  bool broken_ = false;
  bool unparsed_ = false;
  bool close_after_ = false;
  bool continue_due_ = false;
  bool body_ended_ = true;
  bool head_begun_ = false;
  bool served_ = false;  // since the idle timeout was set
  bool body_wanted_ = false;
  bool ready_to_advance_ = false;

  RequestParser parser_;
  std::unique_ptr<char[]> input_;  // null while idle
  std::size_t floor_ = 0;          // end of the head that the exchange's views point into
  std::size_t begin_ = 0;
  std::size_t end_ = 0;

  ExchangeRecord* record_ = nullptr;
  ChunkDecoder chunks_;
  std::uint64_t body_left_ = 0;  // of Content-Length
  std::uint64_t body_read_ = 0;
  std::uint64_t body_limit_ = 0;
  base::Duration body_waited_{};                    // for its pieces, altogether
  base::Instant body_awaited_since_ = kNotAwaited;  // the next one
  std::size_t lingered_ = 0;
  unsigned answered_ = 0;  // in this turn
};

}  // namespace revenge::http
