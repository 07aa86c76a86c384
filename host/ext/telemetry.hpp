// Adapter of revenge.telemetry/1 over observe::Telemetry and observe::Metrics. Thread safety: any thread; a feed's batches
// are for one thread at a time. Owned by the Bundle.
#pragma once

#include <memory>

#include <revenge/abi/telemetry.h>

#include "ext/telemetry_batches.hpp"
#include "observe/metrics.hpp"
#include "observe/telemetry.hpp"
#include "plugin/host_record.hpp"
#include "service/domain.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class TelemetryAdapter {
 public:
  TelemetryAdapter(observe::Telemetry& telemetry, observe::Metrics& metrics, service::Domain& domain)
      : telemetry_(telemetry), metrics_(metrics), domain_(domain), feeds_(kHandleKind) {}
  static const revenge_telemetry& table();

  // Its waits end as cancelled, on this thread, and it begins none any more.
  void leave(const revenge_host& host);
  std::size_t withdraw(const revenge_host& host);  // how many feeds were open

 private:
  friend struct TelemetryTable;
  static constexpr std::uint8_t kHandleKind = 31;

  struct Feed {
    std::shared_ptr<observe::Telemetry::Feed> feed;
    SpanBatchView spans;
    LogBatchView logs;
    MetricBatchView metrics;
  };
  using Table = service::HandleTable<std::shared_ptr<Feed>>;

  void complete(service::InstanceRef whose, const revenge_completion& done, observe::Telemetry::Waited how);

  observe::Telemetry& telemetry_;
  observe::Metrics& metrics_;
  service::Domain& domain_;
  Table feeds_;
};

}  // namespace revenge::ext
