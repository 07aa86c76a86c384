/* test.called/1: logs "called" on behalf of the call. */
#ifndef TEST_CALLED_H
#define TEST_CALLED_H

#include <revenge/abi/base.h>

typedef struct test_called {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: nothing. */
  revenge_status (*log)(void* self, const revenge_call* call, revenge_error* error);
} test_called;

#endif
