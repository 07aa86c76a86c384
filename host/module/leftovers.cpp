#include "module/leftovers.hpp"

#include <array>
#include <charconv>
#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <new>
#include <optional>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>

#include "module/descriptor.hpp"

namespace revenge::module {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxStackScan = std::size_t{1} << 20;

std::string firstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Where a sleeping thread's stack ends downwards; empty while it runs.
std::optional<std::uintptr_t> stackPointer(pid_t thread) {
  std::istringstream line(firstLine(fmt::format("/proc/self/task/{}/syscall", thread)));
  std::vector<std::string> words;
  for (std::string word; line >> word;) words.push_back(word);
  if (words.size() < 3) return std::nullopt;  // "running"
  const auto& text = words[words.size() - 2];
  std::uintptr_t value = 0;
  if (!text.starts_with("0x")) return std::nullopt;
  std::from_chars(text.data() + 2, text.data() + text.size(), value, 16);
  return value;
}

std::uintptr_t endOfMapping(std::uintptr_t address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    const auto dash = line.find('-');
    std::from_chars(line.data(), line.data() + dash, begin, 16);
    std::from_chars(line.data() + dash + 1, line.data() + line.size(), end, 16);
    if (address >= begin && address < end) return end;
  }
  return address;
}

// Whether the used part of the stack holds an address of the image: a return address, or the function the thread began
// with, which glibc keeps above the first frame. Read through the kernel, because the thread may end meanwhile.
bool stackRefersTo(std::uintptr_t pointer, const AddressRange& image) {
  const auto size = std::min(endOfMapping(pointer) - pointer, kMaxStackScan);
  const Descriptor memory(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  std::array<std::uintptr_t, 512> words{};
  for (std::size_t at = 0; at < size; at += sizeof(words)) {
    const auto got = ::pread(memory.get(), words.data(), std::min(sizeof(words), size - at),
                             static_cast<off_t>(pointer + at));
    if (got <= 0) return false;
    const auto count = static_cast<std::size_t>(got) / sizeof(std::uintptr_t);
    for (std::size_t i = 0; i < count; ++i) {
      if (image.contains(words[i])) return true;
    }
  }
  return false;
}

std::optional<std::string> judgeThread(pid_t thread, const AddressRange& image, bool isNew) {
  const auto name = firstLine(fmt::format("/proc/self/task/{}/comm", thread));
  // A thread that runs has no stack to look at; most wait for something a moment later.
  auto pointer = stackPointer(thread);
  for (int tries = 0; !pointer && tries < 10; ++tries) {
    ::poll(nullptr, 0, 1);
    pointer = stackPointer(thread);
  }
  if (pointer) {
    if (!stackRefersTo(*pointer & ~std::uintptr_t{7}, image)) return std::nullopt;
    return fmt::format("thread {} ('{}'), which the host did not start, runs its code", thread, name);
  }
  const bool ended = ::access(fmt::format("/proc/self/task/{}", thread).c_str(), F_OK) != 0;
  if (!isNew || ended) return std::nullopt;
  return fmt::format("thread {} ('{}'), which the host did not start, runs something unknown", thread, name);
}

template <typename Function>
std::uintptr_t addressOf(Function function) {
  return reinterpret_cast<std::uintptr_t>(function);
}

}  // namespace

std::set<pid_t> threadsOfThisProcess() {
  std::set<pid_t> threads;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc/self/task", ignored)) {
    const auto name = entry.path().filename().string();
    pid_t id = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), id).ec == std::errc()) threads.insert(id);
  }
  return threads;
}

std::vector<std::string> findLeftovers(const AddressRange& image, const std::set<pid_t>& before,
                                       const KnowsThread& knows) {
  std::vector<std::string> found;
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction current{};
    if (::sigaction(number, nullptr, &current) != 0) continue;
    const auto handler = (current.sa_flags & SA_SIGINFO) != 0 ? addressOf(current.sa_sigaction)
                                                              : addressOf(current.sa_handler);
    if (!image.contains(handler)) continue;
    const char* name = ::sigabbrev_np(number);
    found.push_back(name != nullptr ? fmt::format("it handles signal SIG{}", name)
                                    : fmt::format("it handles signal {}", number));
  }
  if (image.contains(addressOf(std::get_terminate()))) found.emplace_back("it set std::terminate's handler");
  if (image.contains(addressOf(std::get_new_handler()))) found.emplace_back("it set operator new's handler");
  const auto self = ::gettid();
  for (const auto thread : threadsOfThisProcess()) {
    if (thread == self || (knows && knows(thread))) continue;
    if (auto line = judgeThread(thread, image, !before.contains(thread))) found.push_back(std::move(*line));
  }
  return found;
}

}  // namespace revenge::module
