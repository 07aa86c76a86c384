/*
 * Draft: may change in the next release.
 *
 * Child processes, table "revenge.process/1". A plugin never forks: it asks the host, whose warden forks for all. A child
 * leads a session of its own, has no descriptors but 0 to 2, no core file, default signals, and a small environment: PATH
 * (the operator's), LANG=C.UTF-8, TMPDIR (the plugin's temporary folder) and what the command adds or replaces.
 *
 * `start` begins one. Its completion comes when the child has ended, or, as asked, when it runs. REVENGE_OK is any end of
 * a child that ran: an exit code of 1, a signal, a deadline; `result` says which. Any other status: it never ran, or the
 * host lost it.
 *
 *   static void ended(void* self, revenge_status status, revenge_view none, const revenge_error* error) {
 *     if (status != REVENGE_OK) return;   // error->message: the program, what happened
 *     revenge_process_result result = {sizeof result};
 *     process->result(host, child, &result, NULL);
 *     process->close(host, child);
 *   }
 *   process->start(host, call, &command, &child, &(revenge_completion){sizeof(revenge_completion), 0, self, ended}, &error);
 *
 * An end that is asked for (deadline, cancel, an output that is too long, the instance's leaving) is SIGTERM to the
 * child's group, and SIGKILL to it after the grace. With the child ends whatever it has left running, whatever session
 * that is in, before the completion comes; a pipe held open elsewhere delays nothing. A child keeps the instance inside
 * until it has ended; at the deadline of the drain it is asked to end, always before `destroy`. No child outlives the host.
 */
#ifndef REVENGE_ABI_PROCESS_H
#define REVENGE_ABI_PROCESS_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_PROCESS_ID "revenge.process/1"

/* When the completion of `start` comes. */
enum { REVENGE_PROCESS_UNTIL_ENDED = 0, REVENGE_PROCESS_UNTIL_STARTED = 1 };
/* Where the standard input comes from. */
enum {
  REVENGE_PROCESS_INPUT_NOTHING = 0, /* /dev/null */
  REVENGE_PROCESS_INPUT_WHOLE = 1,   /* command->input_bytes */
  REVENGE_PROCESS_INPUT_STREAM = 2   /* `write` and `finish` */
};
/* Where an output goes. */
enum {
  REVENGE_PROCESS_OUTPUT_DISCARD = 0, /* /dev/null */
  REVENGE_PROCESS_OUTPUT_COLLECT = 1, /* result->out, result->err */
  REVENGE_PROCESS_OUTPUT_STREAM = 2   /* `read` */
};
/* What becomes of a collected output that is too long. */
enum {
  REVENGE_PROCESS_BEYOND_KILL = 0, /* the child is ended: REVENGE_PROCESS_OUTPUT_LIMIT */
  REVENGE_PROCESS_BEYOND_KEEP_HEAD = 1,
  REVENGE_PROCESS_BEYOND_KEEP_TAIL = 2
};
enum { REVENGE_PROCESS_IO_AS_HOST = 0, REVENGE_PROCESS_IO_LOW = 1, REVENGE_PROCESS_IO_IDLE = 2 };
/* Which output `read` is for. */
enum { REVENGE_PROCESS_OUT = 0, REVENGE_PROCESS_ERR = 1 };
/* How a child ended. */
enum {
  REVENGE_PROCESS_EXITED = 0,
  REVENGE_PROCESS_SIGNALLED = 1,
  REVENGE_PROCESS_TIMED_OUT = 2, /* exit_code or signal say what it made of it, here and below */
  REVENGE_PROCESS_CANCELLED = 3,
  REVENGE_PROCESS_OUTPUT_LIMIT = 4
};

/* Views are copied; all fields but the arguments may be 0. */
typedef struct revenge_process_command {
  uint32_t size;
  uint32_t until;
  const revenge_view*
      arguments; /* the program first: looked up in PATH when it has no slash; any bytes but 0 */
  size_t argument_count;
  const revenge_field* environment; /* beside, or instead of, what every child has */
  size_t environment_count;
  revenge_view folder; /* the working directory, absolute; empty: / */
  uint32_t input;
  uint32_t out;
  uint32_t err;
  uint32_t out_beyond;
  uint32_t err_beyond;
  int32_t niceness;           /* beside the host's; less than 0 needs a privilege */
  revenge_buffer input_bytes; /* the host owns it from the call on; without `release` it is copied */
  uint64_t max_out_bytes;     /* of a collected output; 0: the operator's */
  uint64_t max_err_bytes;
  uint32_t io_priority;
  int32_t oom_score_adj;    /* -1000..1000; 0: the host's; less than the host's needs a privilege */
  uint64_t max_cpu_seconds; /* resource limits; 0: the host's. Beyond this one: SIGXCPU, SIGKILL */
  uint64_t max_address_bytes;
  uint64_t max_file_bytes; /* of a file that it writes */
  uint64_t max_open_files;
  int64_t
      timeout_ns; /* from `start` on, the wait for a place too; the call's deadline counts too, the nearer of
                         both. 0: no limit but that */
  int64_t grace_ns; /* between SIGTERM and SIGKILL; 0: the operator's */
} revenge_process_command;

