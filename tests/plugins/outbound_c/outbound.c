/* GET /c/out?url=...: goes out to the URL and answers with what came, through the C tables alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <revenge/abi/http.h>
#include <revenge/abi/http_client.h>
#include <revenge/entry.h>

typedef struct outbound {
  const revenge_host* host;
  const revenge_http* http;
  const revenge_http_client* client;
} outbound;

/* One request on its way: lives until its completion. */
typedef struct errand {
  const outbound* self;
  revenge_handle exchange;
  revenge_handle responder;
} errand;

static revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

static void answer(const errand* done, uint32_t status, revenge_view body) {
  revenge_http_response response = {.size = sizeof response, .status = status, .file = -1};
  response.content_type = view("text/plain");
  response.body = (revenge_buffer){body.data, body.size, NULL, NULL};
  done->self->http->respond(done->self->host, done->responder, &response, NULL);
}

static void arrived(void* context, revenge_status status, revenge_view body, const revenge_error* error) {
  errand* done = context;
  const outbound* self = done->self;
  if (status == REVENGE_OK) {
    revenge_http_client_response response = {.size = sizeof response};
    self->client->response(self->host, done->exchange, &response, NULL);
    answer(done, response.status, body);
    self->client->close(self->host, done->exchange);
  } else {
    answer(done, 502, (revenge_view){error->message, error->length});
  }
  free(done);
}

static revenge_status go(void* context, const revenge_call* call, const revenge_http_request* asked,
                         revenge_error* error) {
  const outbound* self = context;
  if (asked->query_parameter_count == 0) return REVENGE_INVALID;
  errand* begun = calloc(1, sizeof *begun);
  if (begun == NULL) return REVENGE_LIMIT;
  begun->self = self;
  if (self->http->defer(self->host, asked->exchange, &begun->responder, error) != REVENGE_OK) {
    free(begun);
    return REVENGE_FAILED;
  }
  revenge_http_client_request request = {.size = sizeof request, .method = REVENGE_HTTP_GET};
  request.url = asked->query_parameters[0].value;
  const revenge_completion done = {sizeof done, 0, begun, arrived};
  const revenge_status sent = self->client->send(self->host, call, &request, &begun->exchange, &done, error);
  if (sent != REVENGE_PENDING) {
    answer(begun, 502, error == NULL ? view("refused") : (revenge_view){error->message, error->length});
    free(begun);
  }
  return REVENGE_OK;
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
  (void)call, (void)config;
  const revenge_http* http = api->query(api->host, view(REVENGE_HTTP_ID));
  const revenge_http_client* client = api->query(api->host, view(REVENGE_HTTP_CLIENT_ID));
  if (http == NULL || client == NULL) return REVENGE_UNAVAILABLE;
  outbound* self = calloc(1, sizeof *self);
  if (self == NULL) return REVENGE_LIMIT;
  *self = (outbound){api->host, http, client};
  const revenge_http_route route = {.size = sizeof route,
                                    .method = REVENGE_HTTP_GET,
                                    .pattern = view("/c/out"),
                                    .execution = REVENGE_HTTP_INLINE,
                                    .context = self,
                                    .handle = go};
  revenge_handle handle = 0;
  const revenge_status added = http->add_route(api->host, &route, &handle, error);
  if (added < 0) return free(self), added;
  instance->self = self;
  instance->start = start;
  instance->stop = stop;
  instance->destroy = free;
  return REVENGE_OK;
}

REVENGE_PLUGIN_IN_C(create)
