/* A plugin's side of asking flags, in a shared object of its own: nothing of it can be inlined into the host. */
#ifndef BENCH_ASKER_H
#define BENCH_ASKER_H

#include <revenge/abi/flags.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Asks `times` times for the users in turn; how often the answer was true. */
__attribute__((visibility("default"))) uint64_t bench_ask(const revenge_flags* flags,
                                                          const revenge_host* host, revenge_handle flag,
                                                          const revenge_view* users, uint64_t user_count,
                                                          uint64_t times);

#ifdef __cplusplus
}
#endif

#endif
