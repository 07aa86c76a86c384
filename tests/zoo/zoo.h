/* What every plugin of the zoo that behaves so far is made of: a descriptor and an instance that does nothing. */
#ifndef REVENGE_ZOO_H
#define REVENGE_ZOO_H

#include <revenge/abi/plugin.h>

#ifdef __cplusplus
#define ZOO_EXPORT extern "C" __attribute__((visibility("default")))
#else
#define ZOO_EXPORT __attribute__((visibility("default")))
#endif

static revenge_status zoo_nothing(void* self, const revenge_call* call, revenge_error* error) {
  (void)self, (void)call, (void)error;
  return REVENGE_OK;
}

static void zoo_destroy(void* self) { (void)self; }

__attribute__((unused)) static revenge_status zoo_create(const revenge_host_api* api,
                                                         const revenge_call* call,
                                                         const revenge_config* config,
                                                         revenge_instance* instance, revenge_error* error) {
  (void)api, (void)call, (void)config, (void)error;
  instance->start = zoo_nothing;
  instance->stop = zoo_nothing;
  instance->destroy = zoo_destroy;
  return REVENGE_OK;
}

/* Defines the entry and its descriptor. */
#define ZOO_PLUGIN                                                                                          \
  ZOO_EXPORT const revenge_plugin* revenge_plugin_entry(uint32_t host_generation, revenge_error* error) {   \
    static const revenge_plugin descriptor = {sizeof(revenge_plugin),                                       \
                                              REVENGE_ABI_GENERATION,                                       \
                                              {ZOO_ID, sizeof(ZOO_ID) - 1},                                 \
                                              {"1.0.0", 5},                                                 \
                                              {REVENGE_VERSION_STRING, sizeof(REVENGE_VERSION_STRING) - 1}, \
                                              zoo_create};                                                  \
    (void)host_generation, (void)error;                                                                     \
    return &descriptor;                                                                                     \
  }

#endif
