/* Calls the host when it is too late: from destroy and, with LATE_THREAD, from a thread of its own that it leaks.
 *
 * The configuration key `report` is a file that gets one line "<where> <function> <status>" for each kind of call; the
 * statuses after stop must be REVENGE_GONE (-7). The thread goes on calling for as long as the process lives. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <revenge/abi/http.h>
#include <revenge/abi/log.h>
#include <revenge/abi/metrics.h>
#include <revenge/abi/spawn.h>
#include <revenge/abi/timer.h>
#include <revenge/entry.h>

static const revenge_host* host;
static const revenge_http* http;
static const revenge_log* logs;
static const revenge_metrics* metrics;
static const revenge_spawn* spawn;
static const revenge_timer* timers;
static char report[4096];
static atomic_bool destroyed;

static revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

static void run(void* context, const revenge_call* call) { (void)context, (void)call; }
static void run_thread(void* context, const revenge_call* call, revenge_handle thread) {
  (void)context, (void)call, (void)thread;
}
static revenge_status handle(void* context, const revenge_call* call, const revenge_http_request* request,
                             revenge_error* error) {
  (void)context, (void)call, (void)request, (void)error;
  return REVENGE_NOT_FOUND;
}

static void call_everything(const char* where, FILE* out) {
  const revenge_http_route route = {.size = sizeof route,
                                    .method = REVENGE_HTTP_GET,
                                    .pattern = view("/misbehaving/late"),
                                    .handle = handle};
  const revenge_metric metric = {.size = sizeof metric,
                                 .type = REVENGE_METRIC_COUNTER,
                                 .name = view("late_total"),
                                 .description = view("Too late.")};
  const revenge_job job = {.size = sizeof job, .run = run};
  const revenge_thread thread = {.size = sizeof thread, .name = view("late"), .run = run_thread};
  const revenge_log_record record = {
      .size = sizeof record, .level = REVENGE_LOG_ERROR, .message = view("late")};
  revenge_handle made = 0;
  const revenge_status routed = http->add_route(host, &route, &made, NULL);
  const revenge_status opened = metrics->open(host, &metric, &made, NULL);
  const revenge_status timed = timers->start(host, 1000000, 0, &job, &made, NULL);
  const revenge_status submitted = timers->submit(host, NULL, &job, NULL);
  const revenge_status spawned = spawn->start(host, &thread, &made, NULL);
  logs->write(host, NULL, 0, &record);
  if (out == NULL) return;
  fprintf(out, "%s add_route %d\n%s metric %d\n%s timer %d\n%s submit %d\n%s spawn %d\n", where, routed,
          where, opened, where, timed, where, submitted, where, spawned);
}

static void call_and_report(const char* where) {
  FILE* out = report[0] == '\0' ? NULL : fopen(report, "a");
  call_everything(where, out);
  if (out != NULL) fclose(out);
}

#ifdef LATE_THREAD
static void* call_for_ever(void* context) {
  const struct timespec pause = {.tv_nsec = 1000000};
  while (!destroyed) nanosleep(&pause, NULL);
  call_and_report("thread");
  for (;;) {
    call_everything("thread", NULL);
    nanosleep(&pause, NULL);
  }
  return context;
}
#endif

static revenge_status start(void* self, const revenge_call* call, revenge_error* error) {
  (void)self, (void)call, (void)error;
#ifdef LATE_THREAD
  pthread_t thread;
  if (pthread_create(&thread, NULL, call_for_ever, NULL) != 0) return REVENGE_FAILED;
  pthread_detach(thread);
#endif
  return REVENGE_OK;
}
static revenge_status stop(void* self, const revenge_call* call, revenge_error* error) {
  (void)self, (void)call, (void)error;
  return REVENGE_OK;
}
static void destroy(void* self) {
  (void)self;
  call_and_report("destroy");
  destroyed = true;
}

static revenge_status create(const revenge_host_api* api, const revenge_call* call,
                             const revenge_config* config, revenge_instance* instance, revenge_error* error) {
  (void)call, (void)error;
  host = api->host;
  http = api->query(host, view(REVENGE_HTTP_ID));
  logs = api->query(host, view(REVENGE_LOG_ID));
  metrics = api->query(host, view(REVENGE_METRICS_ID));
  spawn = api->query(host, view(REVENGE_SPAWN_ID));
  timers = api->query(host, view(REVENGE_TIMER_ID));
  for (size_t i = 0; i < config->value_count; i++) {
    const revenge_config_value* value = &config->values[i];
    if (value->pointer.size == 7 && memcmp(value->pointer.data, "/report", 7) == 0)
      snprintf(report, sizeof report, "%.*s", (int)value->text.size, value->text.data);
  }
  instance->start = start;
  instance->stop = stop;
  instance->destroy = destroy;
  return REVENGE_OK;
}

REVENGE_PLUGIN_IN_C(create)
