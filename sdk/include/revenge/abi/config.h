/* The running configuration, table "revenge.config/1". Changes reach a plugin through prepare and commit
   (plugin.h); this table is for code that prefers to ask. */
#ifndef REVENGE_ABI_CONFIG_H
#define REVENGE_ABI_CONFIG_H

#include <revenge/abi/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_CONFIG_ID "revenge.config/1"

typedef struct revenge_configuration {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: *json moves to the caller. This plugin's section after its schema,
   * as JSON. */
  revenge_status (*read)(const revenge_host* host, revenge_buffer* json, revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. Rises with each committed change; 0 when the instance is gone. */
  uint64_t (*revision)(const revenge_host* host);
} revenge_configuration;

#ifdef __cplusplus
}
#endif

#endif
