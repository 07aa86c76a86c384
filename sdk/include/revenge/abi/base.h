/*
 * What every table of the boundary is made of: status, error, view, buffer, handles, the call, completions.
 *
 * Rules of this folder (tools/checks/abi_vocabulary.py refuses a header that leaves them):
 * - C11, only stdint, stddef and stdbool. Every header compiles alone, as C and as C++.
 * - Each struct begins with `uint32_t size`, set by whoever fills it; fields are only appended. A reader uses
 *   REVENGE_HAS before it touches a field added after the first revision. Excepted are the fixed shapes of
 * this file: view, buffer, field.
 * - Vocabulary: integers, floats, bool, views, buffers, handles, file descriptors (ownership moves), sized
 * structs, arrays of them (pointer and count) and function pointers. No pointer to pointer, no varargs.
 * - Each function carries, in the comment before it, one line of this form:
 *     [thread tag] waits|no-wait; one-way|two-way; owns: what changes its owner, or nothing
 *   Thread tags: [lifecycle] serialised by the host per plugin, never on an I/O thread; [any-thread]
 * concurrent; [io] concurrent, possibly on an I/O thread: must not block; [worker] concurrent, on a worker,
 * may block. `waits` means: may answer REVENGE_PENDING and then completes exactly once. `one-way` means: no
 * answer is needed, so that the call may be sent and forgotten when the plugin runs in a process of its own.
 * - Strings are UTF-8 without terminator; a view lives until the call it is passed to returns, unless said
 * otherwise. Durations are int64_t nanoseconds and say so in their name; points in time are CLOCK_MONOTONIC
 * nanoseconds.
 */
#ifndef REVENGE_ABI_BASE_H
#define REVENGE_ABI_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* True when the filler of *object knew `field`: the field lies within the size it declared. */
#define REVENGE_HAS(object, type, field) \
  ((object)->size >= offsetof(type, field) + sizeof(((const type*)0)->field))

/* Answers of every function. Negative is failure. A host or plugin may meet a value newer than itself: any
   unknown negative value is to be treated as REVENGE_FAILED. */
typedef int32_t revenge_status;
enum {
  REVENGE_OK = 0,
  REVENGE_PENDING = 1, /* accepted; the completion follows exactly once */
  REVENGE_END = 2,     /* a stream has ended; not a failure */

  REVENGE_FAILED = -1,        /* the callee's code failed (an exception, a broken invariant) */
  REVENGE_INVALID = -2,       /* an argument is wrong; the error names it */
  REVENGE_NOT_FOUND = -3,     /* no such thing; trying again does not help */
  REVENGE_EXISTS = -4,        /* the name is taken */
  REVENGE_REFUSED = -5,       /* a rule says no; the error names the rule */
  REVENGE_UNAVAILABLE = -6,   /* no provider now; trying later may help */
  REVENGE_GONE = -7,          /* the owner of the handle, or the caller itself, has left */
  REVENGE_BUSY = -8,          /* waiting is not allowed here, or another operation holds the thing */
  REVENGE_TIMED_OUT = -9,     /* the deadline passed */
  REVENGE_CANCELLED = -10,    /* the caller or a shutdown asked to stop */
  REVENGE_LIMIT = -11,        /* a quota or size limit was reached */
  REVENGE_WRONG_THREAD = -12, /* the thread tag of the function was not kept */
  REVENGE_IO = -13            /* the operating system refused; the error carries its text */
};

/* Borrowed bytes. {NULL, 0} is the empty view. */
typedef struct revenge_view {
  const char* data;
  size_t size;
} revenge_view;

/* Bytes that change their owner. The receiver calls release(owner) exactly once, on any thread, when it is
   done; a NULL release marks borrowed bytes that live until the call returns, which a receiver that needs
   them longer copies. */
typedef struct revenge_buffer {
  const char* data;
  size_t size;
  void (*release)(void* owner); /* [any-thread] no-wait; one-way; owns: the buffer ends */
  void* owner;
} revenge_buffer;

/* A name and a value: header fields, path and query parameters, labels. */
typedef struct revenge_field {
  revenge_view name;
  revenge_view value;
} revenge_field;

/* Names a thing that the host keeps for one instance (route, timer, responder, slot ...). 0 is none. A handle
   carries a generation: a stale one, or one of another instance, is refused with REVENGE_GONE. */
typedef uint64_t revenge_handle;
/* A number a service hands out that keeps nothing alive and survives a swap inside the handed-over state. 0
 * is none. */
typedef uint64_t revenge_token;

/* Where a failure says why. The caller provides it with `size` set; the callee writes `message` (truncated to
   REVENGE_ERROR_TEXT bytes at a character boundary) and `length`. A NULL error pointer is allowed everywhere.
 */
#define REVENGE_ERROR_TEXT 480
typedef struct revenge_error {
  uint32_t size;
  uint32_t length;
  char message[REVENGE_ERROR_TEXT];
} revenge_error;

/* What a call is for. Made once at the head of a request, shared by all calls beneath it. */
typedef struct revenge_origin {
  uint32_t size;
  uint32_t trace_flags;
  uint64_t trace_id_high; /* W3C trace context; both halves 0: not traced */
  uint64_t trace_id_low;
  uint64_t span_id;
  revenge_view request_id; /* printable, unique in this process */
  revenge_view user_key;   /* whom the request is for; empty: nobody in particular */
  uint32_t event_hops;     /* events that led here, see events.h; 0: none did */
  uint32_t reserved;
  revenge_view
      trace_state; /* W3C tracestate, to be passed on as it is; empty: none. Not in the first revision. */
} revenge_origin;

/* The context of a call: travels as an argument through every service function and handler, never in a
   thread-local. A plugin that calls on passes the one it was given, or a copy with a nearer deadline. It is
   valid until the function it was passed to returns; a deferred answer keeps its own through the responder.
 */
typedef struct revenge_call {
  uint32_t size;
  uint32_t depth;        /* plugin frames above this one; the host refuses a call beyond REVENGE_MAX_DEPTH */
  int64_t deadline_ns;   /* monotonic; 0: none */
  revenge_handle cancel; /* asked through revenge.call/1; 0: cannot be cancelled */
  revenge_handle
      caller; /* the calling instance, 0: the host; set by the host, whatever a plugin writes here */
  const revenge_origin* origin; /* NULL outside a request */
  uint64_t inside[4]; /* the host's: instances above this frame, which a held one among them lets in again */
} revenge_call;
#define REVENGE_MAX_DEPTH 32

/* The opaque record that the host keeps for one instance: first argument of every host function. It outlives
   the instance: a call after stop, after destroy or from a leaked thread is answered REVENGE_GONE. */
typedef struct revenge_host revenge_host;

/* How a function that may wait reports its end. The struct is copied before the function returns; `complete`
   runs once, entered into the instance that passed it, on a host thread, with a final status, and always
   before `destroy` of that instance returns. It does not run at all when the function answered anything but
   REVENGE_PENDING. */
typedef struct revenge_completion {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* [io] no-wait; one-way; owns: nothing, `result` is borrowed */
  void (*complete)(void* context, revenge_status status, revenge_view result, const revenge_error* error);
} revenge_completion;

#ifdef __cplusplus
}
#endif

#endif
