/* Questions about a call, table "revenge.call/1". */
#ifndef REVENGE_ABI_CALL_H
#define REVENGE_ABI_CALL_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_CALL_ID "revenge.call/1"

typedef struct revenge_calls {
  uint32_t size;
  uint32_t reserved;
  /* [io] no-wait; two-way; owns: nothing. REVENGE_OK: go on; REVENGE_CANCELLED: nobody waits for the answer
     any more (client gone, caller gave up, host stopping); REVENGE_TIMED_OUT: the deadline has passed. */
  revenge_status (*check)(const revenge_host* host, const revenge_call* call);
  /* [any-thread] no-wait; two-way; owns: nothing. A function of the host that blocks would be allowed here:
     false on I/O threads and in lifecycle calls. */
  bool (*may_block)(const revenge_host* host);
} revenge_calls;

#ifdef __cplusplus
}
#endif

#endif
