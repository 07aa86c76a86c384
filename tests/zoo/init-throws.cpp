// A static initialiser throws: no try block of a host can catch it.
#include <stdexcept>

#include "zoo.h"

static int fails() { throw std::runtime_error("no such table: films"); }
static const int value = fails();

ZOO_EXPORT int zoo_value() { return value; }
ZOO_PLUGIN
