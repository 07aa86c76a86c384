/* Logging, table "revenge.log/1". Records carry the plugin's id, version and, through the call, the request's
 * id. */
#ifndef REVENGE_ABI_LOG_H
#define REVENGE_ABI_LOG_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_LOG_ID "revenge.log/1"

enum {
  REVENGE_LOG_TRACE = 0,
  REVENGE_LOG_DEBUG = 1,
  REVENGE_LOG_INFO = 2,
  REVENGE_LOG_WARN = 3,
  REVENGE_LOG_ERROR = 4
};

enum {
  REVENGE_ATTRIBUTE_BOOLEAN = 1, /* integer is 0 or 1 */
  REVENGE_ATTRIBUTE_INTEGER = 2,
  REVENGE_ATTRIBUTE_NUMBER = 3,
  REVENGE_ATTRIBUTE_TEXT = 4,
  REVENGE_ATTRIBUTE_DURATION_NS = 5, /* integer */
  /* A group: as many attributes as `integer` says, directly behind this one, are in it. Groups within it and
     their members count. A group without members is left out; one without a name is not there, its members are. */
  REVENGE_ATTRIBUTE_GROUP = 6,
  /* All that follows is in a group of that name: in the record, or, when bound, also what is bound to the logger later
     and what its records carry. */
  REVENGE_ATTRIBUTE_OPEN_GROUP = 7
};

/* A typed attribute of a record: a name and one of integer, number, text. Of two with one name in one group the last is
 * kept. A name that a line has itself (time, level, message, request, user, trace_id, ...) gets a '_' behind it. A value
 * whose name is that of a secret (the operator's log.redact) is not written. */
typedef struct revenge_attribute {
  uint32_t size;
  uint32_t type;
  revenge_view name;
  int64_t integer;
  double number;
  revenge_view text;
} revenge_attribute;

typedef struct revenge_log_record {
  uint32_t size;
  uint32_t level;
  revenge_view message;
  const revenge_attribute* attributes;
  size_t attribute_count;
  revenge_view file; /* source; empty when unknown */
  uint32_t line;
  uint32_t reserved;
} revenge_log_record;

typedef struct revenge_log {
  uint32_t size;
  uint32_t reserved;
  /* [io] no-wait; two-way; owns: nothing. Whether a record of this level would be kept; a cheap check before
     building one. `logger` 0 is the plugin's own. */
  bool (*enabled)(const revenge_host* host, revenge_handle logger, uint32_t level);
  /* [io] no-wait; one-way; owns: nothing. `call` may be NULL. Never blocks: a flood is thinned and the loss
   * counted. */
  void (*write)(const revenge_host* host, const revenge_call* call, revenge_handle logger,
                const revenge_log_record* record);
  /* [any-thread] no-wait; two-way; owns: *logger belongs to the caller until unbind or destroy. A logger
     whose records all carry these attributes. */
  revenge_status (*bind)(const revenge_host* host, revenge_handle logger, const revenge_attribute* attributes,
                         size_t attribute_count, revenge_handle* bound, revenge_error* error);
  /* [any-thread] no-wait; one-way; owns: the logger ends. */
  void (*unbind)(const revenge_host* host, revenge_handle bound);
} revenge_log;

#ifdef __cplusplus
}
#endif

#endif
