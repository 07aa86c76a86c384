// Entered on a thread that lives on, it leaves a thread_local with a destructor there.
#include <string>

#include "zoo.h"

static thread_local std::string memory;

static revenge_status create(const revenge_host_api*, const revenge_call*, const revenge_config*,
                             revenge_instance*, revenge_error*) {
  memory = "touched, and too long to be stored in place";
  return REVENGE_OK;
}

ZOO_EXPORT const revenge_plugin* revenge_plugin_entry(uint32_t, revenge_error*) {
  static const revenge_plugin descriptor = {
      sizeof(revenge_plugin), REVENGE_ABI_GENERATION, {ZOO_ID, sizeof(ZOO_ID) - 1},
      {"1.0.0", 5},           {"0.1.0", 5},           create};
  (void)zoo_create;
  return &descriptor;
}
