#include "observe/telemetry.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <pthread.h>
#include <signal.h>

#include "base/host_threads.hpp"

namespace revenge::observe {

// Everything is guarded by Telemetry::mutex_ but `plugin` and `signals`, which never change.
class Telemetry::Feed {
 public:
  Feed(std::string of, Signals wanted, std::size_t most)
      : plugin(std::move(of)), signals(wanted), queue(most) {}

  template <typename Record>
  void offer(std::deque<Record>& to, std::uint64_t& lost, const Record& record) const {
    if (to.size() >= queue) {
      ++lost;
      return;
    }
    to.push_back(record);
  }
  template <typename Record>
  static void take(std::deque<Record>& from, std::size_t max, std::vector<Record>& out) {
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(std::min(max, from.size()));
    out.assign(std::make_move_iterator(from.begin()), std::make_move_iterator(end));
    from.erase(from.begin(), end);
  }
  bool isThere(const Wait& what) const {
    return (what.spans > 0 && spans.size() >= what.spans) || (what.logs > 0 && logs.size() >= what.logs);
  }

  const std::string plugin;
  const Signals signals;
  const std::size_t queue;
  std::deque<SpanRecord> spans;
  std::deque<ToldRecord> logs;
  std::uint64_t lost_spans = 0;
  std::uint64_t lost_logs = 0;
  std::optional<Wait> wait;
  Done done;
  bool woken = false;    // the next wait ends at once
  bool leaving = false;  // each does
};

namespace {

// How long a span may rest in its ring.
constexpr base::Duration kSweep = std::chrono::milliseconds(100);

}  // namespace

Telemetry::Telemetry(std::shared_ptr<Spans> spans, const base::Clock& clock)
    : spans_(std::move(spans)), clock_(clock) {
  spans_->onHalfFull([this] { poke(); });
}

Telemetry::~Telemetry() {
  spans_->want(false);
  spans_->onHalfFull({});
  {
    const std::lock_guard lock(thread_mutex_);
    stop_ = true;
  }
  poked_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<Telemetry::Feed> Telemetry::open(const std::string& plugin, Signals signals,
                                                 std::size_t queue) {
  const std::lock_guard lock(mutex_);
  const auto same = [&](const auto& feed) { return feed->plugin == plugin; };
  if (static_cast<std::size_t>(std::ranges::count_if(feeds_, same)) >= kFeeds) return nullptr;
  auto feed = std::make_shared<Feed>(plugin, signals, std::clamp<std::size_t>(queue, 1, kMaxQueue));
  feeds_.push_back(feed);
  updateWanted();
  return feed;
}

void Telemetry::close(const std::shared_ptr<Feed>& feed) {
  Done done;
  {
    const std::lock_guard collecting(collecting_);
    const std::lock_guard lock(mutex_);
    if (std::erase(feeds_, feed) == 0) return;
    if (feed->wait) done = std::move(feed->done);
    feed->wait.reset();
    if (Feed* const heir = youngest(feed->plugin)) {
      // Its records are older than those the heir has, and go before them as far as there is room.
      const auto inherit = [heir](auto& from, auto& to, std::uint64_t& lost) {
        for (; !from.empty(); from.pop_back()) {
          if (to.size() >= heir->queue) {
            ++lost;
          } else {
            to.push_front(std::move(from.back()));
          }
        }
      };
      if (heir->signals.spans) inherit(feed->spans, heir->spans, heir->lost_spans);
      if (heir->signals.logs) inherit(feed->logs, heir->logs, heir->lost_logs);
    }
    updateWanted();
  }
  if (done) done(Waited::kWoken);
}

Telemetry::Begun Telemetry::wait(const std::shared_ptr<Feed>& feed, Wait what, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (feed->wait) return Begun::kBusy;
    if (feed->leaving || std::exchange(feed->woken, false)) return Begun::kWoken;
    if (feed->isThere(what)) return Begun::kThere;
    feed->wait = what;
    feed->done = std::move(done);
  }
  poke();
  return Begun::kPending;
}

void Telemetry::leave(const std::shared_ptr<Feed>& feed) {
  Done done;
  {
    const std::lock_guard lock(mutex_);
    feed->leaving = true;
    if (feed->wait) done = std::move(feed->done);
    feed->wait.reset();
  }
  if (done) done(Waited::kWoken);
}

void Telemetry::wake(const std::shared_ptr<Feed>& feed) {
  {
    const std::lock_guard lock(mutex_);
    feed->woken = true;
  }
  poke();
}

Telemetry::Pending Telemetry::pending(const Feed& feed) {
  const std::lock_guard lock(mutex_);
  return {feed.spans.size(), feed.logs.size()};
}

void Telemetry::takeSpans(Feed& feed, std::size_t max, SpanBatch& batch) {
  const std::lock_guard lock(mutex_);
  Feed::take(feed.spans, max, batch.spans);
  batch.lost = std::exchange(feed.lost_spans, 0);
  batch.to_wall = clock_.wall().time_since_epoch() - clock_.now().time_since_epoch();
}

void Telemetry::takeLogs(Feed& feed, std::size_t max, LogBatch& batch) {
  const std::lock_guard lock(mutex_);
  Feed::take(feed.logs, max, batch.records);
  batch.lost = std::exchange(feed.lost_logs, 0);
}

void Telemetry::told(const ToldRecord& record) {
  bool there = false;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& feed : feeds_) {
      if (!feed->signals.logs || !isYoungest(*feed)) continue;
      feed->offer(feed->logs, feed->lost_logs, record);
      there = there || (feed->wait && feed->isThere(*feed->wait));
    }
  }
  if (there) poke();
}

