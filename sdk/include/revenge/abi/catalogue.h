/*
 * Draft: may change in the next release.
 *
 * The catalogue as a service, interface "revenge.catalogue/1": a plugin that knows which media there are says where the files
 * of an item are. Items and files are named by their ids, as the catalogue's clients know them.
 */
#ifndef REVENGE_ABI_CATALOGUE_H
#define REVENGE_ABI_CATALOGUE_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_CATALOGUE_ID "revenge.catalogue/1"

/* Begins the answer of locate; offsets are counted from here. */
typedef struct revenge_catalogue_file {
  uint32_t size;
  uint32_t reserved;
  uint64_t bytes;      /* of the file, when it was last seen */
  int64_t modified_ns; /* since 1970-01-01 UTC, likewise */
  uint64_t root_at;    /* the absolute path of the folder that its library lies in */
  uint64_t root_length;
  uint64_t path_at; /* below that folder, without leading slash; any bytes but NUL */
  uint64_t path_length;
} revenge_catalogue_file;

typedef struct revenge_catalogue {
  uint32_t size;
  uint32_t reserved;

  /* [any-thread] waits; two-way; owns: *file moves to the caller. `done`: 0, where this thread may block; else a completion
     handle of revenge.service/1, which may be finished later with the same bytes. The file of `item` that a player begins with: the first part of
     its first version, or the one whose id is `which`, unless that is empty. REVENGE_NOT_FOUND: there is no such item, or it
     has no such file. REVENGE_UNAVAILABLE: the file is not there now. */
  revenge_status (*locate)(void* self, const revenge_call* call, revenge_view item, revenge_view which,
                           revenge_handle done, revenge_buffer* file, revenge_error* error);
} revenge_catalogue;

#ifdef __cplusplus
}
#endif

#endif
