// Batches of room observe in the vocabulary of the boundary: arrays that live as long as the object, until it shows
// another batch. Thread safety: one thread at a time. Owned by a feed of TelemetryAdapter.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include <revenge/abi/telemetry.h>

#include "observe/metrics_view.hpp"
#include "observe/telemetry.hpp"

namespace revenge::ext {

class SpanBatchView {
 public:
  void show(observe::Telemetry::SpanBatch batch, revenge_span_batch& out);

 private:
  observe::Telemetry::SpanBatch batch_;
  std::vector<revenge_finished_span> spans_;
  std::deque<std::vector<revenge_attribute>> attributes_;  // one for each span and event that has some
  std::deque<std::vector<revenge_finished_event>> events_;
};

class LogBatchView {
 public:
  void show(observe::Telemetry::LogBatch batch, revenge_log_batch& out);

 private:
  observe::Telemetry::LogBatch batch_;
  std::vector<revenge_told_record> records_;
  std::deque<std::vector<revenge_attribute>> attributes_;
};

class MetricBatchView {
 public:
  void show(observe::MetricsView view, base::WallTime now, revenge_metric_batch& out);

 private:
  observe::MetricsView view_;
  std::vector<revenge_told_family> families_;
  std::deque<std::vector<revenge_told_series>> series_;
  std::deque<std::vector<revenge_field>> labels_;
  std::deque<std::vector<revenge_exemplar>> exemplars_;
};

}  // namespace revenge::ext
