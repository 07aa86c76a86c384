#include "observe/crash_steps.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace revenge::observe {

namespace {

constexpr std::size_t kSlots = 64;

template <std::size_t N>
void put(std::array<char, N>& out, std::string_view text) {
  out.fill('\0');
  std::ranges::copy(text.substr(0, N - 1), out.begin());
}

template <std::size_t N>
std::string got(const std::array<char, N>& in) {
  return {in.data(), ::strnlen(in.data(), N)};
}

}  // namespace

struct CrashSteps::Step::Slot {
  enum State : std::uint32_t { kFree = 0, kTaken = 1, kRuns = 2 };
  std::atomic<std::uint32_t> state;
  std::array<char, 68> id;
  std::array<char, 48> version;
  std::array<char, 68> sha256;
  std::array<char, 64> what;
};

struct CrashSteps::Memory {
  std::array<Step::Slot, kSlots> slots;
};

base::Result<CrashSteps> CrashSteps::open(const std::filesystem::path& file) {
  const int opened = ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  // Written rather than made sparse: a disk that is full is told now, not by a signal at the first step.
  const Memory empty{};
  const bool sized =
      opened >= 0 && ::write(opened, &empty, sizeof empty) == static_cast<ssize_t>(sizeof empty);
  void* const mapped =
      sized ? ::mmap(nullptr, sizeof(Memory), PROT_READ | PROT_WRITE, MAP_SHARED, opened, 0) : MAP_FAILED;
  const int reason = errno;
  if (opened >= 0) ::close(opened);
  if (mapped == MAP_FAILED)
    return base::fail(base::Errc::kIo, "{}: {}", file.string(), base::errnoText(reason));
  return CrashSteps(static_cast<Memory*>(mapped));
}

CrashSteps::~CrashSteps() {
  if (memory_ != nullptr) ::munmap(memory_, sizeof(Memory));
}

CrashSteps::Step CrashSteps::begin(const PluginBuild& plugin, std::string_view what) {
  for (Step::Slot& slot : memory_->slots) {
    std::uint32_t free = Step::Slot::kFree;
    if (!slot.state.compare_exchange_strong(free, Step::Slot::kTaken)) continue;
    put(slot.id, plugin.id);
    put(slot.version, plugin.version);
    put(slot.sha256, plugin.sha256);
    put(slot.what, what);
    slot.state.store(Step::Slot::kRuns, std::memory_order_release);
    return Step(&slot);
  }
  return Step(nullptr);
}

CrashSteps::Step::~Step() {
  if (slot_ != nullptr) slot_->state.store(Slot::kFree, std::memory_order_release);
}

std::vector<CrashSteps::Left> CrashSteps::left(const std::filesystem::path& file) {
  std::vector<Left> found;
  Memory memory{};
  std::ifstream in(file, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(&memory), sizeof memory)) return found;
  for (const Step::Slot& slot : memory.slots)
    if (slot.state.load() == Step::Slot::kRuns)
      found.push_back({{got(slot.id), got(slot.version), got(slot.sha256)}, got(slot.what)});
  return found;
}

}  // namespace revenge::observe
