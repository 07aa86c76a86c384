// Log records on their way to exporters: each as it is written, into the feeds that want log records. Thread safety: as
// LogTap says. Attached to the log's output for as long as it lives, which must be shorter than theirs.
#pragma once

#include "observe/log_output.hpp"
#include "observe/log_tap.hpp"
#include "observe/telemetry.hpp"

namespace revenge::observe {

class TelemetryTap final : public LogTap {
 public:
  TelemetryTap(LogOutput& output, Telemetry& telemetry) : output_(output), telemetry_(telemetry) {
    output_.attach(*this);
  }
  ~TelemetryTap() override { output_.detach(*this); }
  TelemetryTap(const TelemetryTap&) = delete;
  TelemetryTap& operator=(const TelemetryTap&) = delete;

  void record(const LogRecord& record) noexcept override;

 private:
  LogOutput& output_;
  Telemetry& telemetry_;
};

// Its own copy: groups as dotted keys, the fields of a line by OpenTelemetry's names.
ToldRecord toldOf(const LogRecord& record);

}  // namespace revenge::observe
