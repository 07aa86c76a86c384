/*
 * Events, table "revenge.events/1": what happens in the host and in plugins, told to whoever wants to know. The host
 * publishes `plugin.` (lifecycle), `config.`, `flag.` and `control.`; plugins publish kinds of their own
 * ("catalogue.added"), also for plugins that are not there yet. People follow all of it with `revengectl events`.
 *
 * Each subscription has a queue of its own. One that is slow delays nobody: when its queue is full the oldest event goes,
 * and the next one says how many were missed. Events come one at a time and in order, on workers, within the plugin's
 * share. An instance is told what happens while it is visible; in a swap, a subscription to the same kinds in the new
 * version goes on where the one in the old version stopped, so that together they see each event once.
 *
 * No loops: an event published while another is handled has one hop more than that one, and is refused beyond
 * REVENGE_MAX_EVENT_HOPS.
 */
#ifndef REVENGE_ABI_EVENTS_H
#define REVENGE_ABI_EVENTS_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_EVENTS_ID "revenge.events/1"
#define REVENGE_MAX_EVENT_HOPS 8
#define REVENGE_MAX_EVENT_PAYLOAD 16384
#define REVENGE_MAX_EVENT_ATTRIBUTES 32

/* Whoever publishes fills kind, text, attributes and payload; the host fills the rest. */
typedef struct revenge_event {
  uint32_t size;
  uint32_t hops;     /* events that led to this one */
  uint64_t sequence; /* rises over all events of this run of the host */
  uint64_t missed;   /* by this subscription, since the event before */
  int64_t wall_ns;   /* since 1970 */
  revenge_view kind; /* words of a-z, 0-9, _ and - with dots between them, at least two: "catalogue.added" */
  revenge_view source; /* id of the plugin that published it; empty: the host */
  revenge_view plugin; /* id of the one it is about */
  revenge_view text;   /* for people, one line; at most 1024 bytes */
  const revenge_field* attributes;
  size_t attribute_count;
  revenge_view payload; /* JSON; empty: none */
} revenge_event;

/* A function of the plugin that is told. `context` must live until unsubscribe or `destroy`. */
typedef struct revenge_event_handler {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* [worker] no-wait; one-way; owns: nothing. `call` has the request id and trace of whoever published it. */
  void (*handle)(void* context, const revenge_call* call, const revenge_event* event);
} revenge_event_handler;

typedef struct revenge_events {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: nothing. Returns before anybody is told. REVENGE_INVALID: the kind is none, or
     the payload no JSON, or too big; REVENGE_REFUSED: the kind is the host's to publish, or one hop too many. `call`:
     whose work it belongs to; NULL: nobody's. */
  revenge_status (*publish)(const revenge_host* host, const revenge_call* call, const revenge_event* event,
                            revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: *subscription belongs to the caller until unsubscribe or destroy. Each kind is
     one kind, or, ending with a dot, all that begin so; without any: every event. The queue holds `capacity` events; 0:
     256. */
  revenge_status (*subscribe)(const revenge_host* host, const revenge_view* kinds, size_t kind_count,
                              uint32_t capacity, const revenge_event_handler* handler,
                              revenge_handle* subscription, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: the subscription ends. REVENGE_OK: it will not be told again and is not being
     told; REVENGE_BUSY: it is being told now, for the last time. */
  revenge_status (*unsubscribe)(const revenge_host* host, revenge_handle subscription);
} revenge_events;

#ifdef __cplusplus
}
#endif

#endif
