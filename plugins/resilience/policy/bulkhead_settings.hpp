// BulkheadSettings: how many calls may run at once, and how many may wait for how long. Thread safety: plain values.
#pragma once

#include <cstdint>
#include <optional>

#include "moment.hpp"
#include "problem.hpp"

namespace revenge::resilience {

enum class QueueOrder : std::uint8_t {
  kFifo,
  kLifo,  // the newest first: under overload those who wait longest would time out anyway
  kByPriority,  // the higher class first, FIFO within; a full queue drops its newest of the lowest class for a higher one
};

struct BulkheadSettings {
  std::int64_t max_concurrent = 10;
  std::int64_t queue_size = 100;  // 0: nobody waits
  Duration max_wait = std::chrono::seconds(5);
  QueueOrder order = QueueOrder::kFifo;

  bool operator==(const BulkheadSettings&) const = default;
};

inline constexpr std::int64_t kMaxConcurrent = 1'000'000;
inline constexpr std::int64_t kMaxQueue = 1'000'000;

std::optional<Problem> problem(const BulkheadSettings& settings);

}  // namespace revenge::resilience
