/* Nothing is wrong with it. */
#include "zoo.h"

ZOO_PLUGIN
