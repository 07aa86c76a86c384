/* What a node of the tree offers to those above it, under "tree.<id>/1". */
#ifndef REVENGE_TESTS_TREE_NODE_H
#define REVENGE_TESTS_TREE_NODE_H

#include <revenge/abi/base.h>

typedef struct tree_node {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: nothing. Adds itself and all nodes beneath it to *nodes. */
  revenge_status (*visit)(void* self, const revenge_call* call, uint64_t* nodes, revenge_error* error);
} tree_node;

#endif
