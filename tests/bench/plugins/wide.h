/* What a wide plugin offers under "wide.<id>/1". */
#ifndef BENCH_WIDE_H
#define BENCH_WIDE_H

#include <revenge/abi/base.h>

typedef struct wide {
  uint32_t size;
  uint32_t reserved;
  uint64_t (*one_more)(void* self, const revenge_call* call, uint64_t value);
} wide;

#endif
