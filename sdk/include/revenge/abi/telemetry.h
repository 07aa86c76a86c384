/*
 * Draft: may change in the next release.
 *
 * What the host and its plugins tell of themselves, table "revenge.telemetry/1", for a plugin that sends it on: spans,
 * log records and metrics.
 *
 * An exporter opens a feed and asks it: nothing of a plugin runs where a request is served. Spans and log records wait in
 * the feed, a bounded number of each; what finds no room is lost, and counted. Metrics are read when asked for. When a second instance
 * of one plugin opens a feed (it is being replaced), what follows goes to that one alone, and what the first has not taken
 * by its close too.
 *
 * What a batch shows lives until the same function is called again for this feed, or the feed is closed; each function is
 * for one thread at a time.
 */
#ifndef REVENGE_ABI_TELEMETRY_H
#define REVENGE_ABI_TELEMETRY_H

#include <revenge/abi/base.h>
#include <revenge/abi/log.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_TELEMETRY_ID "revenge.telemetry/1"

enum { REVENGE_TELEMETRY_SPANS = 1, REVENGE_TELEMETRY_LOGS = 2, REVENGE_TELEMETRY_METRICS = 4 };

typedef struct revenge_finished_event {
  uint32_t size;
  uint32_t reserved;
  int64_t at_unix_ns;
  revenge_view name;
  const revenge_attribute* attributes;
  size_t attribute_count;
} revenge_finished_event;

typedef struct revenge_finished_span {
  uint32_t size;
  uint32_t kind;   /* REVENGE_SPAN_INTERNAL ..., as in trace.h */
  uint32_t status; /* REVENGE_SPAN_UNSET ... */
  uint32_t flags;  /* of the trace context */
  uint64_t trace_id_high;
  uint64_t trace_id_low;
  uint64_t span_id;
  uint64_t parent_id; /* 0: a root */
  int64_t begun_unix_ns;
  int64_t ended_unix_ns;
  revenge_view name;
  revenge_view plugin;  /* whose code it was; empty: the host's */
  revenge_view message; /* of an error */
  revenge_view trace_state;
  const revenge_attribute* attributes;
  size_t attribute_count;
  const revenge_finished_event* events;
  size_t event_count;
  uint32_t dropped_attributes;
  uint32_t dropped_events;
} revenge_finished_span;

typedef struct revenge_span_batch {
  uint32_t size;
  uint32_t reserved;
  const revenge_finished_span* spans;
  size_t span_count;
  uint64_t lost; /* since the batch before */
} revenge_span_batch;

typedef struct revenge_told_record {
  uint32_t size;
  uint32_t level; /* REVENGE_LOG_TRACE ... */
  int64_t at_unix_ns;
  revenge_view component; /* of the host, or the plugin's id */
  revenge_view message;
  const revenge_attribute* attributes;
  size_t attribute_count;
  uint64_t trace_id_high; /* both halves 0: outside of a sampled request */
  uint64_t trace_id_low;
  uint64_t span_id; /* 0: not known */
} revenge_told_record;

typedef struct revenge_log_batch {
  uint32_t size;
  uint32_t reserved;
  const revenge_told_record* records;
  size_t record_count;
  uint64_t lost; /* since the batch before */
} revenge_log_batch;

/* A sampled request that was counted. */
typedef struct revenge_exemplar {
  uint32_t size;
  uint32_t reserved;
  uint64_t trace_id_high;
  uint64_t trace_id_low;
  uint64_t span_id;
  double value;
  int64_t at_unix_ns; /* 0: not known */
} revenge_exemplar;

typedef struct revenge_told_series {
  uint32_t size;
  uint32_t reserved;
  const revenge_field* labels;
  size_t label_count;
  int64_t started_unix_ns; /* since when it counts, from 0; 0: not known */
  double value;            /* of a counter or gauge */
  uint64_t count;          /* of a histogram */
  double sum;
  const uint64_t* buckets; /* bounds and one more, not cumulative, upper bounds inclusive */
  size_t bucket_count;
  const revenge_exemplar* exemplars;
  size_t exemplar_count;
} revenge_told_series;

typedef struct revenge_told_family {
  uint32_t size;
  uint32_t type; /* REVENGE_METRIC_COUNTER ..., as in metrics.h */
  revenge_view name;
  revenge_view description;
  revenge_view unit; /* "seconds", "bytes", "ratio" as the name says it; empty: a plain number */
  const double* bounds;
  size_t bound_count;
  const revenge_told_series* series;
  size_t series_count;
} revenge_told_family;

typedef struct revenge_metric_batch {
  uint32_t size;
  uint32_t reserved;
  int64_t at_unix_ns;
  const revenge_told_family* families;
  size_t family_count;
} revenge_metric_batch;

typedef struct revenge_telemetry_feed {
  uint32_t size;
  uint32_t signals; /* any of REVENGE_TELEMETRY_SPANS ... */
  uint64_t queue;   /* spans, and log records, that wait in the feed; 0: 2048, 65536 at most */
} revenge_telemetry_feed;

/* What a wait is for: whichever comes first. */
typedef struct revenge_telemetry_wait {
  uint32_t size;
  uint32_t reserved;
  uint64_t spans;      /* so many wait in the feed; 0: not for spans */
  uint64_t logs;       /* the same of log records */
  int64_t deadline_ns; /* monotonic; 0: none */
} revenge_telemetry_wait;

typedef struct revenge_telemetry_pending {
  uint32_t size;
  uint32_t reserved;
  uint64_t spans;
  uint64_t logs;
} revenge_telemetry_pending;

typedef struct revenge_telemetry {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: *feed belongs to the caller until close or destroy. While nobody has a feed of
     spans, no request begins a trace. REVENGE_LIMIT: this plugin has as many as it may (two, while it is replaced). */
  revenge_status (*open)(const revenge_host* host, const revenge_telemetry_feed* wanted, revenge_handle* feed,
                         revenge_error* error);
  /* [io] waits; two-way; owns: nothing. REVENGE_OK at once, or later by `done`: what was waited for is there;
     REVENGE_TIMED_OUT: the deadline; REVENGE_CANCELLED: `wake`, close, or the instance leaves. REVENGE_BUSY: a wait is in
     progress. */
  revenge_status (*wait)(const revenge_host* host, revenge_handle feed, const revenge_telemetry_wait* what,
                         const revenge_completion* done, revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. Ends the wait in progress, or else the next one at once. */
  revenge_status (*wake)(const revenge_host* host, revenge_handle feed);
  /* [io] no-wait; two-way; owns: nothing. How many wait in the feed. */
  revenge_status (*pending)(const revenge_host* host, revenge_handle feed,
                            revenge_telemetry_pending* pending);
  /* [any-thread] no-wait; two-way; owns: nothing, the batch is borrowed. The oldest, `max` at most. */
  revenge_status (*spans)(const revenge_host* host, revenge_handle feed, uint64_t max,
                          revenge_span_batch* batch, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing, the batch is borrowed. The oldest, `max` at most. */
  revenge_status (*logs)(const revenge_host* host, revenge_handle feed, uint64_t max,
                         revenge_log_batch* batch, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing, the batch is borrowed. All there are, as they are now. */
  revenge_status (*metrics)(const revenge_host* host, revenge_handle feed, revenge_metric_batch* batch,
                            revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: the feed and its batches end. */
  revenge_status (*close)(const revenge_host* host, revenge_handle feed);
} revenge_telemetry;

#ifdef __cplusplus
}
#endif

#endif
