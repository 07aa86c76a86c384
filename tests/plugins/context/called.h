/* test.called/1: logs on behalf of the call: "called" at once, "later" on a worker before it completes. */
#ifndef TEST_CALLED_H
#define TEST_CALLED_H

#include <revenge/abi/base.h>

typedef struct test_called {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: nothing. */
  revenge_status (*log)(void* self, const revenge_call* call, revenge_error* error);
  /* [any-thread] two-way; owns: nothing. REVENGE_PENDING: `done` follows. */
  revenge_status (*later)(void* self, const revenge_call* call, revenge_handle done, revenge_error* error);
} test_called;

#endif