base::Instant Telemetry::step() {
  std::vector<Ended> ended;
  base::Instant next = base::Instant::max();
  {
    const std::lock_guard collecting(collecting_);
    spans_->collect([this](const SpanRecord& record) {
      const std::lock_guard lock(mutex_);
      for (const auto& feed : feeds_) {
        if (feed->signals.spans && isYoungest(*feed)) feed->offer(feed->spans, feed->lost_spans, record);
      }
    });
    const std::uint64_t lost = spans_->lost();
    const std::lock_guard lock(mutex_);
    for (const auto& feed : feeds_) {
      if (feed->signals.spans && isYoungest(*feed)) feed->lost_spans += lost - seen_lost_;
    }
    seen_lost_ = lost;
    settle(ended);
    if (spans_->wanted()) next = clock_.now() + kSweep;
    for (const auto& feed : feeds_) {
      if (feed->wait) next = std::min(next, feed->wait->deadline);
    }
  }
  for (const Ended& one : ended) one.done(one.how);
  return next;
}

void Telemetry::settle(std::vector<Ended>& ended) {
  const base::Instant now = clock_.now();
  for (const auto& feed : feeds_) {
    if (!feed->wait) continue;
    Waited how = Waited::kThere;
    if (std::exchange(feed->woken, false)) {
      how = Waited::kWoken;
    } else if (!feed->isThere(*feed->wait)) {
      if (feed->wait->deadline > now) continue;
      how = Waited::kDeadline;
    }
    feed->wait.reset();
    ended.push_back({std::exchange(feed->done, nullptr), how});
  }
}

Telemetry::Feed* Telemetry::youngest(const std::string& plugin) const {
  const auto at = std::ranges::find_if(feeds_.rbegin(), feeds_.rend(),
                                       [&](const auto& feed) { return feed->plugin == plugin; });
  return at == feeds_.rend() ? nullptr : at->get();
}

bool Telemetry::isYoungest(const Feed& feed) const { return youngest(feed.plugin) == &feed; }

void Telemetry::updateWanted() {
  spans_->want(std::ranges::any_of(feeds_, [](const auto& feed) { return feed->signals.spans; }));
  wants_logs_.store(std::ranges::any_of(feeds_, [](const auto& feed) { return feed->signals.logs; }),
                    std::memory_order_relaxed);
}

void Telemetry::start() {
  const std::lock_guard lock(thread_mutex_);
  if (thread_.joinable() || stop_) return;
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "telemetry");
    const base::HostThread known;
    run();
  });
}

void Telemetry::run() {
  while (true) {
    const base::Instant next = step();
    std::unique_lock lock(thread_mutex_);
    const auto due = [this] { return poke_ || stop_; };
    if (next == base::Instant::max()) {
      poked_.wait(lock, due);
    } else {
      poked_.wait_until(lock, next, due);
    }
    if (stop_) return;
    poke_ = false;
  }
}

void Telemetry::poke() {
  {
    const std::lock_guard lock(thread_mutex_);
    poke_ = true;
  }
  poked_.notify_one();
}

}  // namespace revenge::observe
