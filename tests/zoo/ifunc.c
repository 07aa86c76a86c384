/* Code of it runs while the loader still relocates it. */
#include "zoo.h"

static int chosen(void) { return 1; }
static int (*choose(void))(void) { return chosen; }
static int resolved(void) __attribute__((ifunc("choose")));
int (*zoo_resolved)(void) = resolved;

ZOO_PLUGIN
