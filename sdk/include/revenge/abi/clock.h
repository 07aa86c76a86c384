/* Time, table "revenge.clock/1": the host's clock, which a test host can hold still. */
#ifndef REVENGE_ABI_CLOCK_H
#define REVENGE_ABI_CLOCK_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_CLOCK_ID "revenge.clock/1"

typedef struct revenge_clock {
  uint32_t size;
  uint32_t reserved;
  /* [io] no-wait; two-way; owns: nothing. The clock of all deadlines; starts anywhere, never goes back. */
  int64_t (*monotonic_ns)(const revenge_host* host);
  /* [io] no-wait; two-way; owns: nothing. Nanoseconds since 1970-01-01 UTC; may jump. */
  int64_t (*wall_ns)(const revenge_host* host);
} revenge_clock;

#ifdef __cplusplus
}
#endif

#endif
