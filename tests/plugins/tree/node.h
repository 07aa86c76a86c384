/* What a node of the tree offers to those above it, under "tree.<id>/1". */
#ifndef REVENGE_TESTS_TREE_NODE_H
#define REVENGE_TESTS_TREE_NODE_H

#include <revenge/abi/base.h>

/* Who was visited, in order: "root-x 1.0.0 1;branch-a 2.0.0 1;". */
typedef struct tree_trail {
  uint64_t nodes;
  size_t length;
  char text[4000];
} tree_trail;

typedef struct tree_node {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: nothing. Adds itself and all nodes beneath it to *trail. */
  revenge_status (*visit)(void* self, const revenge_call* call, tree_trail* trail, revenge_error* error);
} tree_node;

#endif
