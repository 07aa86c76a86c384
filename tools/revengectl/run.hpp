// revengectl as a function: what main, and the tests, call. Thread safety: confined to one thread.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "revengectl/exit_code.hpp"
#include "revengectl/place.hpp"
#include "revengectl/text.hpp"

namespace revenge::ctl {

struct Surroundings {
  const base::Clock& clock;
  std::optional<std::string> socket;  // $REVENGE_SOCKET
  Remote remote = {};                 // of the environment
  Output output = Output::kOther;
  Colours colours = Colours::kOff;
  std::function<void(base::Duration time)> pause = {};  // between two looks at something that lasts
  std::function<void(std::string_view)> out;            // shown at once
  std::function<void(std::string_view)> err;
};

Exit run(std::span<const std::string> arguments, const Surroundings& around);

}  // namespace revenge::ctl
