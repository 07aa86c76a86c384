/* Refuses the host, with a reason that carries control characters. */
#include <string.h>

#include "zoo.h"

ZOO_EXPORT const revenge_plugin* revenge_plugin_entry(uint32_t host_generation, revenge_error* error) {
  (void)host_generation;
  static const char reason[] = "no licence\nfound";
  memcpy(error->message, reason, sizeof(reason) - 1);
  error->length = sizeof(reason) - 1;
  return NULL;
}
