#include "exporter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace telemetry_otlp {

namespace {

constexpr double kGrowth = 1.5;
constexpr double kLeastJitter = 0.8;
constexpr double kJitter = 0.4;

std::string plural(std::uint64_t count) { return std::to_string(count) + (count == 1 ? " item" : " items"); }

std::string described(const Answer& answer) {
  if (answer.came == Answer::Came::kTooLong) return "the answer is longer than 4 MiB";
  const std::string said = answer.message.empty() ? "" : ": " + answer.message;
  if (answer.came == Answer::Came::kNothing) return "no answer" + said;
  return "answered " + std::to_string(answer.status) + said;
}

}  // namespace

std::string_view name(Dropped reason) {
  switch (reason) {
    case Dropped::kQueue:
      return "queue";
    case Dropped::kRefused:
      return "refused";
    case Dropped::kRetries:
      return "retries";
    case Dropped::kTooLarge:
      return "too_large";
    case Dropped::kAnswer:
      return "answer";
    case Dropped::kStopped:
      return "stopped";
  }
  return "unknown";
}

Exporter::Exporter(Parts parts, ExporterOptions options, Instant now)
    : parts_(std::move(parts)), options_(options), due_(now + options.delay) {}

Instant Exporter::due() const {
  switch (state_) {
    case State::kGathering:
      return due_;
    case State::kWaiting:
      return retry_at_;
    case State::kSending:
      break;
  }
  return Instant::max();
}

void Exporter::step(Instant now, std::uint64_t waiting) {
  if (state_ == State::kWaiting && now >= retry_at_) {
    ++news_.retried;
    attempt();
    return;
  }
  if (state_ == State::kGathering && (now >= due_ || waiting >= options_.batch)) begin(now);
}

void Exporter::begin(Instant now) {
  batch_ = parts_.take(options_.batch);
  due_ = now + options_.delay;
  if (batch_.lost > 0) {
    news_.dropped[static_cast<std::size_t>(Dropped::kQueue)] += batch_.lost;
    complain(now, Complaint::kQueue, plural(batch_.lost) + " found the queue full and are lost");
  }
  attempts_ = 0;
  if (batch_.items == 0) return finish();
  if (batch_.body.size() > kMaxRequest)
    return drop(now, Dropped::kTooLarge, "the request is longer than 64 MiB");
  attempt();
}

void Exporter::attempt() {
  ++attempts_;
  state_ = State::kSending;
  parts_.send(batch_.body);
}

Exporter::Verdict Exporter::judge(const Answer& answer) {
  if (answer.came == Answer::Came::kNothing) return Verdict::kAgain;
  if (answer.came == Answer::Came::kTooLong) return Verdict::kNever;
  switch (answer.status) {
    case 429:
    case 502:
    case 503:
    case 504:
      return Verdict::kAgain;
    default:
      return answer.status >= 200 && answer.status < 300 ? Verdict::kTaken : Verdict::kNever;
  }
}

void Exporter::answered(Instant now, const Answer& answer) {
  if (state_ != State::kSending) return;
  switch (judge(answer)) {
    case Verdict::kAgain:
      return again(now, answer);
    case Verdict::kNever: {
      const bool unread = answer.came == Answer::Came::kTooLong;
      return drop(now, unread ? Dropped::kAnswer : Dropped::kRefused, described(answer));
    }
    case Verdict::kTaken:
      break;
  }
  const std::uint64_t rejected = std::min(answer.rejected, batch_.items);
  news_.rejected += rejected;
  news_.sent += batch_.items - rejected;
  if (rejected > 0) {
    complain(now, Complaint::kPartial, "the receiver left out " + plural(rejected) + ": " + answer.message);
  } else if (!answer.message.empty()) {
    complain(now, Complaint::kPartial, "the receiver warns: " + answer.message);
  }
  finish();
}

void Exporter::again(Instant now, const Answer& answer) {
  if (attempts_ >= options_.attempts) return drop(now, Dropped::kRetries, described(answer));
  const double grown = std::pow(kGrowth, attempts_ - 1) * static_cast<double>(options_.first_retry.count());
  const double capped = std::min(grown, static_cast<double>(options_.last_retry.count()));
  Duration pause(std::llround(capped * (kLeastJitter + kJitter * parts_.random())));
  if (answer.retry_after) pause = std::min(*answer.retry_after, options_.longest_retry_after);
  retry_at_ = now + pause;
  state_ = State::kWaiting;
  parts_.count(std::exchange(news_, {}));
}

void Exporter::drop(Instant now, Dropped reason, const std::string& why) {
  news_.dropped[static_cast<std::size_t>(reason)] += batch_.items;
  complain(now, Complaint::kDropped, plural(batch_.items) + " dropped: " + why);
  finish();
}

void Exporter::finish() {
  batch_ = {};
  state_ = State::kGathering;
  parts_.count(std::exchange(news_, {}));
}

void Exporter::hurry() {
  due_ = {};
  retry_at_ = {};
}

void Exporter::stop() {
  if (state_ != State::kGathering) news_.dropped[static_cast<std::size_t>(Dropped::kStopped)] += batch_.items;
  finish();
}

void Exporter::complain(Instant now, Complaint kind, const std::string& line) {
  Instant& quiet_until = quiet_until_.at(static_cast<std::size_t>(kind));
  if (now < quiet_until) return;
  quiet_until = now + kQuiet;
  parts_.complain(line);
}

}  // namespace telemetry_otlp
