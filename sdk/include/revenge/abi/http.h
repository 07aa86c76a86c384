/*
 * HTTP, table "revenge.http/1": routes, middleware, responses.
 *
 * A request arrives as one flat struct of views, a response leaves as one. A handler answers by `respond`
 * (whole or file region), `stream_open` (bytes as they come, or server-sent events), or later through a
 * responder it took with `defer`. A handler that returns without any of these is answered 500 by the host; a
 * deferred request that is never answered, 504 at its deadline; a second answer is refused. Range,
 * conditional requests, HEAD, Date, Content-Length, Connection and framing are the host's: a route answers as
 * to a plain GET.
 */
#ifndef REVENGE_ABI_HTTP_H
#define REVENGE_ABI_HTTP_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_HTTP_ID "revenge.http/1"

enum {
  REVENGE_HTTP_GET = 1, /* answers HEAD too */
  REVENGE_HTTP_POST = 2,
  REVENGE_HTTP_PUT = 3,
  REVENGE_HTTP_DELETE = 4,
  REVENGE_HTTP_PATCH = 5,
  REVENGE_HTTP_HEAD = 6,
  REVENGE_HTTP_OPTIONS = 7
};

/* A request. All views live until the handler returns, or, after `defer`, until the answer. */
typedef struct revenge_http_request {
  uint32_t size;
  uint32_t method;
  revenge_handle
      exchange;         /* names this request in all functions below; ends with the handler unless deferred */
  revenge_view target;  /* as sent */
  revenge_view path;    /* decoded once, dot segments resolved; never contains NUL */
  revenge_view query;   /* as sent, without '?' */
  revenge_view pattern; /* of the route that matched */
  const revenge_field* path_parameters; /* decoded */
  size_t path_parameter_count;
  const revenge_field* query_parameters; /* decoded, in order, repeated ones repeated */
  size_t query_parameter_count;
  const revenge_field* headers; /* names in lower case, in order */
  size_t header_count;
  revenge_view remote_address; /* "203.0.113.7", "2001:db8::1" */
  uint32_t remote_port;
  uint32_t may_block;     /* 0: on an I/O thread; a handler that would have to wait answers REVENGE_BUSY */
  revenge_view body;      /* whole, when the route says REVENGE_HTTP_BODY_WHOLE */
  int64_t content_length; /* -1: chunked, not known yet */
  int64_t received_ns;    /* of the host's monotonic clock: when the head was there */
  /* How long the job that waits longest has been waiting for a worker of the plugin whose route this is; 0: none waits, or
     the route runs inline. What this request would wait at least. */
  int64_t queue_delay_ns;
  uint64_t
      queue; /* of which plugin's workers that is: one number for each plugin; 0: the route runs inline */
} revenge_http_request;

enum {
  REVENGE_HTTP_BODY_NONE = 0,  /* a request with a body is answered 413 */
  REVENGE_HTTP_BODY_WHOLE = 1, /* read before the handler runs, at most max_body_bytes: else 413 */
  REVENGE_HTTP_BODY_STREAM = 2 /* read by body_read */
};
enum {
  REVENGE_HTTP_WORKER = 0, /* the handler may block */
  REVENGE_HTTP_INLINE =
      1 /* a wish to run on the I/O thread: the handler never blocks. When it finds that it would have to, it returns
           REVENGE_BUSY unanswered and is called once more, on a worker. Configuration may refuse the wish. */
};
/* What a request gets while the route's plugin is away, failed to load or to configure. */
enum {
  REVENGE_ABSENCE_REFUSE = 0,    /* 503 with Retry-After */
  REVENGE_ABSENCE_BYPASS = 1,    /* the next candidate of the route, then 404 */
  REVENGE_ABSENCE_LAST_GOOD = 2, /* the last 200 to the same target, at most 64 KiB, else as refuse */
  REVENGE_ABSENCE_WAIT = 3       /* parked without a thread for at most absence_wait_ns, then as refuse */
};

typedef struct revenge_http_route {
  uint32_t size;
  uint32_t method;
  /* "/stream/{id}": {name} one segment, {name...} the rest at the end, no two patterns that match the same.
     Literal segments win over parameters. */
  revenge_view pattern;
  uint32_t execution;
  uint32_t body;
  uint64_t max_body_bytes; /* 0: the host's default */
  int64_t timeout_ns;      /* from the request's head to the answer's head; 0: the host's default */
  uint32_t absence;
  int32_t rank; /* several plugins may offer one method and pattern: lower ranks first, then plugin ids in
                   order */
  int64_t absence_wait_ns;
  void* context;
  /* [worker] no-wait; two-way; owns: nothing. [io] when inline. REVENGE_OK: answered or deferred;
     REVENGE_NOT_FOUND, REVENGE_INVALID, REVENGE_LIMIT, REVENGE_UNAVAILABLE, REVENGE_TIMED_OUT and
     REVENGE_REFUSED without an answer become 404, 400, 429, 503, 504 and 403 with the error's text; any other
     failure 500 without it. */
  revenge_status (*handle)(void* context, const revenge_call* call, const revenge_http_request* request,
                           revenge_error* error);
  /* The boolean flag that says who gets this route; empty: the one that gates the plugin. Evaluated once for each request,
     behind the middleware, for the user key of its call, and kept as long as the user's session. Who is not taken gets the
     next candidate of the route, then 404; a flag that nobody has defined takes everybody. */
  revenge_view flag;
} revenge_http_route;

