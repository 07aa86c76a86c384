/* A question that is answered later and elsewhere: "bench.chain-far/1" answers it, "bench.chain-near/1" asks the far
 * one and passes its answer on. */
#ifndef BENCH_CHAIN_H
#define BENCH_CHAIN_H

#include <revenge/abi/base.h>

/* Runs run(argument) on another thread. */
typedef struct bench_thread {
  void* context;
  void (*post)(void* context, void (*run)(void* argument), void* argument);
} bench_thread;

typedef struct bench_chain {
  uint32_t size;
  uint32_t reserved;
  /* REVENGE_PENDING: `done` completes on the thread `elsewhere`. */
  revenge_status (*ask)(void* self, const revenge_call* call, const bench_thread* elsewhere,
                        revenge_handle done, revenge_error* error);
} bench_chain;

#endif
