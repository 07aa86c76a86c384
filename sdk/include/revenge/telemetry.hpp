// Telemetry: what the host tells of itself, for a plugin that sends it on. Not part of plugin.hpp.
//
// A feed is opened, waited for and emptied; it ends with the object. Batches are borrowed until the next one of their kind.
// Each kind is for one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>

#include <revenge/held.hpp>
#include <revenge/waiting.hpp>

namespace revenge {

class FeedRegistration {
 public:
  FeedRegistration() = default;
  FeedRegistration(const Host& host, revenge_handle handle) : host_(&host), handle_(handle) {}
  void end() const { host_->telemetryTable().close(host_->raw(), handle_); }

  struct Until {
    std::uint64_t spans = 0;  // so many wait; 0: not for them
    std::uint64_t logs = 0;
    std::chrono::steady_clock::time_point deadline{};  // none: until woken
  };
  // kTimedOut: the deadline; kCancelled: woken, or the instance leaves.
  auto wait(Until until) const {
    auto begin = [host = host_, feed = handle_, until](revenge_view&, const revenge_completion& done,
                                                       revenge_error& error) {
      auto what = boundary::sized<revenge_telemetry_wait>();
      what.spans = until.spans;
      what.logs = until.logs;
      what.deadline_ns =
          std::chrono::duration_cast<std::chrono::nanoseconds>(until.deadline.time_since_epoch()).count();
      return host->telemetryTable().wait(host->raw(), feed, &what, &done, &error);
    };
    return Waiting(*host_, std::move(begin), [](revenge_status, revenge_view) { return Status(); });
  }
  // Ends the wait in progress, or else the next one. From any thread.
  void wake() const { static_cast<void>(host_->telemetryTable().wake(host_->raw(), handle_)); }

  revenge_telemetry_pending pending() const {
    auto pending = boundary::sized<revenge_telemetry_pending>();
    static_cast<void>(host_->telemetryTable().pending(host_->raw(), handle_, &pending));
    return pending;
  }
  revenge_span_batch spans(std::uint64_t max) const {
    auto batch = boundary::sized<revenge_span_batch>();
    boundary::ErrorText error;
    boundary::require(host_->telemetryTable().spans(host_->raw(), handle_, max, &batch, &error), error,
                      "spans");
    return batch;
  }
  revenge_log_batch logs(std::uint64_t max) const {
    auto batch = boundary::sized<revenge_log_batch>();
    boundary::ErrorText error;
    boundary::require(host_->telemetryTable().logs(host_->raw(), handle_, max, &batch, &error), error,
                      "log records");
    return batch;
  }
  revenge_metric_batch metrics() const {
    auto batch = boundary::sized<revenge_metric_batch>();
    boundary::ErrorText error;
    boundary::require(host_->telemetryTable().metrics(host_->raw(), handle_, &batch, &error), error,
                      "metrics");
    return batch;
  }

 private:
  const Host* host_ = nullptr;
  revenge_handle handle_ = 0;
};
using Feed = Held<FeedRegistration>;

class Telemetry {
 public:
  explicit Telemetry(const Host& host) : host_(&host) {}

  // `signals`: REVENGE_TELEMETRY_SPANS ...; `queue`: spans, and log records, that may wait in it.
  Feed open(std::uint32_t signals, std::uint64_t queue) const {
    auto wanted = boundary::sized<revenge_telemetry_feed>();
    wanted.signals = signals;
    wanted.queue = queue;
    revenge_handle feed = 0;
    boundary::ErrorText error;
    boundary::require(host_->telemetryTable().open(host_->raw(), &wanted, &feed, &error), error,
                      "the feed of telemetry");
    return FeedRegistration(*host_, feed);
  }

 private:
  const Host* host_;
};

inline Telemetry Host::telemetry() const { return Telemetry(*this); }

}  // namespace revenge
