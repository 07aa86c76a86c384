#include "revenge-check/recorder.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "revenge-check/failing_allocation.hpp"

namespace revenge::check {
namespace {

using namespace std::chrono_literals;
using testing::Callback;

// Shorter limits than this would accuse a slow machine.
constexpr std::chrono::nanoseconds kShortestLimit = sanitized() ? 6s : 3s;
constexpr std::chrono::nanoseconds kOtherLimit = 10s;

std::chrono::nanoseconds threadCpu() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// How often the thread gave its processor away because it had to wait.
long waits() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

// Of this thread, since it began.
std::chrono::nanoseconds waitForProcessor() {
  std::ifstream file("/proc/thread-self/schedstat");
  std::int64_t ran = 0;
  std::int64_t waited = 0;
  file >> ran >> waited;
  return std::chrono::nanoseconds(waited);
}

struct Since {
  std::chrono::steady_clock::time_point began;
  std::chrono::nanoseconds cpu;
  long waits;
};

Since now() { return {std::chrono::steady_clock::now(), threadCpu(), waits()}; }

Spent spentSince(const Since& since) {
  const auto until = now();
  Spent spent;
  spent.total = until.began - since.began;
  // A busy machine is not the plugin's doing.
  if (spent.total > 100ms) spent.total = std::max(until.cpu - since.cpu, spent.total - waitForProcessor());
  if (until.waits != since.waits)
    spent.waited = std::max(spent.total - (until.cpu - since.cpu), std::chrono::nanoseconds(0));
  return spent;
}

thread_local std::vector<Since> entries;

// What may be called in a loop, and leaves nothing behind.
bool isCheap(std::string_view function) {
  // Of who waits for spans the time stands still in this host: each wait is over at once.
  return function == "call.check" || function == "metrics.add" || function == "metrics.set" ||
         function == "telemetry.wait";
}

// What floods its host would fill the machine before the row's deadline.
[[noreturn]] void endFlood(Journal& journal, std::string_view function, std::uint64_t most) {
  journal.found(fmt::format("{} is called more than {} times in one life", function, most));
  journal.finished();
  ::_exit(0);
}

}  // namespace

std::chrono::nanoseconds Recorder::limitOf(Callback callback, std::chrono::nanoseconds own) const {
  const auto& timeouts = work_->package.manifest->timeouts;
  const auto limit = [&]() -> std::chrono::nanoseconds {
    switch (callback) {
      case Callback::kCreate:
      case Callback::kRestore:
      case Callback::kStart:
        return timeouts.start;
      case Callback::kStop:
      case Callback::kDestroy:
      case Callback::kThreadsEnd:
        return timeouts.stop;
      case Callback::kHealth:
        return timeouts.health;
      case Callback::kPrepare:
      case Callback::kCommit:
      case Callback::kAbort:
      case Callback::kSave:
      case Callback::kResume:
        return timeouts.call;
      case Callback::kThread:
        return {};
      default:
        return own.count() > 0 ? std::min(own, kOtherLimit) : kOtherLimit;
    }
  }();
  return limit.count() == 0 ? limit : std::max(limit, kShortestLimit);
}

void Recorder::entered(Callback callback, std::string_view what, std::chrono::nanoseconds limit) {
  std::string phase(what);
  {
    const std::lock_guard lock(mutex_);
    phase += circumstance_;
  }
  // A thread of the plugin lives on by itself: it is nothing that somebody waits for.
  if (callback != Callback::kThread) work_->journal.entered(phase, limitOf(callback, limit));
  entries.push_back(now());
  allocation::enterPlugin();
}

void Recorder::left(Callback callback, std::string_view what, const std::string* threw) {
  allocation::leavePlugin();
  const auto spent = spentSince(entries.back());
  entries.pop_back();
  if (callback != Callback::kThread) work_->journal.left();
  const std::lock_guard lock(mutex_);
  if (threw != nullptr)
    work_->journal.found(fmt::format("an exception left {}{}: {}", what, circumstance_, *threw));
  auto& measured = measured_[std::string(what)];
  ++measured.times;
  measured.longest.total = std::max(measured.longest.total, spent.total);
  measured.longest.waited = std::max(measured.longest.waited, spent.waited);
}

void Recorder::called(std::string_view function) {
  if (function == "service.leave") allocation::leaveHost();
  allocation::enterHost();
  work_->journal.called(function);
  if (const auto most = most_.load(); most != 0 && !isCheap(function)) {
    const std::lock_guard lock(mutex_);
    auto known = calls_.find(function);
    if (known == calls_.end()) known = calls_.emplace(function, 0).first;
    if (++known->second > most) endFlood(work_->journal, function, most);
  }
  if (!destroyed_) return;
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(late_, function) == late_.end()) late_.emplace_back(function);
}

void Recorder::returned(std::string_view function, revenge_status status) {
  allocation::leaveHost();
  // What is called behind it is the provider's code.
  if (status == REVENGE_OK && (function == "service.enter" || function == "service.lease_enter"))
    allocation::enterHost();
  if (!judging_) return;
  if (function == "http.respond" && status == REVENGE_EXISTS)
    work_->journal.found("a request is answered more than once");
  if (function == "http.drop" && status == REVENGE_OK)
    work_->journal.found("a request is dropped unanswered (http.drop): its client reads a bare 500");
}

void Recorder::misused(std::string_view function, std::string_view how) {
  if (judging_use_) work_->journal.found(fmt::format("{} is called wrongly: {}", function, how));
}

void Recorder::during(std::string circumstance) {
  const std::lock_guard lock(mutex_);
  circumstance_ = circumstance.empty() ? "" : ", while " + std::move(circumstance);
}

std::vector<std::string> Recorder::calledLate() const {
  const std::lock_guard lock(mutex_);
  return late_;
}

std::map<std::string, Recorder::Measured> Recorder::measured() const {
  const std::lock_guard lock(mutex_);
  return measured_;
}

void Recorder::forget() {
  const std::lock_guard lock(mutex_);
  measured_.clear();
}

}  // namespace revenge::check