/* The caller provides it with `size` set. All views live until `close`. */
typedef struct revenge_process_result {
  uint32_t size;
  uint32_t how;
  int32_t exit_code; /* when signal is 0 */
  int32_t signal;    /* that ended it; 0: it exited */
  int64_t user_ns;   /* processor time, its waited-for children's too */
  int64_t system_ns;
  int64_t wall_ns;        /* since it ran */
  uint64_t max_rss_bytes; /* of it or one of its waited-for children */
  revenge_view out;       /* when collected */
  revenge_view err;
  uint64_t out_cut; /* bytes that came and are not in `out` */
  uint64_t err_cut;
} revenge_process_result;

typedef struct revenge_process {
  uint32_t size;
  uint32_t reserved;

  /* [io] waits; two-way; owns: command->input_bytes moves to the host, whatever it answers; *child belongs to the caller
     until close, or until the completion tells of a failure. It is set before `done` can run. Beyond the operator's
     limits of running children it waits its turn. Answers REVENGE_PENDING, or at once why not: REVENGE_INVALID names the
     field, REVENGE_LIMIT too many that nobody has closed. What a completion tells: REVENGE_NOT_FOUND no such program or
     folder; REVENGE_REFUSED it may not be run, or a priority is not the host's to give; REVENGE_INVALID it cannot be run
     so; REVENGE_TIMED_OUT, REVENGE_CANCELLED before it ran; REVENGE_UNAVAILABLE the host lost its warden, and the child. */
  revenge_status (*start)(const revenge_host* host, const revenge_call* call,
                          const revenge_process_command* command, revenge_handle* child,
                          const revenge_completion* done, revenge_error* error);
  /* [io] waits; two-way; owns: nothing. Until it has ended: REVENGE_OK, it has; REVENGE_PENDING: `done` tells. One at a
     time. */
  revenge_status (*ended)(const revenge_host* host, revenge_handle child, const revenge_completion* done,
                          revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. Of a child that has ended; REVENGE_BUSY: it has not. */
  revenge_status (*result)(const revenge_host* host, revenge_handle child, revenge_process_result* result,
                           revenge_error* error);
  /* [io] waits; two-way; owns: nothing. The next piece of a streamed output. REVENGE_OK: *piece is set, valid until the
     next read of this output or close; REVENGE_END: no more; REVENGE_PENDING: `done` gets the piece as its result
     (REVENGE_OK or REVENGE_END). The child is held up as long as nobody reads. One at a time for each output; also
     after the child has ended. */
  revenge_status (*read)(const revenge_host* host, revenge_handle child, uint32_t output, revenge_view* piece,
                         const revenge_completion* done, revenge_error* error);
  /* [io] waits; two-way; owns: nothing, `data` is copied. More of a streamed input, from right after `start` on.
     REVENGE_OK: accepted, go on; REVENGE_PENDING: accepted, and `done` says when there is room again: write nothing
     before; REVENGE_END, here or there: the child reads no more. */
  revenge_status (*write)(const revenge_host* host, revenge_handle child, revenge_view data,
                          const revenge_completion* done, revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. The streamed input is complete: the child reads its end. */
  revenge_status (*finish)(const revenge_host* host, revenge_handle child, revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. Sends the signal to the child's group. REVENGE_BUSY: it does not run yet;
     REVENGE_GONE: it has ended. */
  revenge_status (*signal)(const revenge_host* host, revenge_handle child, int32_t number,
                           revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. The child is asked to end, which its completion tells a little later. */
  revenge_status (*cancel)(const revenge_host* host, revenge_handle child);
  /* [io] no-wait; two-way; owns: the child's handle and its views end. One that runs is asked to end. */
  revenge_status (*close)(const revenge_host* host, revenge_handle child);
} revenge_process;

#ifdef __cplusplus
}
#endif

#endif
