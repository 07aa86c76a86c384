/* Threads and shutdown hooks, table "revenge.spawn/1". Plugins start no threads of their own: a thread the
   host does not know keeps the library from being unmapped. */
#ifndef REVENGE_ABI_SPAWN_H
#define REVENGE_ABI_SPAWN_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_SPAWN_ID "revenge.spawn/1"

typedef struct revenge_thread {
  uint32_t size;
  uint32_t reserved;
  revenge_view name; /* shown by the operating system as plugin:name, cut to 15 bytes */
  void* context;
  /* [worker] no-wait; one-way; owns: nothing. The thread's body; must return soon after `stop` is asked for.
   */
  void (*run)(void* context, const revenge_call* call, revenge_handle thread);
} revenge_thread;

typedef struct revenge_shutdown_hook {
  uint32_t size;
  int32_t priority;    /* 0 stop accepting, 10 drain sessions, 20 flush caches, 30 databases; equal ones in
                          parallel */
  int64_t deadline_ns; /* for this hook; 0: the host's */
  revenge_view name;
  void* context;
  /* [lifecycle] no-wait; two-way; owns: nothing. Runs once, when the host shuts down, before stop. */
  revenge_status (*run)(void* context, const revenge_call* call, revenge_error* error);
} revenge_shutdown_hook;

typedef struct revenge_spawn {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: *thread belongs to the caller until it returned. */
  revenge_status (*start)(const revenge_host* host, const revenge_thread* thread, revenge_handle* handle,
                          revenge_error* error);
  /* [any-thread] no-wait; one-way; owns: nothing. Asks one thread to stop; `stop` of the instance asks all.
   */
  void (*request_stop)(const revenge_host* host, revenge_handle thread);
  /* [any-thread] no-wait; two-way; owns: nothing. Whether the thread should return. */
  bool (*stop_requested)(const revenge_host* host, revenge_handle thread);
  /* [worker] no-wait; two-way; owns: nothing. Sleeps on the thread itself until stop is asked for
     (REVENGE_CANCELLED) or timeout_ns passed (REVENGE_TIMED_OUT). */
  revenge_status (*sleep)(const revenge_host* host, revenge_handle thread, int64_t timeout_ns);
  /* [any-thread] no-wait; two-way; owns: *handle belongs to the caller until destroy. */
  revenge_status (*on_shutdown)(const revenge_host* host, const revenge_shutdown_hook* hook,
                                revenge_handle* handle, revenge_error* error);
} revenge_spawn;

#ifdef __cplusplus
}
#endif

#endif
