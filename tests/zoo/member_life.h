/* The life of a member, to be included behind its deeds: each place does the deed that the build names for it. */
#ifndef REVENGE_ZOO_MEMBER_LIFE_H
#define REVENGE_ZOO_MEMBER_LIFE_H

#include "member.h"

#ifndef IN_CREATE
#define IN_CREATE behave
#endif
#ifndef IN_START
#define IN_START behave
#endif
#ifndef IN_STOP
#define IN_STOP behave
#endif
#ifndef IN_DESTROY
#define IN_DESTROY behave
#endif
#ifndef IN_HANDLER
#define IN_HANDLER behave
#endif
#ifndef ZOO_EXECUTION
#define ZOO_EXECUTION REVENGE_HTTP_WORKER
#endif

#ifdef IN_INIT
__attribute__((constructor)) static void zoo_initialise(void) { (void)IN_INIT(NULL, NULL, NULL); }
#endif

static revenge_status zoo_handle(void* context, const revenge_call* call, const revenge_http_request* request,
                                 revenge_error* error) {
  (void)context;
  const revenge_status status = IN_HANDLER(request, call, error);
  if (status < 0) return status;
  return status == REVENGE_PENDING ? REVENGE_OK : respond_with(request->exchange, "ok", error);
}

static revenge_status zoo_start(void* self, const revenge_call* call, revenge_error* error) {
  (void)self;
  return IN_START(NULL, call, error);
}
static revenge_status zoo_stop(void* self, const revenge_call* call, revenge_error* error) {
  (void)self;
  return IN_STOP(NULL, call, error);
}
static void zoo_destroy(void* self) {
  (void)self;
  (void)IN_DESTROY(NULL, NULL, NULL);
}

#ifdef IN_HEALTH
static revenge_status zoo_health(void* self, const revenge_call* call, revenge_error* error) {
  (void)self;
  return IN_HEALTH(NULL, call, error);
}
#endif
#ifdef IN_TIMER
static void zoo_tick(void* context, const revenge_call* call) {
  (void)context;
  (void)IN_TIMER(NULL, call, NULL);
}
#endif
#ifdef IN_THREAD
static void zoo_run(void* context, const revenge_call* call, revenge_handle thread) {
  (void)context, (void)thread;
  (void)IN_THREAD(NULL, call, NULL);
}
#endif
#ifdef IN_SAVE
static revenge_status zoo_save(void* self, const revenge_call* call, revenge_buffer* state,
                               revenge_error* error) {
  (void)self;
  const revenge_status status = IN_SAVE(NULL, call, error);
  *state = zoo_saved;
  return status;
}
#ifndef IN_RESTORE
#define IN_RESTORE behave
#endif
static revenge_status zoo_restore(void* self, const revenge_call* call, revenge_view state,
                                  revenge_view version, revenge_error* error) {
  (void)self, (void)state, (void)version;
  return IN_RESTORE(NULL, call, error);
}
#endif

static revenge_status zoo_begin(revenge_error* error) {
  revenge_handle ignored = 0;
  revenge_http_route route = route_to("/zoo/" ZOO_ID, zoo_handle);
  route.execution = ZOO_EXECUTION;
  const revenge_status added = http->add_route(host, &route, &ignored, error);
  if (added != REVENGE_OK) return added;
#ifdef IN_TIMER
  const revenge_job job = {sizeof job, 0, NULL, zoo_tick};
  const revenge_status armed = timers->start(host, 200000000, 10000000, &job, &ignored, error);
  if (armed != REVENGE_OK) return armed;
#endif
#ifdef IN_THREAD
  const revenge_thread thread = {sizeof thread, 0, view("deed"), NULL, zoo_run};
  const revenge_status begun = spawn->start(host, &thread, &ignored, error);
  if (begun != REVENGE_OK) return begun;
#endif
  return REVENGE_OK;
}

static revenge_status zoo_create(const revenge_host_api* api, const revenge_call* call,
                                 const revenge_config* config, revenge_instance* instance,
                                 revenge_error* error) {
  (void)config;
  host = api->host;
  http = (const revenge_http*)api->query(host, view(REVENGE_HTTP_ID));
  timers = (const revenge_timer*)api->query(host, view(REVENGE_TIMER_ID));
  spawn = (const revenge_spawn*)api->query(host, view(REVENGE_SPAWN_ID));
  logs = (const revenge_log*)api->query(host, view(REVENGE_LOG_ID));
  metrics = (const revenge_metrics*)api->query(host, view(REVENGE_METRICS_ID));
  services = (const revenge_service*)api->query(host, view(REVENGE_SERVICE_ID));
  events = (const revenge_events*)api->query(host, view(REVENGE_EVENTS_ID));
  flags = (const revenge_flags*)api->query(host, view(REVENGE_FLAGS_ID));
  checks = (const revenge_health*)api->query(host, view(REVENGE_HEALTH_ID));
  commands = (const revenge_commands*)api->query(host, view(REVENGE_COMMAND_ID));
  paths = (const revenge_paths*)api->query(host, view(REVENGE_PATHS_ID));
  configuration = (const revenge_configuration*)api->query(host, view(REVENGE_CONFIG_ID));
  instance->start = zoo_start;
  instance->stop = zoo_stop;
  instance->destroy = zoo_destroy;
#ifdef IN_HEALTH
  instance->health = zoo_health;
#endif
#ifdef IN_SAVE
  instance->save = zoo_save;
  instance->restore = zoo_restore;
#endif
  const revenge_status begun = zoo_begin(error);
  return begun != REVENGE_OK ? begun : IN_CREATE(NULL, call, error);
}

ZOO_EXPORT const revenge_plugin* revenge_plugin_entry(uint32_t host_generation, revenge_error* error) {
  static const revenge_plugin descriptor = {sizeof(revenge_plugin),
                                            REVENGE_ABI_GENERATION,
                                            {ZOO_ID, sizeof(ZOO_ID) - 1},
                                            {"1.0.0", 5},
                                            {REVENGE_VERSION_STRING, sizeof(REVENGE_VERSION_STRING) - 1},
                                            zoo_create};
  (void)host_generation, (void)error;
  return &descriptor;
}

#endif
