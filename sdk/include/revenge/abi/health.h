/* Health checks, table "revenge.health/1". A plugin tells whether something it needs works; the host asks in the
   background, keeps the last answer, and shows it at /health/ready and `revengectl health`. Nobody ever waits for a
   check. */
#ifndef REVENGE_ABI_HEALTH_H
#define REVENGE_ABI_HEALTH_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_HEALTH_ID "revenge.health/1"

enum {
  REVENGE_HEALTH_DETAIL = 0,  /* failed: the host is degraded and goes on serving */
  REVENGE_HEALTH_CRITICAL = 1 /* failed: the host is not ready and gets no requests */
};

/* `context` must live until the check was removed, or `destroy`. Durations and thresholds of 0 stand for what is said
   beside them. */
typedef struct revenge_health_check {
  uint32_t size;
  uint32_t criticality;
  revenge_view name;          /* "database"; the host puts the plugin's id before it */
  int64_t period_ns;          /* 10 s; at least 100 ms */
  int64_t timeout_ns;         /* 1 s; no answer by then is a failure */
  uint32_t failure_threshold; /* 3 failures in a row and it counts as failed */
  uint32_t success_threshold; /* 1 success, and it counts as passed */
  void* context;
  /* [worker] no-wait; two-way; owns: nothing. REVENGE_OK: it works; else `error` says what does not. Within the
     plugin's share of the workers, entered into the instance; `call` has the timeout as its deadline. The next
     question comes only when this one was answered. */
  revenge_status (*ask)(void* context, const revenge_call* call, revenge_error* error);
} revenge_health_check;

typedef struct revenge_health {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: *check belongs to the caller until remove or destroy. Asked at once when the
     instance serves, and not before. A version that follows continues a check of the same name: while it has not
     answered yet the other's answer counts. REVENGE_LIMIT past 100 of one instance. */
  revenge_status (*add)(const revenge_host* host, const revenge_health_check* check, revenge_handle* handle,
                        revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: the check ends. REVENGE_OK: it will not be asked again and is not being
     asked; REVENGE_BUSY: it is being asked now, for the last time. */
  revenge_status (*remove)(const revenge_host* host, revenge_handle handle);
} revenge_health;

#ifdef __cplusplus
}
#endif

#endif
