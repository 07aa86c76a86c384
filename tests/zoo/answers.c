/* Deeds of a handler with the answer that is asked of it. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "member.h"

static revenge_handle responder;
static revenge_handle stream;

static revenge_http_response plain(void) {
  revenge_http_response response;
  memset(&response, 0, sizeof response);
  response.size = sizeof response;
  response.status = 200;
  response.file = -1;
  response.content_type = view("text/plain");
  response.body.data = "ok";
  response.body.size = 2;
  return response;
}
static revenge_status odd(const revenge_http_request* request, const revenge_http_response* response,
                          revenge_error* error) {
  const revenge_status status = http->respond(host, request->exchange, response, error);
  return status == REVENGE_OK ? REVENGE_PENDING : REVENGE_FAILED;
}

DEED(answer_odd_status) {
  revenge_http_response response = plain();
  response.status = 9999;
  return odd(request, &response, error);
}
DEED(answer_split_header) {
  revenge_http_response response = plain();
  const revenge_field field = {view("x-zoo"), view("a\r\nset-cookie: b")};
  response.headers = &field;
  response.header_count = 1;
  return odd(request, &response, error);
}
DEED(answer_framing) {
  revenge_http_response response = plain();
  const revenge_field field = {view("content-length"), view("1000000")};
  response.headers = &field;
  response.header_count = 1;
  return odd(request, &response, error);
}
DEED(answer_no_file) {
  revenge_http_response response = plain();
  response.kind = REVENGE_HTTP_FILE;
  response.file = -1;
  return odd(request, &response, error);
}
DEED(answer_closed_file) {
  revenge_http_response response = plain();
  response.kind = REVENGE_HTTP_FILE;
  response.file = 1021;
  response.length = UINT64_MAX;
  return odd(request, &response, error);
}
DEED(answer_pipe) {
  int ends[2];
  if (pipe(ends) != 0) return REVENGE_IO;
  close(ends[1]);
  revenge_http_response response = plain();
  response.kind = REVENGE_HTTP_FILE;
  response.file = ends[0];
  response.length = UINT64_MAX;
  return odd(request, &response, error);
}
DEED(answer_body_of_null) {
  revenge_http_response response = plain();
  response.body.data = NULL;
  response.body.size = 5;
  return odd(request, &response, error);
}
DEED(answer_null) { return odd(request, NULL, error); }
DEED(answer_foreign) {
  return answer_status(request, respond_with(request->exchange + 1, "stolen", error), error);
}
DEED(answer_unknown_status) { return say(error, -77, "a status that nobody knows"); }
DEED(fail_without_reason) { return REVENGE_FAILED; }
DEED(fail_positive) { return 77; }

DEED(start_oddly) { return 77; }
DEED(start_unknown) { return -77; }
DEED(start_pending) { return REVENGE_PENDING; }
DEED(start_slowly) {
  rest_ms(1500);
  return REVENGE_OK;
}
DEED(health_unavailable) { return say(error, REVENGE_UNAVAILABLE, "the animals sleep"); }
DEED(health_fails) { return say(error, REVENGE_FAILED, "the animals have left"); }
static int asked;
DEED(health_flaps) { return asked++ % 2 == 0 ? REVENGE_OK : say(error, REVENGE_UNAVAILABLE, "now and then"); }

static void answer_late(void* context, const revenge_call* call) {
  (void)context, (void)call;
  (void)respond_with(responder, "late", NULL);
}
static revenge_status late_status = REVENGE_PENDING;
static void* answer_very_late(void* unused) {
  rest_ms(700);
  late_status = respond_with(responder, "late", NULL);
  return unused;
}
/* The first request is answered behind its deadline, the next one says what that was told. */
DEED(defer_too_long) {
  if (late_status != REVENGE_PENDING) return answer_status(request, late_status, error);
  const revenge_status status = http->defer(host, request->exchange, &responder, error);
  if (status != REVENGE_OK) return status;
  pthread_t thread;
  if (pthread_create(&thread, NULL, answer_very_late, NULL) == 0) pthread_detach(thread);
  return REVENGE_PENDING;
}
DEED(defer_to_job) {
  const revenge_status status = http->defer(host, request->exchange, &responder, error);
  if (status != REVENGE_OK) return status;
  const revenge_job job = {sizeof job, 0, NULL, answer_late};
  const revenge_status queued = timers->submit(host, NULL, &job, error);
  return queued == REVENGE_OK ? REVENGE_PENDING : queued;
}
/* After the answer the responder is another request's, or nobody's. */
DEED(answer_again_later) {
  const revenge_status first = http->defer(host, request->exchange, &responder, error);
  if (first != REVENGE_OK) return first;
  (void)respond_with(responder, "ok", NULL);
  return respond_with(responder, "again", error) == REVENGE_OK ? say(error, REVENGE_FAILED, "answered twice")
                                                               : REVENGE_PENDING;
}

