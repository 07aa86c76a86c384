/* A descriptor with one wrong field, chosen by the build. */
#include "zoo.h"

#ifndef ZOO_SIZE
#define ZOO_SIZE sizeof(revenge_plugin)
#endif
#ifndef ZOO_GENERATION
#define ZOO_GENERATION REVENGE_ABI_GENERATION
#endif
#ifndef ZOO_CREATE
#define ZOO_CREATE zoo_create
#endif
#ifndef ZOO_ID_VIEW
#define ZOO_ID_VIEW {ZOO_ID, sizeof(ZOO_ID) - 1}
#endif
#ifndef ZOO_RETURNED
#define ZOO_RETURNED &wrong.descriptor
#endif

/* Followed by what a newer SDK might have appended. */
static const struct {
  revenge_plugin descriptor;
  char appended[8192];
} wrong = {{ZOO_SIZE, ZOO_GENERATION, ZOO_ID_VIEW, {"1.0.0", 5}, {"0.1.0", 5}, ZOO_CREATE}, {0}};

ZOO_EXPORT const revenge_plugin* revenge_plugin_entry(uint32_t host_generation, revenge_error* error) {
  (void)host_generation, (void)error, (void)wrong;
  return ZOO_RETURNED;
}
