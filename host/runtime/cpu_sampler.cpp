#include "runtime/cpu_sampler.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <string_view>
#include <unordered_map>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/host_threads.hpp"
#include "base/unique_fd.hpp"
#include "runtime/named_thread.hpp"

namespace revenge::runtime {

namespace {

using base::Duration;
using std::chrono::milliseconds;

constexpr Duration kPeriod = milliseconds(10);
constexpr Duration kIdlePeriod = milliseconds(100);
constexpr Duration kIdleCpu = std::chrono::microseconds(200);  // of the process, between two looks

// The kernel's number of a thread's CPU clock; works without the thread's pthread_t, which may be gone.
clockid_t cpuClockOf(pid_t thread) {
  return static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3U) | 6U);
}

Duration read(clockid_t clock) {
  timespec now{};
  if (::clock_gettime(clock, &now) != 0) return Duration::zero();
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// On a processor, or waiting for one.
bool isRunning(pid_t thread) {
  std::array<char, 64> path{};
  *fmt::format_to_n(path.data(), path.size() - 1, "/proc/self/task/{}/stat", thread).out = '\0';
  const base::UniqueFd file(::open(path.data(), O_RDONLY | O_CLOEXEC));
  if (!file) return false;
  std::array<char, 64> text{};  // number, (name of at most 15 bytes), state
  const auto size = ::read(file.get(), text.data(), text.size());
  const std::string_view line(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::size_t name_end = line.rfind(") ");
  return name_end != std::string_view::npos && line.substr(name_end + 2).starts_with('R');
}

class Samples {
 public:
  explicit Samples(const CpuSampler::Spent& spent) : spent_(spent) {}

  void look() {
    ++round_;
    base::forEachHostThread([this](pid_t thread, base::PluginMark mark) {
      if (thread != own_) look(thread, mark);
    });
    // A thread that has ended: what it used last is the host's.
    std::erase_if(threads_, [this](const auto& thread) {
      if (thread.second.round == round_) return false;
      spent_(base::PluginMark::kHost, thread.second.pending);
      return true;
    });
  }

 private:
  struct Thread {
    Duration used{};     // its clock, at the last look
    Duration pending{};  // since it was last met running
    std::uint64_t round = 0;
  };

  void look(pid_t id, base::PluginMark mark) {
    Thread& thread = threads_[id];
    const Duration used = read(cpuClockOf(id));
    const Duration since = used - thread.used;
    thread.round = round_;
    if (since <= Duration::zero()) return;
    thread.used = used;
    thread.pending += since;
    if (!isRunning(id)) return;
    spent_(mark, thread.pending);
    thread.pending = {};
  }

  const CpuSampler::Spent& spent_;
  const pid_t own_ = ::gettid();
  std::uint64_t round_ = 0;
  std::unordered_map<pid_t, Thread> threads_;
};

}  // namespace

base::Result<std::unique_ptr<CpuSampler>> CpuSampler::start(Spent spent) {
  std::unique_ptr<CpuSampler> made(new CpuSampler(std::move(spent)));
  auto thread = startThread("cpu-sampler", [self = made.get()] { self->run(); });
  if (!thread) return std::unexpected(thread.error());
  made->thread_ = std::move(*thread);
  return made;
}

CpuSampler::~CpuSampler() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CpuSampler::run() {
  Samples samples(spent_);
  Duration before{};
  std::unique_lock lock(mutex_);
  for (Duration period = kPeriod; !changed_.wait_for(lock, period, [this] { return stop_; });) {
    const Duration used = read(CLOCK_PROCESS_CPUTIME_ID);
    const bool idle = used - before < kIdleCpu;
    before = used;
    period = idle ? kIdlePeriod : kPeriod;
    lock.unlock();
    if (!idle) samples.look();
    lock.lock();
  }
}

}  // namespace revenge::runtime
