// The wiring: configuration, the thread that exports, and the flush at the end of the host.
#include <revenge/plugin.hpp>

#include "wiring/pump.hpp"

namespace telemetry_otlp {

using revenge::Errc;
using revenge::fail;

REVENGE_CONFIG(Settings, endpoint, traces_url, metrics_url, logs_url, signals, headers, encoding, compression,
               batch_size, queue_size, traces_delay_ms, metrics_delay_ms, logs_delay_ms, timeout_s, ca_file,
               resource)

class TelemetryOtlp : public revenge::Plugin<Settings> {
 public:
  explicit TelemetryOtlp(revenge::Host& host) : pump_(host, checked(config())) {
    constexpr int kBehindSessions = 15;  // whose last spans are to be sent too
    host.spawn().onShutdown("telemetry: flush", [this] { pump_.flush(kFlush); },
                            {.priority = kBehindSessions, .deadline = kFlush + std::chrono::seconds(1)});
  }

  revenge::Status start() override {
    host().spawn().thread("export", [this](const revenge::StopToken& stop) { pump_.run(stop); });
    return {};
  }
  revenge::Status health() override {
    const std::string trouble = pump_.trouble();
    return trouble.empty() ? revenge::Status() : fail(Errc::kUnavailable, trouble);
  }
  revenge::Status check(const Settings& next) override {
    const std::string refusal = next.refusal();
    return refusal.empty() ? revenge::Status() : fail(Errc::kInvalid, refusal);
  }
  void configure(const Settings& next) override { pump_.use(next); }

 private:
  static constexpr std::chrono::seconds kFlush{5};

  static Settings checked(Settings settings) {
    if (const std::string refusal = settings.refusal(); !refusal.empty())
      throw revenge::Failure(Errc::kInvalid, refusal);
    return settings;
  }

  Pump pump_;
};

}  // namespace telemetry_otlp

REVENGE_PLUGIN(telemetry_otlp::TelemetryOtlp)
