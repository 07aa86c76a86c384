// The fake of revenge.telemetry/1: feeds that tell what the test says. Tests reach it through FakeHost::telemetry().
//
//   host.telemetry().tellSpan("GET /films");
//   host.telemetry().tellRecord(REVENGE_LOG_WARN, "the disk is full");
//   host.telemetry().setMetric("films", 3);
//
// What is told goes to each feed that is open; a wait whose number is reached ends at once, its deadline when the clock is
// advanced. Safe from any thread, as far as the table itself is.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <revenge/abi/metrics.h>
#include <revenge/telemetry.hpp>
#include <revenge/testing/fake_core.hpp>

namespace revenge::testing {

class FakeTelemetry {
 public:
  FakeTelemetry(const FakeClock& clock, FakeTimers& timers) : clock_(&clock), timers_(&timers) {}

  void tellSpan(const std::string& name) {
    tell([&](Feed& feed) { feed.push(feed.spans, name, REVENGE_TELEMETRY_SPANS); });
  }
  void tellRecord(std::uint32_t level, const std::string& message) {
    tell([&](Feed& feed) { feed.push(feed.records, Record{level, message}, REVENGE_TELEMETRY_LOGS); });
  }
  void setMetric(const std::string& name, double value) {
    const std::lock_guard lock(mutex_);
    metrics_[name] = value;
  }
  // Feeds that nobody has closed.
  std::size_t open() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count(feeds_, false, &Feed::closed));
  }

  // The instance leaves: its waits end, and those to come too.
  void leave(const Seat& seat) {
    for (Feed* feed : of(seat)) end(*feed, REVENGE_CANCELLED, [](Feed& each) { each.left = true; });
  }
  void withdraw(const Seat& seat) {
    for (Feed* feed : of(seat)) end(*feed, REVENGE_CANCELLED, [](Feed& each) { each.closed = true; });
  }

  // The table's side.

  revenge_status open(Seat& seat, const revenge_telemetry_feed& wanted, revenge_handle& handle,
                      revenge_error* error) {
    constexpr std::size_t kMost = 2;
    constexpr std::size_t kQueue = 2048;
    const std::lock_guard lock(mutex_);
    if (std::ranges::count(feeds_, false, &Feed::closed) >= static_cast<std::ptrdiff_t>(kMost))
      return boundary::write(error, "the plugin has two feeds already"), REVENGE_LIMIT;
    Feed& feed = feeds_.emplace_back();
    feed.owner = this;
    feed.seat = &seat;
    feed.signals = wanted.signals;
    feed.queue = wanted.queue == 0 ? kQueue : wanted.queue;
    handle = feeds_.size();
    return REVENGE_OK;
  }
  revenge_status wait(revenge_handle handle, const revenge_telemetry_wait& what,
                      const revenge_completion& done) {
    const std::lock_guard lock(mutex_);
    Feed* feed = find(handle);
    if (feed == nullptr) return REVENGE_GONE;
    if (feed->waiting) return REVENGE_BUSY;
    feed->what = what;
    if (std::exchange(feed->woken, false) || feed->left) return REVENGE_CANCELLED;
    if (feed->reached()) return REVENGE_OK;
    if (what.deadline_ns != 0 && clock_->ns() >= what.deadline_ns) return REVENGE_TIMED_OUT;
    feed->waiting = done;
    if (what.deadline_ns != 0) startTimer(*feed);
    return REVENGE_PENDING;
  }
  revenge_status wake(revenge_handle handle) {
    Feed* feed = found(handle);
    if (feed == nullptr) return REVENGE_GONE;
    if (!end(*feed, REVENGE_CANCELLED, [](Feed&) {})) {
      const std::lock_guard lock(mutex_);
      feed->woken = true;
    }
    return REVENGE_OK;
  }
  revenge_status pending(revenge_handle handle, revenge_telemetry_pending& pending) const {
    const std::lock_guard lock(mutex_);
    const Feed* feed = find(handle);
    if (feed == nullptr) return REVENGE_GONE;
    pending.spans = feed->spans.size();
    pending.logs = feed->records.size();
    return REVENGE_OK;
  }
  revenge_status spans(revenge_handle handle, std::uint64_t max, revenge_span_batch& batch) {
    const std::lock_guard lock(mutex_);
    Feed* feed = find(handle);
    if (feed == nullptr) return REVENGE_GONE;
    feed->shownSpans = feed->take(feed->spans, max);
    feed->rawSpans.clear();
    std::uint64_t number = 0;
    for (const std::string& name : feed->shownSpans) {
      auto raw = boundary::sized<revenge_finished_span>();
      raw.trace_id_low = raw.span_id = ++number;
      raw.ended_unix_ns = clock_->ns();
      raw.name = boundary::view(name);
      feed->rawSpans.push_back(raw);
    }
    batch.spans = feed->rawSpans.data();
    batch.span_count = feed->rawSpans.size();
    batch.lost = std::exchange(feed->lostSpans, 0U);
    return REVENGE_OK;
  }
  revenge_status logs(revenge_handle handle, std::uint64_t max, revenge_log_batch& batch) {
    const std::lock_guard lock(mutex_);
    Feed* feed = find(handle);
    if (feed == nullptr) return REVENGE_GONE;
    feed->shownRecords = feed->take(feed->records, max);
    feed->rawRecords.clear();
    for (const Record& record : feed->shownRecords) {
      auto raw = boundary::sized<revenge_told_record>();
      raw.level = record.level;
      raw.at_unix_ns = clock_->ns();
      raw.message = boundary::view(record.message);
      feed->rawRecords.push_back(raw);
    }
    batch.records = feed->rawRecords.data();
    batch.record_count = feed->rawRecords.size();
    batch.lost = std::exchange(feed->lostRecords, 0U);
    return REVENGE_OK;
  }
  revenge_status metrics(revenge_handle handle, revenge_metric_batch& batch) {
    const std::lock_guard lock(mutex_);
    Feed* feed = find(handle);
    if (feed == nullptr) return REVENGE_GONE;
    feed->shownMetrics = metrics_;
    feed->rawSeries.clear();
    feed->rawFamilies.clear();
    feed->rawSeries.reserve(feed->shownMetrics.size());  // families point into it
    for (const auto& [name, value] : feed->shownMetrics) {
      auto series = boundary::sized<revenge_told_series>();
      series.value = value;
      feed->rawSeries.push_back(series);
      auto family = boundary::sized<revenge_told_family>();
      family.type = REVENGE_METRIC_GAUGE;
      family.name = boundary::view(name);
      family.series = &feed->rawSeries.back();
      family.series_count = 1;
      feed->rawFamilies.push_back(family);
    }
    batch.at_unix_ns = clock_->ns();
    batch.families = feed->rawFamilies.data();
    batch.family_count = feed->rawFamilies.size();
    return REVENGE_OK;
  }
  revenge_status close(revenge_handle handle) {
    Feed* feed = found(handle);
    if (feed == nullptr) return REVENGE_GONE;
    end(*feed, REVENGE_CANCELLED, [](Feed& each) { each.closed = true; });
    return REVENGE_OK;
  }

 private:
  struct Record {
    std::uint32_t level;
    std::string message;
  };
  struct Feed {
    FakeTelemetry* owner = nullptr;
    Seat* seat = nullptr;
    std::uint32_t signals = 0;
    std::size_t queue = 0;
    std::deque<std::string> spans;
    std::deque<Record> records;
    std::uint64_t lostSpans = 0, lostRecords = 0;
    revenge_telemetry_wait what{};
    std::optional<revenge_completion> waiting;
    revenge_handle timer = 0;
    bool woken = false, left = false, closed = false;
    // What the last batches show.
    std::vector<std::string> shownSpans;
    std::vector<Record> shownRecords;
    std::map<std::string, double> shownMetrics;
    std::vector<revenge_finished_span> rawSpans;
    std::vector<revenge_told_record> rawRecords;
    std::vector<revenge_told_series> rawSeries;
    std::vector<revenge_told_family> rawFamilies;

    template <class Item>
    void push(std::deque<Item>& to, Item item, std::uint32_t signal) {
      if ((signals & signal) == 0) return;
      if (to.size() < queue) return to.push_back(std::move(item));
      ++(signal == REVENGE_TELEMETRY_SPANS ? lostSpans : lostRecords);
    }
    template <class Item>
    static std::vector<Item> take(std::deque<Item>& from, std::uint64_t max) {
      const auto count = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(from.size(), max));
      std::vector<Item> taken(from.begin(), from.begin() + count);
      from.erase(from.begin(), from.begin() + count);
      return taken;
    }
    bool reached() const {
      return (what.spans != 0 && spans.size() >= what.spans) ||
             (what.logs != 0 && records.size() >= what.logs);
    }
  };

  const Feed* find(revenge_handle handle) const {
    return handle == 0 || handle > feeds_.size() || feeds_[handle - 1].closed ? nullptr : &feeds_[handle - 1];
  }
  Feed* find(revenge_handle handle) { return const_cast<Feed*>(std::as_const(*this).find(handle)); }
  Feed* found(revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    return find(handle);
  }
  std::vector<Feed*> of(const Seat& seat) {
    const std::lock_guard lock(mutex_);
    std::vector<Feed*> found;
    for (Feed& feed : feeds_)
      if (feed.seat == &seat && !feed.closed) found.push_back(&feed);
    return found;
  }

  template <class Change>
  void tell(const Change& change) {
    std::vector<Feed*> reached;
    {
      const std::lock_guard lock(mutex_);
      for (Feed& feed : feeds_) {
        if (feed.closed) continue;
        change(feed);
        if (feed.waiting && feed.reached()) reached.push_back(&feed);
      }
    }
    for (Feed* feed : reached) end(*feed, REVENGE_OK, [](Feed&) {});
  }

  // Ends the wait in progress, outside of the lock; whether there was one.
  template <class Change>
  bool end(Feed& feed, revenge_status status, const Change& change) {
    std::optional<revenge_completion> done;
    revenge_handle timer = 0;
    {
      const std::lock_guard lock(mutex_);
      change(feed);
      done = std::exchange(feed.waiting, std::nullopt);
      timer = std::exchange(feed.timer, 0U);
    }
    if (timer != 0) static_cast<void>(timers_->cancel(timer));
    if (done) done->complete(done->context, status, {}, nullptr);
    return done.has_value();
  }
  void startTimer(Feed& feed) {
    auto job = boundary::sized<revenge_job>();
    job.context = &feed;
    job.run = [](void* context, const revenge_call*) {
      auto& due = *static_cast<Feed*>(context);
      due.owner->end(due, REVENGE_TIMED_OUT, [](Feed& each) { each.timer = 0; });
    };
    feed.timer = timers_->start(*feed.seat, feed.what.deadline_ns - clock_->ns(), 0, job);
  }

  const FakeClock* clock_;
  FakeTimers* timers_;
  mutable std::mutex mutex_;
  std::deque<Feed> feeds_;  // never shrinks: a handle is an index + 1
  std::map<std::string, double> metrics_;
};

}  // namespace revenge::testing
