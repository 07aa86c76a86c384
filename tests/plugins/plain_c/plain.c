/* A plugin of nothing but the C tables: GET /<id>/text answers what is configured, GET /<id>/ticks how often its timer ran. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <revenge/abi/http.h>
#include <revenge/abi/plugin.h>
#include <revenge/abi/timer.h>

#define AT "/" REVENGE_PLUGIN_ID

typedef struct plain {
  const revenge_host* host;
  const revenge_http* http;
  pthread_mutex_t lock; /* handlers, the timer and commit run beside each other */
  char text[65];
  unsigned ticks;
} plain;

static revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

static revenge_status fail(revenge_error* error, revenge_status status, const char* why) {
  if (error != NULL) error->length = (uint32_t)snprintf(error->message, sizeof error->message, "%s", why);
  return status;
}

static revenge_view configured(const revenge_config* config) {
  for (size_t i = 0; i < config->value_count; i++) {
    const revenge_config_value* value = &config->values[i];
    if (value->pointer.size == 5 && memcmp(value->pointer.data, "/text", 5) == 0) return value->text;
  }
  return (revenge_view){NULL, 0};
}

static void commit(void* context, const revenge_config* next) {
  plain* self = context;
  const revenge_view text = configured(next);
  pthread_mutex_lock(&self->lock);
  snprintf(self->text, sizeof self->text, "%.*s", (int)text.size, text.data);
  pthread_mutex_unlock(&self->lock);
}

static revenge_status prepare(void* context, const revenge_call* call, const revenge_config* next,
                              revenge_error* error) {
  (void)context, (void)call;
  const revenge_view text = configured(next);
  if (text.size == 7 && memcmp(text.data, "refused", 7) == 0)
    return fail(error, REVENGE_INVALID, "text: not this one");
  return REVENGE_OK;
}

static void tick(void* context, const revenge_call* call) {
  plain* self = context;
  (void)call;
  pthread_mutex_lock(&self->lock);
  self->ticks++;
  pthread_mutex_unlock(&self->lock);
}

static revenge_status answer(void* context, const revenge_call* call, const revenge_http_request* request,
                             revenge_error* error) {
  plain* self = context;
  (void)call;
  char body[80];
  pthread_mutex_lock(&self->lock);
  if (request->pattern.size == sizeof(AT "/ticks") - 1) {
    snprintf(body, sizeof body, "%u", self->ticks);
  } else {
    snprintf(body, sizeof body, "%s", self->text);
  }
  pthread_mutex_unlock(&self->lock);
  const revenge_http_response response = {.size = sizeof response,
                                          .status = 200,
                                          .file = -1,
                                          .content_type = view("text/plain"),
                                          .body = {body, strlen(body), NULL, NULL}};
  return self->http->respond(self->host, request->exchange, &response, error);
}

static revenge_status nothing(void* context, const revenge_call* call, revenge_error* error) {
  (void)context, (void)call, (void)error;
  return REVENGE_OK;
}

static revenge_status create(const revenge_host_api* api, const revenge_call* call,
                             const revenge_config* config, revenge_instance* instance, revenge_error* error) {
  (void)call;
  const revenge_http* http = api->query(api->host, view(REVENGE_HTTP_ID));
  const revenge_timer* timers = api->query(api->host, view(REVENGE_TIMER_ID));
  if (http == NULL || timers == NULL)
    return fail(error, REVENGE_UNAVAILABLE, "this host lacks HTTP or timers");
  plain* self = calloc(1, sizeof *self);
  if (self == NULL) return fail(error, REVENGE_LIMIT, "out of memory");
  *self = (plain){.host = api->host, .http = http, .lock = PTHREAD_MUTEX_INITIALIZER};
  commit(self, config);
  revenge_handle handle = 0;
  revenge_http_route route = {
      .size = sizeof route, .method = REVENGE_HTTP_GET, .context = self, .handle = answer};
  const revenge_job job = {sizeof job, 0, self, tick};
  route.pattern = view(AT "/text");
  revenge_status status = http->add_route(api->host, &route, &handle, error);
  route.pattern = view(AT "/ticks");
  if (status >= 0) status = http->add_route(api->host, &route, &handle, error);
  if (status >= 0) status = timers->start(api->host, 10000000, 10000000, &job, &handle, error);
  if (status < 0) return free(self), status;
  instance->self = self;
  instance->start = nothing;
  instance->stop = nothing;
  instance->destroy = free;
  instance->prepare = prepare;
  instance->commit = commit;
  return REVENGE_OK;
}

__attribute__((visibility("default"))) const revenge_plugin* revenge_plugin_entry(uint32_t abi_generation,
                                                                                  revenge_error* error) {
  static const revenge_plugin plugin = {sizeof plugin,
                                        REVENGE_ABI_GENERATION,
                                        {REVENGE_PLUGIN_ID, sizeof REVENGE_PLUGIN_ID - 1},
                                        {REVENGE_PLUGIN_VERSION, sizeof REVENGE_PLUGIN_VERSION - 1},
                                        {REVENGE_VERSION_STRING, sizeof REVENGE_VERSION_STRING - 1},
                                        create};
  if (abi_generation >= REVENGE_ABI_GENERATION) return &plugin;
  fail(error, REVENGE_REFUSED, "built for a newer generation of the plugin ABI");
  return NULL;
}
