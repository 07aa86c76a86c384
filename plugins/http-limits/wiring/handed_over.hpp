// What the next version goes on with: the secret that API keys are hashed by, so that they keep their limits, and who is shed
// in which queue. Thread safety: functions of values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "limits/keyed_hash.hpp"
#include "wiring/queues.hpp"

namespace revenge::http_limits {

struct HandedOver {
  HashSecret secret;
  std::vector<Queues::Level> levels;
};

std::string bytesOf(const HandedOver& state);
// Empty: they are of no version that this one reads.
std::optional<HandedOver> handedOver(std::string_view bytes);

}  // namespace revenge::http_limits
