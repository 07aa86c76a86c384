/* What a plugin does when it counts: calls into a table of the host, from a shared object of its own. */
#include <stdint.h>

#include <revenge/abi/metrics.h>

__attribute__((visibility("default"))) void count(const revenge_metrics* table, const revenge_host* host,
                                                  revenge_handle series, uint64_t times) {
  for (uint64_t i = 0; i < times; i++) table->add(host, series, 1);
}
