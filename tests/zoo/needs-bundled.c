/* Linked with a library of its own: two versions of the plugin would share the older one. */
#include "zoo.h"

extern int bundled_answer(void);
int (*zoo_answer)(void) = bundled_answer;

ZOO_PLUGIN
