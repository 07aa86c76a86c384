/* An absolute address inside code: the loader has to write to it. */
#include "zoo.h"

__asm__(".text\n.balign 8\nzoo_in_code: .quad zoo_in_code\n");

ZOO_PLUGIN