static void left(void* context, const revenge_call* call) {
  (void)context, (void)call;
  (void)http->stream_close(host, stream, false);
}
static revenge_status open_stream(const revenge_http_request* request, revenge_error* error) {
  const revenge_http_response head = plain();
  const revenge_status status = http->stream_open(host, request->exchange, &head, &stream, error);
  if (status != REVENGE_OK) return status;
  const revenge_http_watch watch = {sizeof watch, 0, NULL, left};
  return http->watch(host, stream, &watch, error);
}
DEED(half_a_body) {
  revenge_status status = open_stream(request, error);
  if (status == REVENGE_OK) status = http->stream_write(host, stream, view("half of"), NULL, error);
  return status == REVENGE_OK ? REVENGE_PENDING : status;
}
/* Faster than any client reads, and without waiting for room. */
DEED(flood_client) {
  static char block[65536];
  memset(block, 'x', sizeof block);
  revenge_status status = open_stream(request, error);
  if (status != REVENGE_OK) return status;
  const revenge_view data = {block, sizeof block};
  uint64_t taken = 0;
  for (int i = 0; i < 10000; i++) {
    status = http->stream_write(host, stream, data, NULL, error);
    if (status == REVENGE_OK) taken++;
  }
  char text[64];
  snprintf(text, sizeof text, "\ntaken %s", taken < 1000 ? "little" : "all");
  for (int i = 0; i < 1000 && http->stream_write(host, stream, view(text), NULL, error) == REVENGE_LIMIT; i++)
    rest_ms(1);
  (void)http->stream_close(host, stream, true);
  return REVENGE_PENDING;
}
DEED(respond_in_stream) {
  revenge_status status = open_stream(request, error);
  if (status != REVENGE_OK) return status;
  const revenge_status second = respond_with(request->exchange, "second", error);
  (void)http->stream_write(host, stream, view(second == REVENGE_EXISTS ? "EXISTS" : "OTHER"), NULL, error);
  (void)http->stream_close(host, stream, true);
  return http->stream_write(host, stream, view("behind the end"), NULL, error) == REVENGE_GONE
             ? REVENGE_PENDING
             : say(error, REVENGE_FAILED, "written behind the end");
}

/* Conduct that harms nobody at once. */
DEED(block_loop) {
  rest_ms(400);
  return REVENGE_OK;
}
static volatile int spinning = 1;
DEED(spin) {
  struct timespec begun, now;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  do {
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (spinning && (now.tv_sec - begun.tv_sec) * 1000 + (now.tv_nsec - begun.tv_nsec) / 1000000 < 300);
  return REVENGE_OK;
}
DEED(flood_log) {
  revenge_log_record record;
  memset(&record, 0, sizeof record);
  record.size = sizeof record;
  record.level = REVENGE_LOG_INFO;
  record.message = view("the animals are restless");
  for (int i = 0; i < 100000; i++) logs->write(host, call, 0, &record);
  return REVENGE_OK;
}
DEED(err_always) { return say(error, REVENGE_FAILED, "not today either"); }
static void* kept[256];
DEED(allocate) {
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    kept[i] = malloc(1 << 20);
    if (kept[i] != NULL) memset(kept[i], 1, 4096);
  }
  return REVENGE_OK;
}
static void rest_until_stopped(void* context, const revenge_call* call, revenge_handle thread) {
  (void)context, (void)call;
  (void)spawn->sleep(host, thread, 3600000000000);
}
DEED(spawn_many) {
  revenge_handle thread = 0;
  const revenge_thread one = {sizeof one, 0, view("herd"), NULL, rest_until_stopped};
  for (int i = 0; i < 100; i++) {
    const revenge_status status = spawn->start(host, &one, &thread, error);
    if (status != REVENGE_OK) return status;
  }
  return REVENGE_OK;
}
static void ignore_stop(void* context, const revenge_call* call, revenge_handle thread) {
  (void)context, (void)call, (void)thread;
  for (;;) pause();
}
DEED(spawn_deaf) {
  revenge_handle thread = 0;
  const revenge_thread one = {sizeof one, 0, view("deaf"), NULL, ignore_stop};
  return spawn->start(host, &one, &thread, error);
}

#include "member_life.h"
