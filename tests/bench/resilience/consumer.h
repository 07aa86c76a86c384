/* What the program asks of the consumer's library. */
#ifndef BENCH_RESILIENCE_CONSUMER_H
#define BENCH_RESILIENCE_CONSUMER_H

#include <revenge/abi/resilience.h>
#include <revenge/abi/service.h>

typedef struct bench_consumer {
  const revenge_host* host;
  const revenge_service* service;
  revenge_handle slot;
  revenge_view pipeline;
} bench_consumer;

/* Makes `calls` calls under the pipeline; how many of them were granted and settled. */
typedef uint64_t (*bench_resilient)(const bench_consumer* consumer, uint64_t calls);

#endif
