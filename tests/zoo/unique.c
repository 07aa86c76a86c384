/* A GNU unique symbol, as g++ makes for inline variables: the loader never unmaps such a library. */
#include "zoo.h"

__asm__(
    ".data\n"
    ".globl zoo_unique\n"
    ".type zoo_unique, @gnu_unique_object\n"
    ".size zoo_unique, 8\n"
    "zoo_unique: .quad 1\n"
    ".text\n");

ZOO_PLUGIN
