/* The plugin behind the figures: /bench/inline and /bench/worker answer "ok", /bench/version the version,
 * /bench/instance when this instance was made: a later one answers a higher number.
 * With BENCH_PADDING it carries that many bytes of read-only data, as a library of real size does. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <revenge/abi/clock.h>
#include <revenge/abi/http.h>
#include <revenge/entry.h>

static const revenge_host* host;
static const revenge_http* http;
static char made_at[24]; /* of this instance alone: each load is a private copy of the library */

static revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

/* `context` is the body, a constant. */
static revenge_status answer(void* context, const revenge_call* call, const revenge_http_request* request,
                             revenge_error* error) {
  (void)call;
  const char* body = context;
  const revenge_field server = {view("server"), view("nginx")}; /* what the reference cannot leave out */
  const revenge_http_response response = {.size = sizeof response,
                                          .status = 200,
                                          .file = -1,
                                          .headers = &server,
                                          .header_count = 1,
                                          .content_type = view("text/plain"),
                                          .body = {body, strlen(body), NULL, NULL}};
  return http->respond(host, request->exchange, &response, error);
}

static revenge_status route(const char* pattern, uint32_t execution, const char* body, revenge_error* error) {
  const revenge_http_route added = {.size = sizeof added,
                                    .method = REVENGE_HTTP_GET,
                                    .pattern = view(pattern),
                                    .execution = execution,
                                    .context = (void*)(uintptr_t)body,
                                    .handle = answer};
  revenge_handle ignored = 0;
  return http->add_route(host, &added, &ignored, error);
}

static revenge_status nothing(void* self, const revenge_call* call, revenge_error* error) {
  (void)self, (void)call, (void)error;
  return REVENGE_OK;
}
static void destroy(void* self) { (void)self; }

static revenge_status create(const revenge_host_api* api, const revenge_call* call,
                             const revenge_config* config, revenge_instance* instance, revenge_error* error) {
  (void)call, (void)config;
  host = api->host;
  http = api->query(host, view(REVENGE_HTTP_ID));
  const revenge_clock* clock = api->query(host, view(REVENGE_CLOCK_ID));
  if (http == NULL || clock == NULL) return REVENGE_UNAVAILABLE;
  snprintf(made_at, sizeof made_at, "%" PRId64, clock->monotonic_ns(host));
  instance->start = nothing;
  instance->stop = nothing;
  instance->destroy = destroy;
  revenge_status status = route("/bench/inline", REVENGE_HTTP_INLINE, "ok", error);
  if (status == REVENGE_OK) status = route("/bench/worker", REVENGE_HTTP_WORKER, "ok", error);
  if (status == REVENGE_OK)
    status = route("/bench/version", REVENGE_HTTP_INLINE, REVENGE_PLUGIN_VERSION, error);
  if (status == REVENGE_OK) status = route("/bench/instance", REVENGE_HTTP_INLINE, made_at, error);
  return status;
}

#ifdef BENCH_PADDING
__attribute__((used)) static const unsigned char padding[BENCH_PADDING] = {1};
#endif

REVENGE_PLUGIN_IN_C(create)
