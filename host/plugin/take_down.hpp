// From an instance that is no longer visible to a library that is gone, or kept with the reason. One teardown for a
// plugin that ran and for a load that failed half-way. Thread safety: one TakeDown per instance, on one thread.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "plugin/instance.hpp"
#include "plugin/roster.hpp"

namespace revenge::plugin {

class TakeDown {
 public:
  TakeDown(Roster& roster, Record& record, std::shared_ptr<Instance> instance)
      : roster_(roster), record_(record), instance_(std::move(instance)) {}

  // Of an instance that served: waits for its calls and leases; past the manifest's drain deadline it is shown as retired
  // and waited for on, until the host stops. Blocks.
  void drainAndStop();
  // Of one that an exclusive swap has stopped already.
  void drainStopped();
  // The same with the deadline of a shutdown: what does not end by then is left. False then.
  bool stopBy(base::Instant deadline);
  // Of a load that failed after its library was mapped: `why` is the failure.
  void abandonLoad(const base::Error& why);

 private:
  bool awaitCalls();
  bool awaitPins();
  bool end(base::Instant deadline, bool started);
  bool stuck(const std::string& why);
  void destroyAndUnload();
  void unload();
  void forget();

  Roster& roster_;
  Record& record_;
  std::shared_ptr<Instance> instance_;
};

}  // namespace revenge::plugin
