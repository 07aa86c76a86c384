/* Crashes in the handshake. */
#include "zoo.h"

ZOO_EXPORT const revenge_plugin* revenge_plugin_entry(uint32_t host_generation, revenge_error* error) {
  (void)host_generation, (void)error, (void)zoo_create;
  __builtin_trap();
}
