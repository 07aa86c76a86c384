/* Loads well and crashes while it is being unloaded. */
#include "zoo.h"

__attribute__((destructor)) static void crash(void) { __builtin_trap(); }

ZOO_PLUGIN
