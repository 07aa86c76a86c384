// What it costs to ask a flag: from a shared object through the boundary, beside the same question to flags::Flags and the
// hash of the same bytes, taken in turn in one run. The flags are counted and the host's own rooms stand behind the table.
// A line of JSON for each pair; values in nanoseconds a question. Usage: bench_flags FOLDER [pairs]
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <fmt/ranges.h>

#include "asker.h"
#include "flags/read.hpp"
#include "rooms/rooms.hpp"

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

// Every allocation of C++ in this process is counted.
void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const made = std::malloc(size)) return made;
  throw std::bad_alloc();
}
void operator delete(void* made) noexcept { std::free(made); }
void operator delete(void* made, std::size_t) noexcept { std::free(made); }

namespace {

using namespace revenge;

constexpr std::uint64_t kTimes = 250'000;  // in a batch
constexpr int kBatches = 16;               // of each kind in a pair, taken in turn; the fastest counts
constexpr std::size_t kUsers = 1024;

constexpr std::string_view kFlags =
    "bucketing: 1\n"
    "flags:\n"
    "  switch: {default: on}\n"
    "  new-player: {percentage: 10}\n";

using Questions = std::function<std::uint64_t()>;

double measure(const Questions& ask) {
  const auto begin = std::chrono::steady_clock::now();
  if (ask() == 0) std::abort();
  const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
  return time.count() / kTimes;
}

void say(const char* name, double value, double reference) {
  fmt::print("{{\"name\": \"{}\", \"value\": {:.3f}, \"reference_value\": {:.3f}}}\n", name, value,
             reference);
}

// Other work on the machine only ever adds time, so the fastest batch of each kind is the one to compare.
void pair(const char* name, const Questions& subject, const Questions& reference) {
  double value = std::numeric_limits<double>::max();
  double bare = value;
  for (int i = 0; i < kBatches; ++i) {
    bare = std::min(bare, measure(reference));
    value = std::min(value, measure(subject));
  }
  say(name, value, bare);
}

class Asking {
 public:
  explicit Asking(bench::Rooms& rooms) : rooms_(rooms) {
    auto read = flags::readDefinitions(kFlags, "flags.yaml");
    if (!read) throw std::runtime_error(fmt::format("{}", fmt::join(read.error(), "\n")));
    (void)rooms.flags.publish(std::move(*read));
    host_.id = "asker";
    host_.version = "1.0.0";
    host_.instance = rooms.domain.instances().open().value();
    host_.capabilities = &rooms.bundle;
    host_.context = rooms.bundle.open(host_);
    for (std::size_t i = 0; i < kUsers; ++i) names_.push_back(fmt::format("user-{}", 100'000 + i));
    for (const std::string& name : names_) users_.push_back({name.data(), name.size()});
    void* const library = dlopen(BENCH_ASKER, RTLD_NOW | RTLD_LOCAL);
    void* const found = library == nullptr ? nullptr : dlsym(library, "bench_ask");
    if (found == nullptr) throw std::runtime_error(dlerror());
    ask_ = reinterpret_cast<decltype(&bench_ask)>(found);
  }

  Questions throughTheBoundary(std::string_view key) {
    const auto& table = ext::FlagsAdapter::table();
    revenge_handle flag = 0;
    if (table.find(&host_, {key.data(), key.size()}, &flag, nullptr) != REVENGE_OK)
      throw std::runtime_error("no handle of the flag");
    return [this, &table, flag] { return ask_(&table, &host_, flag, users_.data(), users_.size(), kTimes); };
  }
  Questions directly(std::string_view key) {
    return [this, id = rooms_.flags.id(key).value()] {
      std::uint64_t on = 0;
      for (std::uint64_t i = 0; i < kTimes; ++i)
        on += rooms_.flags.enabled(id, {names_[i % kUsers]}, false) ? 1 : 0;
      return on;
    };
  }
  Questions hashing(std::string_view key) {
    std::vector<std::string> texts;
    for (const std::string& name : names_) texts.push_back(std::string(key) + name);
    return [texts = std::move(texts)] {
      std::uint64_t sum = 0;
      for (std::uint64_t i = 0; i < kTimes; ++i) sum += flags::murmur3(texts[i % kUsers]);
      return sum;
    };
  }

 private:
  bench::Rooms& rooms_;
  revenge_host host_;
  std::vector<std::string> names_;
  std::vector<revenge_view> users_;
  decltype(&bench_ask) ask_ = nullptr;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const std::filesystem::path folder = arguments[1];
  const int pairs = count > 2 ? std::atoi(arguments[2]) : 11;
  std::filesystem::create_directories(folder / "packages");
  bench::Rooms rooms(folder, folder / "packages");
  Asking asking(rooms);
  const Questions boolean = asking.throughTheBoundary("switch");
  const Questions percentage = asking.throughTheBoundary("new-player");
  const Questions direct_boolean = asking.directly("switch");
  const Questions direct_percentage = asking.directly("new-player");
  const Questions hash = asking.hashing("new-player");
  for (int i = 0; i < pairs; ++i) {
    pair("boolean, through the boundary", boolean, direct_boolean);
    pair("percentage, through the boundary", percentage, direct_percentage);
    pair("percentage against its hash", percentage, hash);
    const std::uint64_t before = allocations.load();
    (void)boolean();
    (void)percentage();
    fmt::print("{{\"name\": \"allocations of 500 000 questions\", \"value\": {}, \"unit\": \"count\"}}\n",
               allocations.load() - before);
  }
  return 0;
}
