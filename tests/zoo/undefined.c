/* Needs a function that nobody has. */
#include "zoo.h"

extern int nobody_has_this(void);
int (*zoo_needs)(void) = nobody_has_this;

ZOO_PLUGIN
