/* Starts a thread that the host knows nothing of. */
#include <pthread.h>
#include <unistd.h>

#include "zoo.h"

static void* sleep_for_ever(void* unused) {
  for (;;) pause();
  return unused;
}

__attribute__((constructor)) static void start(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, sleep_for_ever, NULL) == 0) pthread_detach(thread);
}

ZOO_PLUGIN
