// Lines of JSON for one client, as they come, until it leaves or the server ends. One that reads slowly is waited for; what
// that costs is the source's business. Thread safety: streamLines is called by workers, each with its own exchange; a
// source is used by one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <revenge/abi/base.h>

#include "http/exchange.hpp"

namespace revenge::admin {

// Destroying it ends the calls of `wake`: none runs afterwards, one that runs is waited for.
class LineSource {
 public:
  virtual ~LineSource() = default;
  // The next whole lines; empty: there are none now, and `wake` will be called once when there are.
  virtual std::string take() = 0;
};

inline constexpr std::string_view kLinesType = "application/x-ndjson";

using MakeSource = std::function<std::unique_ptr<LineSource>(std::function<void()> wake)>;
revenge_status streamLines(http::Exchange& exchange, const MakeSource& make);
// Those there are.
revenge_status answerLines(http::Exchange& exchange, std::string lines);

}  // namespace revenge::admin
