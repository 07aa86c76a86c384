/* Leaks its inner functions into the symbol table. */
#include "zoo.h"

ZOO_EXPORT int inner_one(void);
ZOO_EXPORT int inner_two(void);
int inner_one(void) { return 1; }
int inner_two(void) { return 2; }

ZOO_PLUGIN
