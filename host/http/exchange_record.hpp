// What the server keeps for one request. Recycled, never freed while the server lives, so that a late caller finds
// a generation that is not its own instead of freed memory.
//
// Who may touch what: the request (views, call, parameters) is written by the loop before a handler sees it and read
// by the handler's side until the record is released. What stands under the mutex is shared. All else is the loop's.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/answer.hpp"
#include "http/deadlines.hpp"
#include "http/exchange.hpp"
#include "http/output.hpp"
#include "http/request_head.hpp"
#include "http/router.hpp"
#include "service/instances.hpp"

namespace revenge::http {

class Connection;
class ExchangeTable;
class IoLoop;

struct ExchangeRecord final : Exchange, private Deadline {
  enum class Phase : std::uint8_t {
    kOpen,       // a handler runs, or is about to
    kDeferred,   // somebody will answer through the handle
    kAnswered,   // `answer` is complete; the loop sends it
    kStreaming,  // the head is complete; pieces follow
    kEnded,      // nothing more can be answered: sent, timed out, dropped with the connection
  };

  ExchangeRecord(IoLoop& on, ExchangeTable& in, std::uint32_t position)
      : loop(on), table(in), index(position) {}

  const revenge_http_request& request() const override { return request_view; }
  const revenge_call& call() const override { return call_view; }
  Handle handle() const override { return request_view.exchange; }
  Caller owner() const override { return owner_now; }
  std::optional<PeerCredentials> peer() const override { return credentials; }
  std::string certificate() const override { return client_certificate; }
  std::uint32_t answered() const override {
    const std::scoped_lock lock(mutex);
    return phase == Phase::kAnswered ? answer.status() : 0;
  }
  Exchanges& exchanges() const override;
  void setUserKey(std::string_view key) override;

  Deadline& deadline() { return *this; }

  IoLoop& loop;
  ExchangeTable& table;
  const std::uint32_t index;

  mutable std::mutex mutex;
  // Guarded by mutex.
  std::uint32_t generation = 1;
  Phase phase = Phase::kEnded;
  bool in_handler = false;
  bool client_gone = false;
  bool timed_out = false;
  bool flush_posted = false;
  Caller owner_now;
  Answer answer;               // until kAnswered; then the loop's
  std::function<void()> gone;  // of watch
  std::string pending;         // of a stream, framed
  std::uint64_t streamed = 0;  // payload accepted
  Done room;
  bool closed = false;  // stream_close was called
  StreamEnd end = StreamEnd::kComplete;
  std::string piece;  // of a streamed body: what the reader has
  std::string next;   // what it gets next
  Done reader;
  RequestLimits asked_limits;
  struct EndWish {
    std::string_view plugin;
    std::uint64_t tag;
  };
  std::vector<EndWish> end_wishes;  // until kAnswered or the client's leaving; then the loop's
  bool body_wanted = false;         // somebody has asked for the body
  bool body_done = false;
  bool body_failed = false;

  // The request.
  RequestHead head;
  revenge_http_request request_view{};
  revenge_call call_view{};
  revenge_origin origin{};
  std::optional<PeerCredentials> credentials;
  std::string client_certificate;
  std::string path_storage;
  std::string query_storage;
  std::string user_key;
  std::string remote_address;
  std::array<char, 64> request_id{};
  std::vector<std::string_view> parameter_values;
  std::vector<revenge_field> path_parameters;
  std::vector<revenge_field> query_parameters;
  std::string body;  // when it did not arrive together with the head
  struct Trace {
    std::uint64_t span_id = 0;     // the server's; origin.span_id is that of the handler that runs
    std::uint64_t handler_id = 0;  // of the handler that runs or ran last; 0: none is recorded
    std::uint64_t parent_id = 0;   // of whoever sent the request; 0: the trace begins here
    bool recorded = false;
    base::Instant submitted{};  // to a worker
    std::string state;          // of several headers, joined
  } trace;
  std::unique_ptr<char[]> parked;  // the bytes the views point into, once the connection is gone

  // The loop's.
  Connection* connection = nullptr;      // null: the client has gone
  std::shared_ptr<const Router> router;  // shared with the generation: a request may outlive it
  const Endpoint* endpoint = nullptr;
  std::size_t stage = 0;               // of the chain; then the candidates
  std::vector<service::Lease> leases;  // of the chain's and the candidates' instances, in their order
  service::Lease held;                 // of the instance whose handler runs, or that will answer
  const Owner* running = nullptr;      // whose handler runs or ran last
  const Route* route = nullptr;        // the candidate taken
  bool at_head = false;                // waits for another generation, no code of a plugin runs
  RequestLimits limits;                // that hold: of asked_limits, when the loop last looked
  struct Passed {                      // a middleware, as it stands in its chain
    std::int32_t order;
    std::string plugin;
    std::string name;
  };
  std::optional<Passed>
      gone_through;  // the last that let it go on by resume: what comes behind it is looked up anew
  base::Instant answered_at{};  // the head of the answer was there; of interest to end_wishes alone
  bool inlined = false;         // the handler runs, or ran last, on the loop
  std::size_t header_mark = 0;  // of the answer, when that handler began
  revenge_status returned = REVENGE_OK;
  std::string error;  // what a failing handler said
  base::Instant begun{};
  Output output;
  std::string sending;  // of a stream, being sent
  std::uint64_t head_bytes = 0;
  std::uint32_t status_sent = 0;
  bool head_written = false;  // of a stream
  bool ended = false;         // a stream's last chunk is on its way
  bool late_reader = false;   // whoever was to answer may still read the request

  bool streamOver() const;  // closed by its writer
  void recycle();           // what the loop holds for it

 private:
  void reached() override;
};

}  // namespace revenge::http
