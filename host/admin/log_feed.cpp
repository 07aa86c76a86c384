#include "admin/log_feed.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "observe/log_format.hpp"

namespace revenge::admin {

namespace {

constexpr std::size_t kMaxWaiting = 1000;  // lines of one reader
constexpr std::string_view kOfPlugin = "plugin/";

bool wanted(const LogFilter& filter, const observe::LogRecord& record) {
  if (record.level < filter.level) return false;
  if (!filter.request.empty() && record.request != filter.request) return false;
  if (!filter.plugin.empty() && (!record.component.starts_with(kOfPlugin) ||
                                 record.component.substr(kOfPlugin.size()) != filter.plugin))
    return false;
  if (filter.trace.empty()) return true;
  return filter.trace == fmt::format("{:016x}{:016x}", record.trace.trace_id_high, record.trace.trace_id_low);
}

}  // namespace

struct LogFeed::Reader::Queue {
  const LogFilter filter;
  const std::function<void()> wake;
  std::mutex mutex = {};
  std::deque<std::string> lines = {};  // guarded by mutex
  std::uint64_t missed = 0;            // guarded by mutex
  bool waiting = false;                // guarded by mutex; wants a wake for the next line

  // Whether it waits for one.
  bool add(const std::string& line) {
    const std::lock_guard lock(mutex);
    if (lines.size() == kMaxWaiting) {
      lines.pop_front();
      ++missed;
    }
    lines.push_back(line);
    return std::exchange(waiting, false);
  }
};

LogFeed::LogFeed(observe::LogOutput& output, std::shared_ptr<base::Executor> worker)
    : output_(output), worker_(std::move(worker)) {
  output_.attach(*this);
}

LogFeed::~LogFeed() { output_.detach(*this); }

std::unique_ptr<LogFeed::Reader> LogFeed::open(LogFilter filter, std::function<void()> wake) {
  auto queue = std::make_shared<Reader::Queue>(std::move(filter), std::move(wake));
  const std::lock_guard lock(mutex_);
  queues_.push_back(queue);
  readers_.store(queues_.size(), std::memory_order_relaxed);
  return std::unique_ptr<Reader>(new Reader(*this, std::move(queue)));
}

LogFeed::Reader::~Reader() {
  const std::lock_guard lock(feed_.mutex_);
  std::erase(feed_.queues_, queue_);
  feed_.readers_.store(feed_.queues_.size(), std::memory_order_relaxed);
}

LogFeed::Lines LogFeed::Reader::read(std::size_t max) {
  Lines batch;
  const std::lock_guard lock(queue_->mutex);
  batch.missed = std::exchange(queue_->missed, 0);
  for (; batch.lines.size() < max && !queue_->lines.empty(); queue_->lines.pop_front())
    batch.lines.push_back(std::move(queue_->lines.front()));
  queue_->waiting = batch.lines.size() < max;
  return batch;
}

void LogFeed::record(const observe::LogRecord& record) noexcept {
  if (readers_.load(std::memory_order_relaxed) == 0) return;
  std::optional<std::string> line;
  std::vector<std::shared_ptr<Reader::Queue>> waking;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& queue : queues_) {
      if (!wanted(queue->filter, record)) continue;
      if (!line) observe::appendJson(line.emplace(), record);
      if (queue->add(*line)) waking.push_back(queue);
    }
  }
  for (const auto& queue : waking) {
    if (worker_->submit([queue] { queue->wake(); }) == base::Submitted::kTaken) continue;
    const std::lock_guard lock(queue->mutex);
    queue->waiting = true;  // no worker now: the next line wakes it
  }
}

}  // namespace revenge::admin
