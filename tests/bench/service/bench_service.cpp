// What the swap-safe call costs: pairs of (subject, bare C pointer call into the same shared object), measured one
// after the other in one run. A line of JSON for each pair; values in nanoseconds a call.
// Usage: bench_service [pairs]
#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <fmt/core.h>

#include "interface.h"
#include "service/domain.hpp"

namespace {

using namespace revenge::service;

constexpr std::uint64_t kCalls = 250'000;  // in a batch
constexpr int kBatches = 16;               // of each kind in a pair, taken in turn; the fastest counts

template <typename Function>
Function symbol(const char* library, const char* name) {
  void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  void* found = handle == nullptr ? nullptr : dlsym(handle, name);
  if (found == nullptr) throw std::runtime_error(dlerror());
  return reinterpret_cast<Function>(found);
}

// The host's side of revenge.service/1, as an adapter of the boundary writes it.
struct Host {
  Generations& generations;
  InstanceRef instance;
};
Host& hostOf(const revenge_host* host) { return *reinterpret_cast<Host*>(const_cast<revenge_host*>(host)); }

void fill(revenge_entry& entry, const revenge_call& call, const Host& from,
          const HostProtocol::Target& target) {
  entry.table = target.table;
  entry.self = target.self;
  entry.call = call;
  entry.call.depth = call.depth + 1;
  entry.call.caller = from.instance.bits();
  entry.held[0] = target.provider;
}

// Has the arguments of enterSlot, so that the way here is a jump.
[[gnu::noinline]] revenge_status enterSlowly(const revenge_host* host, const revenge_call* call,
                                             revenge_handle slot, revenge_entry* entry, revenge_error*,
                                             HostProtocol::Attempt attempt) {
  const Host& from = hostOf(host);
  const auto target =
      from.generations.enter(SlotRef::fromBits(slot), attempt, static_cast<std::uint32_t>(entry->held[0]));
  if (target.table == nullptr) return REVENGE_UNAVAILABLE;
  fill(*entry, *call, from, target);
  return REVENGE_OK;
}

revenge_status enterSlot(const revenge_host* host, const revenge_call* call, revenge_handle slot,
                         revenge_entry* entry, revenge_error* error) {
  const Host& from = hostOf(host);
  const SlotRef ref = SlotRef::fromBits(slot);
  if (call->depth >= REVENGE_MAX_DEPTH || ref.consumer != from.instance.index) [[unlikely]] {
    return REVENGE_REFUSED;
  }
  HostProtocol::Target target;
  const auto attempt = from.generations.tryEnter(ref, target);
  if (attempt != HostProtocol::Attempt::kEntered) [[unlikely]] {
    entry->held[0] = target.provider;
    return enterSlowly(host, call, slot, entry, error, attempt);
  }
  fill(*entry, *call, from, target);
  return REVENGE_OK;
}
void leaveSlot(const revenge_host* host, revenge_entry* entry) {
  hostOf(host).generations.leave(static_cast<std::uint32_t>(entry->held[0]));
}

[[gnu::noinline]] std::uint64_t bareCalls(const bench_adder* adder, void* self) {
  const revenge_call call{};
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < kCalls; ++i) sum += adder->add(self, &call, i);
  return sum;
}

[[gnu::noinline]] std::uint64_t slotCalls(Generations& generations, SlotRef slot) {
  const revenge_call call{};
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < kCalls; ++i) {
    const SlotCall entered(generations, slot);
    if (!entered) return 0;
    sum += entered.table<bench_adder>().add(entered.self(), &call, i);
  }
  return sum;
}

using Calls = std::function<std::uint64_t()>;

// Nanoseconds a call in one batch, on threads that start together; of the slowest thread.
double measure(unsigned threads, const Calls& calls) {
  std::vector<double> taken(threads);
  std::vector<std::thread> others;
  std::barrier start(static_cast<std::ptrdiff_t>(threads));
  const auto run = [&](unsigned index) {
    start.arrive_and_wait();
    const auto begin = std::chrono::steady_clock::now();
    if (calls() == 0) std::abort();
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
    taken[index] = time.count() / kCalls;
  };
  for (unsigned i = 1; i < threads; ++i) others.emplace_back(run, i);
  run(0);
  for (std::thread& each : others) each.join();
  return *std::ranges::max_element(taken);
}

// Other work on the machine only ever adds time, so the fastest batch of each kind is the one to compare.
void pair(const char* name, unsigned threads, const Calls& subject, const Calls& reference) {
  double value = std::numeric_limits<double>::max();
  double bare = value;
  for (int i = 0; i < kBatches; ++i) {
    bare = std::min(bare, measure(threads, reference));
    value = std::min(value, measure(threads, subject));
  }
  fmt::print("{{\"name\": \"{}\", \"value\": {:.3f}, \"reference_value\": {:.3f}}}\n", name, value, bare);
}

}  // namespace

int main(int count, char** arguments) {
  const int pairs = count > 1 ? std::atoi(arguments[1]) : 11;
  const auto* adder = symbol<const bench_adder* (*)()>(BENCH_PROVIDER, "bench_provider_table")();
  const auto consumerBare = symbol<bench_bare>(BENCH_CONSUMER, "bench_consumer_bare");
  const auto throughHost = symbol<bench_through_host>(BENCH_CONSUMER, "bench_consumer_through_host");

  Domain domain;
  Domain guarded(Fence::kFull);
  std::uint64_t self = 1;
  const auto bind = [&](Domain& to, SlotRef slot) {
    const InstanceRef provider = to.instances().open().value();
    to.build().bind(slot, {provider, adder, &self}).publish().value();
  };
  const InstanceRef consumer = domain.instances().open().value();
  const SlotRef slot = domain.generations().openSlot(consumer).value();
  bind(domain, slot);
  const InstanceRef otherConsumer = guarded.instances().open().value();
  const SlotRef otherSlot = guarded.generations().openSlot(otherConsumer).value();
  bind(guarded, otherSlot);

  Host host{domain.generations(), consumer};
  const auto* opaque = reinterpret_cast<const revenge_host*>(&host);
  revenge_service table{};
  table.size = sizeof(table);
  table.enter = enterSlot;
  table.leave = leaveSlot;
  revenge_call call{};
  call.size = sizeof(call);

  const auto bare = [&] { return bareCalls(adder, &self); };
  for (int i = 0; i < pairs; ++i) {
    const auto slots = [&] { return slotCalls(domain.generations(), slot); };
    pair("slot call, 1 thread", 1, slots, bare);
    pair("slot call, 2 threads", 2, slots, bare);
    pair(
        "plugin to plugin", 1, [&] { return throughHost(opaque, &table, slot.bits(), &call, kCalls); },
        [&] { return consumerBare(adder, &self, kCalls); });
    pair(
        "slot call without membarrier", 1, [&] { return slotCalls(guarded.generations(), otherSlot); }, bare);
  }
  return domain.fence() == Fence::kAsymmetric ? 0 : 1;
}
