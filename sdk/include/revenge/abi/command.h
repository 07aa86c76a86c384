/*
 * Draft: may change in the next release.
 *
 * Commands for the operator, table "revenge.command/1": `revengectl run ID COMMAND` and the control plane, never the public
 * port. A plugin adds them at create; the instance that serves answers. One that runs when the plugin is swapped goes on
 * in the instance it began in, which drains until then; at the deadline of the drain it is cancelled.
 *
 * Arguments are an object with a JSON Schema, as the plugin's configuration: checked by the host, defaults filled in,
 * handed over as JSON and as leaves.
 */
#ifndef REVENGE_ABI_COMMAND_H
#define REVENGE_ABI_COMMAND_H

#include <revenge/abi/base.h>
#include <revenge/abi/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_COMMAND_ID "revenge.command/1"

/* Who may run it. */
enum {
  REVENGE_COMMAND_FOR_LOOKERS = 0, /* whoever may look: it changes nothing */
  REVENGE_COMMAND_FOR_STEERERS = 1
};
/* What it does. What changes something is for steerers, and stands in the audit log. */
enum {
  REVENGE_COMMAND_LOOKS = 0,
  REVENGE_COMMAND_CHANGES = 1,
  REVENGE_COMMAND_CHANGES_OR_TELLS = 2 /* and, run dry, says what it would change */
};

/* One run. Valid until `run` returns. */
typedef struct revenge_command_run {
  uint32_t size;
  bool dry;                        /* say what would be done, and do nothing; of CHANGES_OR_TELLS alone */
  const revenge_config* arguments; /* its revision is 0 */
} revenge_command_run;

/* Views are copied. `context` must live until `destroy`. */
typedef struct revenge_command {
  uint32_t size;
  uint32_t role;
  uint32_t effect;
  uint32_t reserved;
  revenge_view name;        /* "backup": a-z first, then a-z, 0-9 and '-'; at most 40 */
  revenge_view description; /* one line, for people */
  revenge_view schema;      /* of the arguments: JSON Schema of an object; empty: it takes none */
  int64_t timeout_ns;       /* 0: 30 s; at most a day */
  void* context;
  /* [worker] no-wait; two-way; owns: *answer moves to the host. Several runs at once, each on a thread of its own that
     may block for as long as the timeout, the call's deadline. Past it the operator is told so, and nobody reads the
     answer any more; long work asks revenge.call/1 whether anybody still waits. REVENGE_OK: *answer is a JSON object of
     at most 4 MiB, without a member `error`. */
  revenge_status (*run)(void* context, const revenge_call* call, const revenge_command_run* run,
                        revenge_buffer* answer, revenge_error* error);
} revenge_command;

typedef struct revenge_commands {
  uint32_t size;
  uint32_t reserved;
  /* [any-thread] no-wait; two-way; owns: nothing. The command lasts as long as the instance. REVENGE_INVALID names what is
     wrong; REVENGE_EXISTS: the instance has one of this name; REVENGE_LIMIT past 100. */
  revenge_status (*add)(const revenge_host* host, const revenge_command* command, revenge_error* error);
} revenge_commands;

#ifdef __cplusplus
}
#endif

#endif