/* Runs before the handlers of all routes below `prefix`, in rising order, then by plugin id. */
typedef struct revenge_http_middleware {
  uint32_t size;
  int32_t order;
  revenge_view name;
  revenge_view prefix; /* "/" for all */
  uint32_t execution;  /* REVENGE_HTTP_INLINE: never blocks. One that may block moves the whole request to a
                          worker. */
  uint32_t absence;    /* REFUSE or BYPASS */
  void* context;
  /* [worker] no-wait; two-way; owns: nothing. [io] when inline. REVENGE_OK: go on, unless it answered the
     request. Failures as for a route. */
  revenge_status (*before)(void* context, const revenge_call* call, const revenge_http_request* request,
                           revenge_error* error);
} revenge_http_middleware;

enum {
  REVENGE_HTTP_WHOLE = 0, /* body */
  REVENGE_HTTP_FILE = 1   /* file, offset, length */
};

/* A response whose end is known. For a GET answered 200 the host serves Range and conditional requests from
 * it. */
typedef struct revenge_http_response {
  uint32_t size;
  uint32_t status; /* 200..599 */
  uint32_t kind;
  int32_t file; /* a regular file, opened for reading; the host owns it from the call on, whatever it answers;
                   -1: none */
  const revenge_field* headers; /* copied; not the ones that are the host's */
  size_t header_count;
  revenge_view content_type; /* empty: none */
  revenge_view etag;   /* with quotes; empty for a file: made from device, inode, size and change time */
  revenge_buffer body; /* the host owns it from the call on */
  uint64_t offset;
  uint64_t length;      /* UINT64_MAX: to the end of the file */
  int64_t modified_ns;  /* wall time for Last-Modified; 0: a file's own, or none */
  revenge_view session; /* names the response in the `finished` event; empty: no event */
} revenge_http_response;

/* How a response with a session ended. Reaches the instance of the plugin id that runs then. */
typedef struct revenge_http_finished {
  uint32_t size;
  uint32_t status;
  revenge_view session;
  uint64_t bytes_sent; /* of the body */
  uint32_t complete;   /* 0: the client left or the file shrank; else 1 */
  uint32_t reserved;
} revenge_http_finished;

typedef struct revenge_http_event {
  uint32_t size;
  uint32_t retry_ms; /* 0: not sent */
  revenge_view name;
  revenge_view id;
  revenge_view data; /* may hold line breaks */
} revenge_http_event;

/* Told once when the client of an exchange or stream has left, and not any more once respond, drop or stream_close has
   returned. */
typedef struct revenge_http_watch {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* [io] no-wait; one-way; owns: nothing. */
  void (*client_gone)(void* context, const revenge_call* call);
} revenge_http_watch;

/* How a request ended that `tell_end` was asked for. Reaches the instance of the plugin id that runs then. */
typedef struct revenge_http_ended {
  uint32_t size;
  uint32_t status; /* sent; 0: none was, the client had left */
  uint64_t tag;
  int64_t received_ns; /* of the request's head */
  int64_t answered_ns; /* when the head of the answer was there; 0: never */
  uint64_t bytes_sent; /* of the body */
  uint32_t complete;   /* 0: the client left or the file shrank; else 1 */
  uint32_t reserved;
} revenge_http_ended;

typedef struct revenge_http_listener {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* [worker] no-wait; one-way; owns: nothing. */
  void (*finished)(void* context, const revenge_call* call, const revenge_http_finished* finished);
  /* [io] no-wait; one-way; owns: nothing. */
  void (*ended)(void* context, const revenge_call* call, const revenge_http_ended* ended);
} revenge_http_listener;

/* What holds for one request, each where it is less than what held before. */
typedef struct revenge_http_limit {
  uint32_t size;
  uint32_t reserved;
  int64_t
      deadline_ns; /* of the host's monotonic clock, to the answer's head: 504 beyond; INT64_MAX: as before */
  uint64_t max_body_bytes; /* also of a chunked body: 413 beyond; UINT64_MAX: as before */
} revenge_http_limit;

