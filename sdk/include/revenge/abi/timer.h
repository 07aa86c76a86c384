/* Timers and worker jobs, table "revenge.timer/1". Both run on workers, within the plugin's share, entered
   into the instance; after `stop` none runs. */
#ifndef REVENGE_ABI_TIMER_H
#define REVENGE_ABI_TIMER_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_TIMER_ID "revenge.timer/1"

/* A function of the plugin that runs later. `context` must live until the job ran or was cancelled, or
 * `destroy`. */
typedef struct revenge_job {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* [worker] no-wait; one-way; owns: nothing. */
  void (*run)(void* context, const revenge_call* call);
} revenge_job;

typedef struct revenge_timer {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: *timer belongs to the caller until cancel or destroy. First run
     after first_ns, then every period_ns after the end of the run before (0: once). Runs of one timer never
     overlap. */
  revenge_status (*start)(const revenge_host* host, int64_t first_ns, int64_t period_ns,
                          const revenge_job* job, revenge_handle* timer, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: the timer ends. REVENGE_OK: it will not run again and is not
     running; REVENGE_BUSY: it is running now, for the last time. */
  revenge_status (*cancel)(const revenge_host* host, revenge_handle timer);
  /* [any-thread] no-wait; two-way; owns: nothing. Queues the job at once; REVENGE_LIMIT when the plugin's
     share of the queue is full. The job carries `call`'s request id, deadline and trace; NULL: none. */
  revenge_status (*submit)(const revenge_host* host, const revenge_call* call, const revenge_job* job,
                           revenge_error* error);
} revenge_timer;

#ifdef __cplusplus
}
#endif

#endif
