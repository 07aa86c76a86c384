/* Leaves a signal handler behind. */
#include <signal.h>
#include <string.h>

#include "zoo.h"

static void handle(int number) { (void)number; }

__attribute__((constructor)) static void install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = handle;
  sigaction(SIGUSR2, &action, NULL);
}

ZOO_PLUGIN
