// The keyed limiter: every key has a bucket that is not full, so none is dropped, and is asked for in no order.
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "allocations.hpp"
#include "clock.hpp"
#include "policy/keyed_limiter.hpp"
#include "subjects.hpp"

namespace revenge::bench {
namespace {

using namespace revenge::resilience;
using namespace std::chrono_literals;

// A key as it comes with a request: made into memory that is in the cache already.
class Key {
 public:
  std::string_view of(std::uint32_t number) noexcept {
    for (std::size_t i = kPrefix; i < text_.size(); ++i, number >>= 4U)
      text_[i] = static_cast<char>('a' + (number & 15U));
    return {text_.data(), text_.size()};
  }

 private:
  static constexpr std::size_t kPrefix = 5;
  std::array<char, kPrefix + 8> text_{'u', 's', 'e', 'r', '-'};
};

// One of the keys after the other, in no order.
class alignas(64) Requests {
 public:
  Requests() = default;
  Requests(std::uint32_t keys, std::uint64_t seed) : random_(seed), keys_(keys) {}
  std::string_view next() noexcept {
    random_ = random_ * 6364136223846793005U + 1442695040888963407U;
    return key_.of(static_cast<std::uint32_t>((random_ >> 32U) * keys_ >> 32U));
  }

 private:
  std::uint64_t random_ = 0;
  std::uint64_t keys_ = 1;
  Key key_;
};
using OfThreads = std::array<Requests, 2>;

std::unique_ptr<KeyedLimiter> filled(std::uint32_t keys) {
  KeyedRateSettings settings;
  settings.rate.permits = 1;
  settings.rate.per = 1min;
  settings.rate.burst = 10'000'000;
  auto limiter = std::make_unique<KeyedLimiter>("users", settings, HashSeed{1, 2});
  Key key;
  for (std::uint32_t i = 0; i < keys; ++i) (void)limiter->allow(key.of(i), now());
  return limiter;
}

Subject allowing(std::uint32_t keys, std::string name) {
  const auto requests = std::make_shared<OfThreads>(OfThreads{Requests(keys, 1), Requests(keys, 2)});
  const std::shared_ptr<KeyedLimiter> limiter = filled(keys);
  const auto twins = std::make_shared<OfThreads>(OfThreads{Requests(keys, 1), Requests(keys, 2)});
  const auto sum = std::make_shared<std::atomic<std::int64_t>>(0);
  return {std::move(name), repeated([requests, limiter](unsigned thread) {
            const auto grant = limiter->allow((*requests)[thread].next(), now());
            return grant && !grant->shared;
          }),
          repeated([twins, sum](unsigned thread) {
            const std::int64_t key = (*twins)[thread].next().back();
            return sum->fetch_add(key + (now().nanoseconds() & 1), std::memory_order_relaxed) >= 0;
          })};
}

}  // namespace

std::vector<Subject> keyedLimiters() {
  return {allowing(10'000, "keyed limiter allow, 10 000 keys"),
          allowing(100'000, "keyed limiter allow, 100 000 keys")};
}

std::int64_t bytesOfKeys(std::uint32_t keys) {
  const std::int64_t before = allocated().bytes;
  const auto limiter = filled(keys);
  return limiter->report().keys == keys ? allocated().bytes - before : -1;
}

}  // namespace revenge::bench
