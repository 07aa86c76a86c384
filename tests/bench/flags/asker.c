#include "asker.h"

uint64_t bench_ask(const revenge_flags* flags, const revenge_host* host, revenge_handle flag,
                   const revenge_view* users, uint64_t user_count, uint64_t times) {
  uint64_t on = 0;
  for (uint64_t i = 0; i < times; ++i) on += flags->enabled(host, flag, users[i % user_count], false) ? 1 : 0;
  return on;
}
