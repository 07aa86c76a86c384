/* Leaves a process behind that holds every descriptor open. */
#include <unistd.h>

#include "zoo.h"

__attribute__((constructor)) static void multiply(void) {
  if (fork() == 0) {
    for (;;) pause();
  }
}

ZOO_PLUGIN
