/* The smallest useful plugin in C: GET /hello/{name}, one configuration key, one log record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <revenge/abi/http.h>
#include <revenge/abi/log.h>
#include <revenge/entry.h>

typedef struct hello {
  const revenge_host* host;
  const revenge_http* http;
  const revenge_log* log;
  char greeting[65];
} hello;

static revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

static revenge_status refuse(revenge_error* error, revenge_status status, const char* why) {
  if (error != NULL) error->length = (uint32_t)snprintf(error->message, sizeof error->message, "%s", why);
  return status;
}

static revenge_status greet(void* context, const revenge_call* call, const revenge_http_request* request,
                            revenge_error* error) {
  const hello* self = context;
  const revenge_view name = request->path_parameters[0].value;
  char body[512];
  const int length = snprintf(body, sizeof body, "%s, %.*s", self->greeting, (int)name.size, name.data);
  if (length < 0 || (size_t)length >= sizeof body)
    return refuse(error, REVENGE_INVALID, "the name is too long");
  const revenge_http_response response = {.size = sizeof response,
                                          .status = 200,
                                          .file = -1,
                                          .content_type = view("text/plain; charset=utf-8"),
                                          .body = {body, (size_t)length, NULL, NULL}};
  // With the call, the line says for which request it was, and in which trace.
  const revenge_log_record record = {
      .size = sizeof record, .level = REVENGE_LOG_DEBUG, .message = view("greeted")};
  if (self->log != NULL) self->log->write(self->host, call, 0, &record);
  return self->http->respond(self->host, request->exchange, &response, error);
}

static revenge_status start(void* context, const revenge_call* call, revenge_error* error) {
  (void)context, (void)call, (void)error;
  return REVENGE_OK;
}
static revenge_status stop(void* context, const revenge_call* call, revenge_error* error) {
  return start(context, call, error);
}

static revenge_status create(const revenge_host_api* api, const revenge_call* call,
                             const revenge_config* config, revenge_instance* instance, revenge_error* error) {
  const revenge_http* http = api->query(api->host, view(REVENGE_HTTP_ID));
  const revenge_log* log = api->query(api->host, view(REVENGE_LOG_ID));
  if (http == NULL) return refuse(error, REVENGE_UNAVAILABLE, "this host does not offer " REVENGE_HTTP_ID);
  hello* self = calloc(1, sizeof *self);
  if (self == NULL) return refuse(error, REVENGE_LIMIT, "out of memory");
  self->host = api->host;
  self->http = http;
  self->log = log;
  for (size_t i = 0; i < config->value_count; i++) {
    const revenge_config_value* value = &config->values[i];
    if (value->pointer.size == 9 && memcmp(value->pointer.data, "/greeting", 9) == 0)
      snprintf(self->greeting, sizeof self->greeting, "%.*s", (int)value->text.size, value->text.data);
  }
  const revenge_http_route route = {.size = sizeof route,
                                    .method = REVENGE_HTTP_GET,
                                    .pattern = view("/hello/{name}"),
                                    .context = self,
                                    .handle = greet};
  revenge_handle handle = 0;
  const revenge_status added = http->add_route(api->host, &route, &handle, error);
  if (added < 0) return free(self), added;
  const revenge_log_record record = {
      .size = sizeof record, .level = REVENGE_LOG_INFO, .message = view("ready to greet")};
  if (log != NULL) log->write(api->host, call, 0, &record);
  instance->self = self;
  instance->start = start;
  instance->stop = stop;
  instance->destroy = free;
  return REVENGE_OK;
}

REVENGE_PLUGIN_IN_C(create)
