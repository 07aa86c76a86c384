/*
 * Draft: may change in the next release.
 *
 * Going out over HTTP/1.1, table "revenge.http-client/1": requests of a plugin to other servers. The host keeps the
 * connections, resolves names, speaks TLS and always verifies the server; the operator sets the limits of each plugin.
 *
 * `send` begins a request. When its completion comes with REVENGE_OK the head of the response is there, and all of the
 * body too unless it is streamed: `response` shows it until `close`. Any other status is a failure of the request, and
 * the exchange has ended by itself. A response of any status (404, 500) is a success of the request.
 *
 *   static void arrived(void* self, revenge_status status, revenge_view body, const revenge_error* error) {
 *     if (status != REVENGE_OK) return;   // error->message: host, port, what happened, what to do
 *     revenge_http_client_response response = {sizeof response};
 *     client->response(host, exchange, &response);
 *     client->close(host, exchange);
 *   }
 *   client->send(host, call, &request, &exchange, &(revenge_completion){sizeof(revenge_completion), 0, self, arrived}, &error);
 *
 * The host writes Host, Content-Length, Transfer-Encoding, Connection, and traceparent (the call's trace, under a new
 * parent id, its flags kept). It asks for no compression and decodes none: a Content-Encoding is the caller's. There is
 * no proxy, no cookie jar and no cache. An instance that leaves keeps its requests until the deadline of its drain; then
 * they complete with REVENGE_CANCELLED, always before `destroy` returns.
 */
#ifndef REVENGE_ABI_HTTP_CLIENT_H
#define REVENGE_ABI_HTTP_CLIENT_H

#include <revenge/abi/base.h>
#include <revenge/abi/http.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_HTTP_CLIENT_ID "revenge.http-client/1"

/* How a body crosses, each way. */
enum {
  REVENGE_HTTP_CLIENT_WHOLE = 0, /* at once */
  REVENGE_HTTP_CLIENT_STREAM = 1 /* by `write` and `finish`; by `read` */
};

enum {
  REVENGE_HTTP_CLIENT_UNTRACED = 1 /* no traceparent: for servers that should not learn of the trace */
};

/* How a server is verified and this side shows who it is. Files are PEM, read again when they have changed. */
typedef struct revenge_http_client_tls {
  uint32_t size;
  uint32_t reserved;
  revenge_view ca_file;          /* who may have signed; empty: whom the system trusts */
  revenge_view certificate_file; /* the client's chain, for a server that asks for it; empty: none */
  revenge_view key_file;         /* of certificate_file; empty: it stands in certificate_file */
  revenge_view server_name;      /* asked for, and what the certificate must be for; empty: the URL's host */
} revenge_http_client_tls;

/* Views are copied; all fields but method and url may be 0. */
typedef struct revenge_http_client_request {
  uint32_t size;
  uint32_t method;  /* REVENGE_HTTP_GET ... */
  revenge_view url; /* "https://host:port/path?query"; http or https, escaped, without a user */
  const revenge_field* headers;
  size_t header_count;
  revenge_buffer body;    /* the host owns it from the call on; without `release` it is copied */
  uint32_t request_body;  /* REVENGE_HTTP_CLIENT_STREAM: `body` is empty, what `write` gives follows */
  uint32_t response_body; /* REVENGE_HTTP_CLIENT_STREAM: `read` gives it piece by piece */
  int64_t body_length;    /* of a streamed request body; 0: not known, it goes out in chunks */
  int64_t timeout_ns; /* from send to the end of the response; the call's deadline counts too, the nearer of
                                both. 0: the operator's, for a streamed response to its head */
  uint64_t
      max_response_bytes; /* of the body, then REVENGE_LIMIT; 0: the operator's when whole, none when streamed */
  /* 0: a redirect is the response. Else so many are followed, for a whole request body, never from https to http;
     Authorization, Cookie and the client's certificate stay with the first origin. */
  uint32_t max_redirects;
  uint32_t flags;                     /* REVENGE_HTTP_CLIENT_UNTRACED */
  const revenge_http_client_tls* tls; /* NULL: nothing but the defaults */
} revenge_http_client_request;

/* The caller provides it with `size` set. All views live until `close`. */
typedef struct revenge_http_client_response {
  uint32_t size;
  uint32_t status;              /* 200..599 */
  const revenge_field* headers; /* names in lower case, in order, repeated ones repeated */
  size_t header_count;
  revenge_view body;      /* when whole */
  int64_t content_length; /* as the server said, also to a HEAD; -1: it did not */
  revenge_view url;       /* that answered: another than the one asked when redirects were followed */
} revenge_http_client_response;

typedef struct revenge_http_client {
  uint32_t size;
  uint32_t reserved;

  /* [io] waits; two-way; owns: request->body moves to the host, whatever it answers; *exchange belongs to the caller
     until close, or until the completion tells of a failure. It is set before `done` can run. The completion's result
     is the body when whole. Answers REVENGE_PENDING, or at once why not: REVENGE_INVALID names the argument,
     REVENGE_LIMIT the limit of this plugin that was reached. What a completion tells: REVENGE_UNAVAILABLE no
     connection, or lost before the response; REVENGE_REFUSED the server could not be verified, or a redirect leads
     where none may; REVENGE_TIMED_OUT in which phase; REVENGE_LIMIT the response is too long; REVENGE_IO a file of `tls` cannot be read, or what came is
     no HTTP, or was cut off; REVENGE_CANCELLED. */
  revenge_status (*send)(const revenge_host* host, const revenge_call* call,
                         const revenge_http_client_request* request, revenge_handle* exchange,
                         const revenge_completion* done, revenge_error* error);
  /* [io] waits; two-way; owns: nothing, `data` is copied. More of a streamed request body, from right after `send` on.
     REVENGE_OK: accepted, go on; REVENGE_PENDING: accepted, and `done` says when there is room again: write nothing
     before; REVENGE_END: the whole response has come already, and no more is wanted; REVENGE_GONE: the request has ended. */
  revenge_status (*write)(const revenge_host* host, revenge_handle exchange, revenge_view data,
                          const revenge_completion* done, revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. The streamed request body is complete. */
  revenge_status (*finish)(const revenge_host* host, revenge_handle exchange, revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. The response whose head has come; REVENGE_BUSY: it has not yet. */
  revenge_status (*response)(const revenge_host* host, revenge_handle exchange,
                             revenge_http_client_response* response, revenge_error* error);
  /* [io] waits; two-way; owns: nothing. The next piece of a streamed response. REVENGE_OK: *piece is set, valid until
     the next read or close; REVENGE_END: no more, all has come; REVENGE_PENDING: `done` gets the piece as its result
     (REVENGE_OK or REVENGE_END), or a failure. The server sends on only as pieces are asked for. One at a time. */
  revenge_status (*read)(const revenge_host* host, revenge_handle exchange, revenge_view* piece,
                         const revenge_completion* done, revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. The request is given up: what waits completes with REVENGE_CANCELLED, a
     little later. An exchange whose response was there already still has to be closed. */
  revenge_status (*cancel)(const revenge_host* host, revenge_handle exchange);
  /* [io] no-wait; two-way; owns: the exchange and its views end. As cancel for what has not come yet. */
  revenge_status (*close)(const revenge_host* host, revenge_handle exchange);
} revenge_http_client;

#ifdef __cplusplus
}
#endif

#endif