typedef struct revenge_http {
  uint32_t size;
  uint32_t reserved;

  /* [any-thread] no-wait; two-way; owns: *route belongs to the caller until remove or destroy. During create
     and start it becomes visible when the instance is published; later at once, in a generation of its own.
   */
  revenge_status (*add_route)(const revenge_host* host, const revenge_http_route* route,
                              revenge_handle* handle, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: *handle as for a route. */
  revenge_status (*add_middleware)(const revenge_host* host, const revenge_http_middleware* middleware,
                                   revenge_handle* handle, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: *handle as for a route. The `finished` events of this plugin id. */
  revenge_status (*add_listener)(const revenge_host* host, const revenge_http_listener* listener,
                                 revenge_handle* handle, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: the route, middleware or listener ends; running calls go on. */
  revenge_status (*remove)(const revenge_host* host, revenge_handle handle);

  /* [io] no-wait; two-way; owns: body and file move to the host, also on failure. Inside the handler
     `exchange` is the request's, later the responder. REVENGE_EXISTS: already answered; REVENGE_GONE: the
     client left or the deadline passed (nothing to do). */
  revenge_status (*respond)(const revenge_host* host, revenge_handle exchange,
                            const revenge_http_response* response, revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. Adds a field to whatever answer follows; for middleware. */
  revenge_status (*add_header)(const revenge_host* host, revenge_handle exchange, const revenge_field* field,
                               revenge_error* error);
  /* [io] no-wait; two-way; owns: *responder belongs to the caller until answered or dropped. Inside the
     handler only. The instance is held until then, and the request's views stay valid. */
  revenge_status (*defer)(const revenge_host* host, revenge_handle exchange, revenge_handle* responder,
                          revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. The call of a deferred request, for calls made on its behalf later;
     valid until the answer. NULL when the responder is gone. */
  const revenge_call* (*responder_call)(const revenge_host* host, revenge_handle responder);
  /* [io] no-wait; two-way; owns: the responder ends. 500 to the client at once. */
  revenge_status (*drop)(const revenge_host* host, revenge_handle responder);
  /* [io] no-wait; two-way; owns: nothing. `exchange`: request in its handler, responder or stream. */
  revenge_status (*watch)(const revenge_host* host, revenge_handle exchange, const revenge_http_watch* watch,
                          revenge_error* error);

  /* [io] waits; two-way; owns: nothing. The next piece of a streamed body. REVENGE_OK: *piece is set, valid
     until the next body_read or the answer; REVENGE_END: no more; REVENGE_PENDING: `done` gets the piece as
     its result (REVENGE_OK or REVENGE_END) or a failure. One read at a time. */
  revenge_status (*body_read)(const revenge_host* host, revenge_handle exchange, revenge_view* piece,
                              const revenge_completion* done, revenge_error* error);

  /* [io] no-wait; two-way; owns: *stream belongs to the caller until stream_close. Answers the exchange with
     this head (kind, body and file unused) and chunked framing; the instance is held until the stream's end.
   */
  revenge_status (*stream_open)(const revenge_host* host, revenge_handle exchange,
                                const revenge_http_response* head, revenge_handle* stream,
                                revenge_error* error);
  /* [io] waits; two-way; owns: nothing, `data` is copied. REVENGE_OK: accepted, send more; REVENGE_PENDING:
     accepted, and `done` says when there is room again: write nothing before; REVENGE_GONE: the client left.
   */
  revenge_status (*stream_write)(const revenge_host* host, revenge_handle stream, revenge_view data,
                                 const revenge_completion* done, revenge_error* error);
  /* [io] waits; two-way; owns: nothing. As stream_write, framed as a server-sent event; the head's content
     type should be text/event-stream. */
  revenge_status (*stream_event)(const revenge_host* host, revenge_handle stream,
                                 const revenge_http_event* event, const revenge_completion* done,
                                 revenge_error* error);
  /* [io] no-wait; two-way; owns: the stream ends. complete: the body ends well; else the connection is cut so
     that the client sees a failure. */
  revenge_status (*stream_close)(const revenge_host* host, revenge_handle stream, bool complete);

  /* [io] no-wait; two-way; owns: nothing. For middleware. REVENGE_GONE: the client left. */
  revenge_status (*limit)(const revenge_host* host, revenge_handle exchange, const revenge_http_limit* limit,
                          revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. For middleware: the `ended` of this plugin id's listener is told once, with this
     tag, when the request is over: its answer sent, or its client gone. Once for each request and plugin id:
     REVENGE_EXISTS. No instance is held for it. */
  revenge_status (*tell_end)(const revenge_host* host, revenge_handle exchange, uint64_t tag,
                             revenge_error* error);
  /* [io] no-wait; two-way; owns: the responder ends. For a middleware that deferred: the request goes on to what comes
     behind it. */
  revenge_status (*resume)(const revenge_host* host, revenge_handle responder, revenge_error* error);
} revenge_http;

#ifdef __cplusplus
}
#endif

#endif
