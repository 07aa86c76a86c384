/*
 * Draft: may change in the next release.
 *
 * Spans of a plugin's own, table "revenge.trace/1". The host makes spans of requests, of calls into plugins and of the wait
 * for a worker; here a plugin marks what it does in between.
 *
 * A span is begun under a call and carries a call of its own: what is done with that one is beneath the span. Where the
 * request is not sampled, or nobody reads traces, `recorded` is false: then collect nothing, `end` needs not be called.
 */
#ifndef REVENGE_ABI_TRACE_H
#define REVENGE_ABI_TRACE_H

#include <revenge/abi/base.h>
#include <revenge/abi/log.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_TRACE_ID "revenge.trace/1"

enum {
  REVENGE_SPAN_INTERNAL = 1,
  REVENGE_SPAN_SERVER = 2,
  REVENGE_SPAN_CLIENT = 3 /* it waits for somebody outside of this process */
};
enum { REVENGE_SPAN_UNSET = 0, REVENGE_SPAN_OK = 1, REVENGE_SPAN_ERROR = 2 };

/* A span in progress. The caller provides it with `size` set. */
typedef struct revenge_span {
  uint32_t size;
  bool recorded;         /* somebody will see it */
  revenge_handle handle; /* for `end`; 0: not recorded */
  const revenge_call*
      call; /* pass this one on; valid until `end`, and no longer than the one it was made of */
} revenge_span;

typedef struct revenge_span_event {
  uint32_t size;
  uint32_t reserved;
  revenge_view name;
  int64_t at_ns;
  const revenge_attribute* attributes;
  size_t attribute_count;
} revenge_span_event;

/* What there is to say of a span at its end. A record has room for some 900 bytes: what does not fit is left out, the last
   first, and counted; texts are cut at 255 bytes. */
typedef struct revenge_span_end {
  uint32_t size;
  uint32_t kind;   /* REVENGE_SPAN_INTERNAL ... */
  uint32_t status; /* REVENGE_SPAN_UNSET ... */
  uint32_t reserved;
  revenge_view name;    /* of few different values: "probe", not "probe /films/x.mkv" */
  revenge_view message; /* of an error */
  const revenge_attribute* attributes;
  size_t attribute_count;
  const revenge_span_event* events;
  size_t event_count;
} revenge_span_end;

typedef struct revenge_trace {
  uint32_t size;
  uint32_t reserved;
  /* [io] no-wait; two-way; owns: span->handle belongs to the caller until end or destroy. Under `call`; when that is NULL
     or outside of a request, as the root of a trace of its own, which is then sampled as requests are. */
  revenge_status (*begin)(const revenge_host* host, const revenge_call* call, revenge_span* span);
  /* [io] no-wait; one-way; owns: the span ends. On any thread. */
  void (*end)(const revenge_host* host, revenge_handle span, const revenge_span_end* end);
} revenge_trace;

#ifdef __cplusplus
}
#endif

#endif
