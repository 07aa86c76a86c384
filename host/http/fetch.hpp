// One request that goes out, as its caller sees it: what is written to it, what has come, and who waits for what. Shared by
// the caller and the loop that carries it. Thread safety: the caller's functions from any thread, the loop's on its loop.
//
// Whoever waits is told exactly once, on the loop, in a task of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/current_plugin.hpp"
#include "base/result.hpp"
#include "http/bytes.hpp"
#include "http/client_tls.hpp"
#include "http/request_writer.hpp"
#include "http/response_head.hpp"
#include "observe/trace_context.hpp"

namespace revenge::http {

class Outlet;

enum class BodyForm : std::uint8_t { kWhole, kStream };

struct OutgoingRequest {
  // Given back when nothing of the caller's is used any more: neither its functions nor its body, which ends before it.
  std::shared_ptr<void> keeper = nullptr;
  Method method = Method::kGet;
  Url url = {};
  Fields fields = {};
  Bytes body = {};
  BodyForm request_body = BodyForm::kWhole;
  BodyForm response_body = BodyForm::kWhole;
  std::uint64_t body_length = 0;  // of a streamed one; 0: not known
  base::Duration timeout{};       // 0: the options'
  base::Instant deadline = base::Instant::max();
  std::uint64_t max_response_bytes = 0;  // 0: the options' when whole
  unsigned max_redirects = 0;
  TlsSettings tls = {};
  std::optional<observe::TraceContext> trace = {};  // of the call: goes out under a new parent id
  enum class Parent : std::uint8_t { kNew, kAsGiven };
  Parent parent = Parent::kNew;                     // kAsGiven: trace's span id is this request's own
  base::PluginMark mark = base::PluginMark::kHost;  // whose code runs when somebody is told
};

// What a wait ended with.
struct Came {
  std::string_view bytes = {};
  bool end = false;  // of the body
};
using Told = std::move_only_function<void(const base::Result<Came>&)>;

enum class Went : std::uint8_t { kDone, kPending, kEnd };

class Fetch : public std::enable_shared_from_this<Fetch> {
 public:
  static constexpr std::size_t kWindow = 256U << 10U;  // of bytes that wait for the other side

  Fetch(std::shared_ptr<Outlet> outlet, OutgoingRequest request);
  ~Fetch();
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;

  // The caller's.

  void start(Told told);
  base::Result<Went> write(std::string_view data, Told told);
  base::Result<> finish();
  struct Shown {
    const ResponseHead* head;
    std::string_view body;
    std::string_view url;
  };
  // Valid as long as the Fetch. kBusy: it has not come yet.
  base::Result<Shown> response() const;
  base::Result<Went> read(std::string_view& piece, Told told);
  void cancel(const base::Error& why);
  void close();

  // The loop's.

  OutgoingRequest& request() { return request_; }
  // Takes what was written; `last`: no more will be. Nothing to take: the loop is told when there is.
  bool takeWritten(std::string& into, bool& last);
  bool touched() const { return touched_; }  // something was taken: it cannot be sent again
  enum class Room : std::uint8_t { kGoOn, kPause, kTooLong, kPluginFull };
  void headCame(std::unique_ptr<ResponseHead> head, std::string url);
  Room bodyCame(std::string_view piece);
  void ended();
  void failed(const base::Error& why);

 private:
  enum class State : std::uint8_t { kFresh, kSent, kHead, kWhole, kFailed };

  void tell(Told told, base::Result<Came> result);
  void wakeLoop();
  void giveBack();  // the keeper, once all has come or nobody wants it; who is still to be told has his own
  bool over() const { return state_ == State::kWhole || state_ == State::kFailed; }
  std::string_view nextPiece();

  const std::shared_ptr<Outlet> outlet_;
  OutgoingRequest request_;
  const BodyForm response_form_;
  const std::uint64_t body_length_;
  const std::uint64_t max_response_bytes_;
  const bool streams_request_;
  const base::PluginMark mark_;
  bool touched_ = false;  // the loop's

  mutable std::mutex mutex_;  // guards what follows
  State state_ = State::kFresh;
  std::shared_ptr<void> keeper_;
  Told sending_;
  Told writing_;
  Told reading_;
  std::string written_;
  std::uint64_t written_bytes_ = 0;
  bool finished_ = false;
  bool starved_ = false;  // the loop waits for more to send
  bool paused_ = false;   // the loop waits for the caller to read
  bool closed_ = false;
  std::unique_ptr<ResponseHead> head_;
  std::string url_;
  std::string body_;   // whole, or what came since the last piece was taken
  std::string piece_;  // the one taken last
  std::uint64_t came_ = 0;
  std::uint64_t reserved_ = 0;  // of the plugin's memory
  base::Error why_;
};

}  // namespace revenge::http
