// What becomes of one signal's items: taken from the source when a batch is full or its time has come, sent, sent again
// while that may help, counted when the receiver has answered. One batch is on its way at a time; what arrives meanwhile
// waits in the source, which is bounded.
//
//   gathering --full or due--> sending --taken, refused, tried too often--> gathering
//                                 ^ \--may help to try again--> waiting
//                                  \------------ then -------------/
//
// Time and transport are arguments: nothing here reads a clock or waits. Thread safety: one thread at a time.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace telemetry_otlp {

using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

enum class Dropped : std::uint8_t {
  kQueue,     // they found no room before they were taken
  kRefused,   // the receiver will not have them, now or later
  kRetries,   // tried too often
  kTooLarge,  // a request beyond 64 MiB
  kAnswer,    // an answer beyond 4 MiB: nobody knows what it says
  kStopped    // on their way when this ended
};
inline constexpr std::size_t kDroppedReasons = 6;
std::string_view name(Dropped reason);

struct Batch {
  std::uint64_t items = 0;
  std::uint64_t lost = 0;  // before these were taken
  std::string body;        // encoded
};

struct Answer {
  enum class Came : std::uint8_t { kResponse, kNothing, kTooLong };

  Came came = Came::kResponse;
  unsigned status = 0;
  std::optional<Duration> retry_after;
  std::uint64_t rejected = 0;  // of a 200: so many items the receiver left out
  std::string message;         // what it says, or why nothing came
};

struct ExporterOptions {
  std::uint64_t batch = 512;  // items of one request, and how many make one due
  Duration delay = std::chrono::seconds(5);
  unsigned attempts = 5;  // of one batch
  Duration first_retry = std::chrono::seconds(1);
  Duration last_retry = std::chrono::seconds(30);
  Duration longest_retry_after = std::chrono::minutes(10);  // a receiver that says more is asked again then
};

struct Counts {
  std::uint64_t sent = 0;     // items that the receiver has taken
  std::uint64_t retried = 0;  // requests made again
  std::uint64_t rejected = 0;
  std::array<std::uint64_t, kDroppedReasons> dropped{};
};

class Exporter {
 public:
  static constexpr std::size_t kMaxRequest = std::size_t{64} << 20U;
  static constexpr Duration kQuiet = std::chrono::minutes(1);  // between two complaints of one kind

  struct Parts {
    std::function<Batch(std::uint64_t max)> take;  // empty: nothing is there
    std::function<void(const std::string& body)>
        send;                                  // one at a time; answered() follows, also within this call
    std::function<void(const Counts&)> count;  // what has come about since the last call
    std::function<void(const std::string& line)> complain;
    std::function<double()> random;  // 0 to 1
  };

  Exporter(Parts parts, ExporterOptions options, Instant now);

  // Another batch size and delay, from the next batch on.
  void use(const ExporterOptions& options) { options_ = options; }

  // Does what is due. `waiting`: items in the source.
  void step(Instant now, std::uint64_t waiting);
  // Of the request that send() was told to make.
  void answered(Instant now, const Answer& answer);
  // The next batch is due at once, and a retry too.
  void hurry();
  // Nothing is sent any more: what is on its way counts as dropped.
  void stop();

  // When step() has something to do at the latest; max while a request is out.
  Instant due() const;
  bool gathers() const { return state_ == State::kGathering; }
  bool sends() const { return state_ == State::kSending; }

 private:
  enum class State : std::uint8_t { kGathering, kSending, kWaiting };
  enum class Verdict : std::uint8_t { kTaken, kAgain, kNever };
  enum class Complaint : std::uint8_t { kPartial, kDropped, kQueue };

  static Verdict judge(const Answer& answer);
  void begin(Instant now);
  void attempt();
  void again(Instant now, const Answer& answer);
  void drop(Instant now, Dropped reason, const std::string& why);
  void finish();
  void complain(Instant now, Complaint kind, const std::string& line);

  Parts parts_;
  ExporterOptions options_;
  State state_ = State::kGathering;
  Instant due_;  // of the next batch
  Instant retry_at_{};
  Batch batch_;
  unsigned attempts_ = 0;
  Counts news_;
  std::array<Instant, 3> quiet_until_{};
};

}  // namespace telemetry_otlp
