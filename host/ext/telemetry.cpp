#include "ext/telemetry.hpp"

#include <utility>

#include "ext/bundle.hpp"
#include "plugin/trampoline.hpp"

namespace revenge::ext {

namespace {

using observe::Telemetry;

revenge_status statusOf(Telemetry::Waited how) {
  switch (how) {
    case Telemetry::Waited::kThere:
      return REVENGE_OK;
    case Telemetry::Waited::kDeadline:
      return REVENGE_TIMED_OUT;
    case Telemetry::Waited::kWoken:
      return REVENGE_CANCELLED;
  }
  return REVENGE_CANCELLED;
}

}  // namespace

void TelemetryAdapter::leave(const revenge_host& host) {
  std::vector<std::shared_ptr<Feed>> own;
  feeds_.forEach([&](revenge_handle, service::InstanceRef owner, const std::shared_ptr<Feed>& feed) {
    if (owner == host.instance) own.push_back(feed);
  });
  for (const auto& feed : own) telemetry_.leave(feed->feed);
}

std::size_t TelemetryAdapter::withdraw(const revenge_host& host) {
  const auto feeds = feeds_.withdraw(host.instance);
  for (const auto& item : feeds) telemetry_.close(item.value->feed);
  return feeds.size();
}

// Entered into whoever waits: its drain waits for this call. What cannot be entered any more has no wait left, as leave()
// has ended it.
void TelemetryAdapter::complete(service::InstanceRef whose, const revenge_completion& done,
                                Telemetry::Waited how) {
  const auto inside = domain_.instances().enter(whose, service::Pass::kUnderWay);
  if (!inside) return;
  revenge_error ignored{sizeof(revenge_error), 0, {}};
  plugin::guarded("telemetry sink", ignored, [&] {
    done.complete(done.context, statusOf(how), {}, nullptr);
    return revenge_status{REVENGE_OK};
  });
}

struct TelemetryTable {
  static revenge_status open(const revenge_host* host, const revenge_telemetry_feed* wanted,
                             revenge_handle* feed, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (wanted == nullptr || feed == nullptr) return say(error, REVENGE_INVALID, "wanted or feed is NULL");
    TelemetryAdapter& adapter = ties->bundle.telemetry;
    const observe::Signals signals{(wanted->signals & REVENGE_TELEMETRY_SPANS) != 0,
                                   (wanted->signals & REVENGE_TELEMETRY_LOGS) != 0,
                                   (wanted->signals & REVENGE_TELEMETRY_METRICS) != 0};
    auto made = std::make_shared<TelemetryAdapter::Feed>();
    made->feed =
        adapter.telemetry_.open(host->id, signals, wanted->queue == 0 ? Telemetry::kQueue : wanted->queue);
    if (made->feed == nullptr) return say(error, REVENGE_LIMIT, "this plugin has as many feeds as it may");
    adapter.telemetry_.start();
    *feed = adapter.feeds_.add(host->instance, std::move(made));
    return REVENGE_OK;
  }

  static std::shared_ptr<TelemetryAdapter::Feed> find(const Ties& ties, revenge_handle feed) {
    return ties.bundle.telemetry.feeds_.find(feed, ties.host.instance).value_or(nullptr);
  }

  static revenge_status wait(const revenge_host* host, revenge_handle handle,
                             const revenge_telemetry_wait* what, const revenge_completion* done,
                             revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (what == nullptr || done == nullptr || done->complete == nullptr)
      return say(error, REVENGE_INVALID, "what, done or its function is NULL");
    const auto feed = find(*ties, handle);
    if (feed == nullptr) return say(error, REVENGE_GONE, "the feed is closed");
    TelemetryAdapter& adapter = ties->bundle.telemetry;
    Telemetry::Wait wait{what->spans, what->logs};
    if (what->deadline_ns > 0) wait.deadline = base::Instant(base::Duration(what->deadline_ns));
    const auto begun = adapter.telemetry_.wait(
        feed->feed, wait, [&adapter, whose = host->instance, copied = *done](Telemetry::Waited how) {
          adapter.complete(whose, copied, how);
        });
    switch (begun) {
      case Telemetry::Begun::kThere:
        return REVENGE_OK;
      case Telemetry::Begun::kWoken:
        return REVENGE_CANCELLED;
      case Telemetry::Begun::kPending:
        return REVENGE_PENDING;
      case Telemetry::Begun::kBusy:
        break;
    }
    return say(error, REVENGE_BUSY, "a wait for this feed is in progress");
  }

