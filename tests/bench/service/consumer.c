#include "interface.h"

__attribute__((visibility("default"))) uint64_t bench_consumer_bare(const bench_adder* adder, void* self,
                                                                    uint64_t calls);
__attribute__((visibility("default"))) uint64_t bench_consumer_through_host(const revenge_host* host,
                                                                            const revenge_service* service,
                                                                            revenge_handle slot,
                                                                            const revenge_call* call,
                                                                            uint64_t calls);

uint64_t bench_consumer_bare(const bench_adder* adder, void* self, uint64_t calls) {
  revenge_call call = {.size = sizeof(call)};
  uint64_t sum = 0;
  for (uint64_t i = 0; i < calls; ++i) sum += adder->add(self, &call, i);
  return sum;
}

uint64_t bench_consumer_through_host(const revenge_host* host, const revenge_service* service,
                                     revenge_handle slot, const revenge_call* call, uint64_t calls) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < calls; ++i) {
    revenge_entry entry;
    entry.size = sizeof(entry);
    if (service->enter(host, call, slot, &entry, NULL) != REVENGE_OK) return 0;
    const bench_adder* adder = entry.table;
    sum += adder->add(entry.self, &entry.call, i);
    service->leave(host, &entry);
  }
  return sum;
}
