/* Changes a setting of the whole process. */
#include <sys/stat.h>

#include "zoo.h"

__attribute__((constructor)) static void change(void) { umask(0); }

ZOO_PLUGIN
