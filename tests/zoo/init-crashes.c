/* Crashes while it is being loaded. */
#include "zoo.h"

__attribute__((constructor)) static void crash(void) { __builtin_trap(); }

ZOO_PLUGIN
