/* Never returns from being loaded. */
#include <unistd.h>

#include "zoo.h"

__attribute__((constructor)) static void hang(void) {
  for (;;) pause();
}

ZOO_PLUGIN
