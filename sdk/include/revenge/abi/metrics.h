/*
 * Metrics, table "revenge.metrics/1". A series is keyed by plugin id, name and labels: a new version that
 * registers the same continues it. Names follow the conventions of Prometheus: snake_case, base units at the end
 * ("seconds", "bytes", "ratio"), "_total" on counters and only there ("sessions_total"), no type, no abbreviated unit, a
 * help text. The host adds its prefix and the plugin's label.
 */
#ifndef REVENGE_ABI_METRICS_H
#define REVENGE_ABI_METRICS_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_METRICS_ID "revenge.metrics/1"

enum {
  REVENGE_METRIC_COUNTER = 1,  /* only rises: add(value >= 0) */
  REVENGE_METRIC_GAUGE = 2,    /* add and set */
  REVENGE_METRIC_HISTOGRAM = 3 /* observe(value) */
};

typedef struct revenge_metric {
  uint32_t size;
  uint32_t type;
  revenge_view name;
  revenge_view description;
  const revenge_field* labels;
  size_t label_count;
  const double*
      bounds; /* histogram: rising upper bounds, +Inf excluded; none: the host's default for seconds */
  size_t bound_count;
} revenge_metric;

typedef struct revenge_metrics {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: *series belongs to the caller until destroy. REVENGE_INVALID with
     the reason when the name breaks the conventions of Prometheus, REVENGE_LIMIT past the cap of a plugin,
     REVENGE_EXISTS when the name has another type. */
  revenge_status (*open)(const revenge_host* host, const revenge_metric* metric, revenge_handle* series,
                         revenge_error* error);
  /* [io] no-wait; one-way; owns: nothing. Counter: adds; gauge: adds, also negative; histogram: observes. */
  void (*add)(const revenge_host* host, revenge_handle series, double value);
  /* [io] no-wait; one-way; owns: nothing. Gauge only. */
  void (*set)(const revenge_host* host, revenge_handle series, double value);
  /* [io] no-wait; one-way; owns: nothing. As add, for the request of `call`: when that is sampled, its trace is kept as
     the example of what was counted (OpenMetrics calls it an exemplar). NULL: as add. */
  void (*add_for)(const revenge_host* host, const revenge_call* call, revenge_handle series, double value);
} revenge_metrics;

#ifdef __cplusplus
}
#endif

#endif
