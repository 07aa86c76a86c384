/* The interface that the two plugins of this measurement share. */
#ifndef BENCH_INTERFACE_H
#define BENCH_INTERFACE_H

#include <revenge/abi/service.h>

typedef struct bench_adder {
  uint32_t size;
  uint32_t reserved;
  uint64_t (*add)(void* self, const revenge_call* call, uint64_t value);
} bench_adder;

/* Runs `calls` calls and returns their sum. */
typedef uint64_t (*bench_bare)(const bench_adder* adder, void* self, uint64_t calls);
typedef uint64_t (*bench_through_host)(const revenge_host* host, const revenge_service* service,
                                       revenge_handle slot, const revenge_call* call, uint64_t calls);

#endif
