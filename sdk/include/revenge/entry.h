/*
 * The entry of a plugin written in C; in C++ it is REVENGE_PLUGIN of plugin.hpp. Needs nothing but the C tables.
 *
 *   static revenge_status create(const revenge_host_api* api, const revenge_call* call, const revenge_config* config,
 *                                revenge_instance* instance, revenge_error* error) { ... }
 *   REVENGE_PLUGIN_IN_C(create)
 *
 * Once in a plugin, at file scope. Id and version come from plugin.json by way of revenge_add_plugin().
 */
#ifndef REVENGE_ENTRY_H
#define REVENGE_ENTRY_H

#include <string.h>

#include <revenge/abi/plugin.h>

#define REVENGE_PLUGIN_IN_C(create_instance)                                                                 \
  __attribute__((visibility("default"))) const revenge_plugin* revenge_plugin_entry(uint32_t abi_generation, \
                                                                                    revenge_error* error) {  \
    static const revenge_plugin plugin = {sizeof(revenge_plugin),                                            \
                                          REVENGE_ABI_GENERATION,                                            \
                                          {REVENGE_PLUGIN_ID, sizeof REVENGE_PLUGIN_ID - 1},                 \
                                          {REVENGE_PLUGIN_VERSION, sizeof REVENGE_PLUGIN_VERSION - 1},       \
                                          {REVENGE_VERSION_STRING, sizeof REVENGE_VERSION_STRING - 1},       \
                                          create_instance};                                                  \
    static const char refusal[] = "built for a newer generation of the plugin ABI";                          \
    if (abi_generation >= REVENGE_ABI_GENERATION) return &plugin;                                            \
    if (error != NULL) {                                                                                     \
      memcpy(error->message, refusal, sizeof refusal);                                                       \
      error->length = (uint32_t)(sizeof refusal - 1);                                                        \
    }                                                                                                        \
    return NULL;                                                                                             \
  }

#endif
