/* Deeds that end the process, the thread, or what the host has open. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "member.h"

/* Behind the compiler's back, so that it is done as it stands. */
static volatile uintptr_t low = 0x10;
static volatile int zero = 0;
static void (*volatile nowhere)(void);

DEED(fault) {
  *(volatile int*)low = 1;
  return REVENGE_OK;
}

DEED(call_null) {
  nowhere();
  return REVENGE_OK;
}

/* A page behind the end of its file. */
DEED(bus) {
  char name[] = "/tmp/revenge-zoo-XXXXXX";
  const int file = mkstemp(name);
  unlink(name);
  volatile char* page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
  return page[0] == 0 ? REVENGE_OK : REVENGE_FAILED;
}

__attribute__((no_sanitize("undefined"))) DEED(divide) { return (revenge_status)(100 / zero); }

DEED(trap) { __builtin_trap(); }

DEED(abort_it) { abort(); }

__attribute__((noinline)) static int deeper(volatile int* up) {
  volatile int here[256] = {0};
  here[0] = *up + 1;
  return here[0] < 0 ? 0 : deeper(here) + here[1];
}
DEED(overflow) { return deeper(&zero) == 1 ? REVENGE_OK : REVENGE_FAILED; }

__attribute__((no_sanitize("address"))) DEED(free_twice) {
  void* volatile memory = malloc(100);
  free(memory);
  free(memory);
  return REVENGE_OK;
}

DEED(free_foreign) {
  char here[64];
  void* volatile middle = here + 16;
  free(middle);
  return REVENGE_OK;
}

DEED(exit_it) { exit(3); }
DEED(exit_at_once) { _exit(3); }
DEED(exit_quickly) { quick_exit(3); }
DEED(kill_itself) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
  return REVENGE_OK;
}
DEED(raise_term) {
  pthread_kill(pthread_self(), SIGSEGV);
  return REVENGE_OK;
}

DEED(end_thread) { pthread_exit(NULL); }

static void* fault_later(void* unused) {
  rest_ms(300);
  *(volatile int*)low = 1;
  return unused;
}
DEED(fault_on_own_thread) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, fault_later, NULL) == 0) pthread_detach(thread);
  return REVENGE_OK;
}

DEED(close_everything) {
  for (int descriptor = 3; descriptor < 1024; descriptor++) close(descriptor);
  return REVENGE_OK;
}

extern int nobody_defines_this(void) __attribute__((weak));
/* Never tested whether anybody does. */
DEED(call_weak) {
  int (*volatile weak)(void) = nobody_defines_this;
  return weak();
}

#include "member_life.h"
