#include "consumer.h"

__attribute__((visibility("default"))) uint64_t bench_resilient_calls(const bench_consumer* consumer,
                                                                      uint64_t calls);

static revenge_status ask(const bench_consumer* by, const revenge_call* call,
                          revenge_resilience_permit* permit) {
  revenge_entry entry;
  entry.size = sizeof entry;
  revenge_status status = by->service->enter(by->host, call, by->slot, &entry, NULL);
  if (status != REVENGE_OK) return status;
  const revenge_resilience* const table = entry.table;
  const revenge_resilience_request request = {
      .size = sizeof request,
      .flags = REVENGE_RESILIENCE_REPEATABLE | REVENGE_RESILIENCE_FALLBACK,
      .pipeline = by->pipeline,
      .priority = REVENGE_BROWSING};
  status = table->acquire(entry.self, &entry.call, &request, 0, permit, NULL);
  by->service->leave(by->host, &entry);
  return status;
}

static revenge_status settle(const bench_consumer* by, const revenge_call* call,
                             revenge_resilience_permit* permit) {
  revenge_entry entry;
  entry.size = sizeof entry;
  revenge_status status = by->service->enter(by->host, call, by->slot, &entry, NULL);
  if (status != REVENGE_OK) return status;
  const revenge_resilience* const table = entry.table;
  const revenge_resilience_outcome outcome = {.size = sizeof outcome, .verdict = REVENGE_RESILIENCE_SUCCESS};
  status = table->settle(entry.self, &entry.call, permit->token, &outcome, 0, permit, NULL);
  by->service->leave(by->host, &entry);
  return status;
}

uint64_t bench_resilient_calls(const bench_consumer* consumer, uint64_t calls) {
  const revenge_call call = {.size = sizeof call};
  uint64_t right = 0;
  for (uint64_t i = 0; i < calls; ++i) {
    revenge_resilience_permit permit = {.size = sizeof permit};
    if (ask(consumer, &call, &permit) != REVENGE_OK || permit.token == 0 || permit.is_fallback) continue;
    if (settle(consumer, &call, &permit) == REVENGE_OK && permit.token == 0) ++right;
  }
  return right;
}