  static revenge_status wake(const revenge_host* host, revenge_handle handle) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    const auto feed = find(*ties, handle);
    if (feed == nullptr) return REVENGE_GONE;
    ties->bundle.telemetry.telemetry_.wake(feed->feed);
    return REVENGE_OK;
  }

  static revenge_status pending(const revenge_host* host, revenge_handle handle,
                                revenge_telemetry_pending* pending) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    if (pending == nullptr || pending->size < sizeof(revenge_telemetry_pending)) return REVENGE_INVALID;
    const auto feed = find(*ties, handle);
    if (feed == nullptr) return REVENGE_GONE;
    const Telemetry::Pending found = ties->bundle.telemetry.telemetry_.pending(*feed->feed);
    *pending = {sizeof(revenge_telemetry_pending), 0, found.spans, found.logs};
    return REVENGE_OK;
  }

  static revenge_status spans(const revenge_host* host, revenge_handle handle, std::uint64_t max,
                              revenge_span_batch* batch, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (batch == nullptr || batch->size < sizeof(revenge_span_batch))
      return say(error, REVENGE_INVALID, "batch is NULL or too small");
    const auto feed = find(*ties, handle);
    if (feed == nullptr) return say(error, REVENGE_GONE, "the feed is closed");
    Telemetry::SpanBatch taken;
    ties->bundle.telemetry.telemetry_.takeSpans(*feed->feed, max, taken);
    feed->spans.show(std::move(taken), *batch);
    return REVENGE_OK;
  }

  static revenge_status logs(const revenge_host* host, revenge_handle handle, std::uint64_t max,
                             revenge_log_batch* batch, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (batch == nullptr || batch->size < sizeof(revenge_log_batch))
      return say(error, REVENGE_INVALID, "batch is NULL or too small");
    const auto feed = find(*ties, handle);
    if (feed == nullptr) return say(error, REVENGE_GONE, "the feed is closed");
    Telemetry::LogBatch taken;
    ties->bundle.telemetry.telemetry_.takeLogs(*feed->feed, max, taken);
    feed->logs.show(std::move(taken), *batch);
    return REVENGE_OK;
  }

  static revenge_status metrics(const revenge_host* host, revenge_handle handle, revenge_metric_batch* batch,
                                revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (batch == nullptr || batch->size < sizeof(revenge_metric_batch))
      return say(error, REVENGE_INVALID, "batch is NULL or too small");
    const auto feed = find(*ties, handle);
    if (feed == nullptr) return say(error, REVENGE_GONE, "the feed is closed");
    feed->metrics.show(ties->bundle.telemetry.metrics_.view(), ties->bundle.rooms.clock.wall(), *batch);
    return REVENGE_OK;
  }

  static revenge_status close(const revenge_host* host, revenge_handle handle) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    TelemetryAdapter& adapter = ties->bundle.telemetry;
    const auto item = adapter.feeds_.take(handle, host->instance);
    if (!item) return REVENGE_GONE;
    adapter.telemetry_.close(item->value->feed);
    return REVENGE_OK;
  }
};

const revenge_telemetry& TelemetryAdapter::table() {
  static constexpr revenge_telemetry kTable{sizeof(revenge_telemetry), 0,
                                            TelemetryTable::open,      TelemetryTable::wait,
                                            TelemetryTable::wake,      TelemetryTable::pending,
                                            TelemetryTable::spans,     TelemetryTable::logs,
                                            TelemetryTable::metrics,   TelemetryTable::close};
  return kTable;
}

}  // namespace revenge::ext
