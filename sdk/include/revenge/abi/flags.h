/*
 * Feature flags, table "revenge.flags/1". The operator defines flags in a file and changes them while plugins run;
 * a plugin asks for each decision anew and keeps none. Evaluating takes no lock, allocates nothing for flags that are
 * true or false, and is counted by flag and variant.
 *
 * Reasons and faults are those of OpenFeature. Whenever the host serves no variant, the caller's own default counts.
 */
#ifndef REVENGE_ABI_FLAGS_H
#define REVENGE_ABI_FLAGS_H

#include <revenge/abi/base.h>
#include <revenge/abi/timer.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_FLAGS_ID "revenge.flags/1"

/* What the caller wants the flag to be. A number with an integral value of at most 2^53-1 is also an integer, and an
   integer a number; nothing else converts. */
enum {
  REVENGE_FLAG_BOOLEAN = 1,
  REVENGE_FLAG_STRING = 2,
  REVENGE_FLAG_INTEGER = 3,
  REVENGE_FLAG_NUMBER = 4,
  REVENGE_FLAG_OBJECT = 5 /* its JSON, as text */
};

enum {
  REVENGE_FLAG_STATIC = 1,          /* the flag says the same to everybody */
  REVENGE_FLAG_DEFAULT = 2,         /* nothing applied, or a prerequisite or the schedule turned it off */
  REVENGE_FLAG_TARGETING_MATCH = 3, /* a rule */
  REVENGE_FLAG_SPLIT = 4,           /* a percentage or weights */
  REVENGE_FLAG_CACHED = 5,          /* 5, 7 and 8 are OpenFeature's; this host never answers them */
  REVENGE_FLAG_DISABLED = 6,        /* out of force, or killed */
  REVENGE_FLAG_UNKNOWN = 7,
  REVENGE_FLAG_STALE = 8,
  REVENGE_FLAG_ERROR = 9 /* `fault` says which */
};

enum {
  REVENGE_FLAG_NO_FAULT = 0,
  REVENGE_FLAG_NOT_FOUND = 1,
  REVENGE_FLAG_TYPE_MISMATCH = 2,
  REVENGE_FLAG_TARGETING_KEY_MISSING = 3,
  REVENGE_FLAG_GENERAL = 4
};

enum {
  REVENGE_FLAG_ATTRIBUTE_TEXT = 1,
  REVENGE_FLAG_ATTRIBUTE_NUMBER = 2,
  REVENGE_FLAG_ATTRIBUTE_BOOLEAN = 3 /* `number` other than 0 is true */
};

/* What is known of a user. Rules compare it with values of its own type only. */
typedef struct revenge_flag_attribute {
  uint32_t size;
  uint32_t type; /* REVENGE_FLAG_ATTRIBUTE_TEXT ... */
  revenge_view name;
  revenge_view text;
  double number;
} revenge_flag_attribute;

/* For whom a flag is evaluated. */
typedef struct revenge_flag_user {
  uint32_t size;
  uint32_t reserved;
  revenge_view key; /* what percentages go by; empty: nobody in particular, who gets the default variant */
  const revenge_flag_attribute* attributes;
  size_t attribute_count;
} revenge_flag_user;

/* The caller provides it with `size` set. */
#define REVENGE_FLAG_NAME 128
typedef struct revenge_flag_result {
  uint32_t size;
  uint32_t reason; /* REVENGE_FLAG_STATIC ... */
  uint32_t fault;  /* REVENGE_FLAG_NO_FAULT ... */
  int32_t rule;    /* index of the rule that decided; -1: none did */
  bool served;     /* false: the caller's default counts, and no value is set */
  bool boolean;
  int64_t integer;
  double number;
  revenge_buffer text;                  /* string and object: moves to the caller */
  char variant[REVENGE_FLAG_NAME];      /* served; ends with 0 */
  char prerequisite[REVENGE_FLAG_NAME]; /* key of the first one that failed; ends with 0, empty: none did */
} revenge_flag_result;

typedef struct revenge_flags {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: nothing. The handle of a key, for ever and the same for every plugin; also
     of a flag that nobody has defined yet. REVENGE_LIMIT: too many different keys. */
  revenge_status (*find)(const revenge_host* host, revenge_view key, revenge_handle* flag,
                         revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. A boolean flag for the user of that key: `fallback` when there is no such
     flag, it is not boolean, or the instance is gone. */
  bool (*enabled)(const revenge_host* host, revenge_handle flag, revenge_view user_key, bool fallback);
  /* [io] no-wait; two-way; owns: result->text moves to the caller. Answers REVENGE_OK also when no variant is
     served; the result says why. */
  revenge_status (*evaluate)(const revenge_host* host, revenge_handle flag, uint32_t type,
                             const revenge_flag_user* user, revenge_flag_result* result,
                             revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: *watch belongs to the caller until unwatch or destroy. `changed` runs on a
     worker after the flag has been defined, removed or changed, or one it has for prerequisite was; several changes
     may be one run, and runs of one watch never overlap. Its context must live until unwatch or `destroy`. */
  revenge_status (*watch)(const revenge_host* host, revenge_handle flag, const revenge_job* changed,
                          revenge_handle* watch, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: the watch ends. REVENGE_OK: it will not run again and is not running;
     REVENGE_BUSY: it is running now, for the last time. */
  revenge_status (*unwatch)(const revenge_host* host, revenge_handle watch);
} revenge_flags;

#ifdef __cplusplus
}
#endif

#endif
