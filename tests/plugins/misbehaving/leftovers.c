/* Leaves everything to the host: routes, timers, metrics and a job, some of them made only while it stops.
 * GET /misbehaving/leaves-things-behind answers "ok". */
#include <string.h>

#include <revenge/abi/http.h>
#include <revenge/abi/metrics.h>
#include <revenge/abi/timer.h>
#include <revenge/entry.h>

static const revenge_host* host;
static const revenge_http* http;
static const revenge_timer* timers;
static const revenge_metrics* metrics;

static revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

static revenge_status handle(void* context, const revenge_call* call, const revenge_http_request* request,
                             revenge_error* error) {
  (void)context, (void)call;
  const revenge_http_response response = {.size = sizeof response,
                                          .status = 200,
                                          .file = -1,
                                          .content_type = view("text/plain"),
                                          .body = {"ok", 2, NULL, NULL}};
  return http->respond(host, request->exchange, &response, error);
}

static void run(void* context, const revenge_call* call) { (void)context, (void)call; }

/* Not all of it need succeed: what comes after stop was begun may be refused. */
static revenge_status leave(const char* pattern, const char* series) {
  const revenge_http_route route = {
      .size = sizeof route, .method = REVENGE_HTTP_GET, .pattern = view(pattern), .handle = handle};
  const revenge_metric metric = {.size = sizeof metric,
                                 .type = REVENGE_METRIC_COUNTER,
                                 .name = view(series),
                                 .description = view("Left behind.")};
  const revenge_job job = {.size = sizeof job, .run = run};
  revenge_handle ignored = 0;
  const revenge_status added = http->add_route(host, &route, &ignored, NULL);
  (void)metrics->open(host, &metric, &ignored, NULL);
  (void)timers->start(host, 1000000, 1000000, &job, &ignored, NULL);
  (void)timers->start(host, 3600000000000, 0, &job, &ignored, NULL);
  (void)timers->submit(host, NULL, &job, NULL);
  return added;
}

static revenge_status start(void* self, const revenge_call* call, revenge_error* error) {
  (void)self, (void)call, (void)error;
  return REVENGE_OK;
}
static revenge_status stop(void* self, const revenge_call* call, revenge_error* error) {
  (void)self, (void)call, (void)error;
  (void)leave("/misbehaving/left-at-stop", "left_at_stop_total");
  return REVENGE_OK;
}
static void destroy(void* self) { (void)self; }

static revenge_status create(const revenge_host_api* api, const revenge_call* call,
                             const revenge_config* config, revenge_instance* instance, revenge_error* error) {
  (void)call, (void)config, (void)error;
  host = api->host;
  http = api->query(host, view(REVENGE_HTTP_ID));
  timers = api->query(host, view(REVENGE_TIMER_ID));
  metrics = api->query(host, view(REVENGE_METRICS_ID));
  instance->start = start;
  instance->stop = stop;
  instance->destroy = destroy;
  return leave("/misbehaving/" REVENGE_PLUGIN_ID, "left_total");
}

REVENGE_PLUGIN_IN_C(create)
