/* Folders of a plugin id, table "revenge.paths/1". They belong to the id: every version and instance sees the
 * same. */
#ifndef REVENGE_ABI_PATHS_H
#define REVENGE_ABI_PATHS_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_PATHS_ID "revenge.paths/1"

enum {
  REVENGE_PATH_STATE = 1,     /* kept for ever, backed up */
  REVENGE_PATH_CACHE = 2,     /* may vanish between two runs */
  REVENGE_PATH_TEMPORARY = 3, /* emptied when the plugin id is loaded for the first time in a run */
  REVENGE_PATH_PACKAGE = 4    /* plugin.json and the files beside it, read-only */
};

typedef struct revenge_paths {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: *path moves to the caller. An absolute path; the folder exists on
   * return. */
  revenge_status (*folder)(const revenge_host* host, uint32_t kind, revenge_buffer* path,
                           revenge_error* error);
} revenge_paths;

#ifdef __cplusplus
}
#endif

#endif
