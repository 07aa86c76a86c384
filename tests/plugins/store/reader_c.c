/* A consumer of test.store/1 in C11, on the tables alone: plain calls, a transaction, a subscription, a wait.
 *
 * GET /reader-c/{put,get,add,transaction,subscribe,events,wait}, with the parameters of the reader in C++. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <revenge/abi/http.h>
#include <revenge/abi/service.h>
#include <revenge/entry.h>

#include "store.h"

typedef struct reader {
  const revenge_host* host;
  const revenge_http* http;
  const revenge_service* services;
  revenge_handle slot;
  pthread_mutex_t mutex;
  char events[4096]; /* under the mutex */
  size_t length;
} reader;

static revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

static revenge_status refuse(revenge_error* error, revenge_status status, const char* why) {
  if (error != NULL) error->length = (uint32_t)snprintf(error->message, sizeof error->message, "%s", why);
  return status;
}

static revenge_view query(const revenge_http_request* request, const char* name) {
  const size_t length = strlen(name);
  for (size_t i = 0; i < request->query_parameter_count; i++) {
    const revenge_field* field = &request->query_parameters[i];
    if (field->name.size == length && memcmp(field->name.data, name, length) == 0) return field->value;
  }
  return (revenge_view){NULL, 0};
}

static revenge_status answer(const reader* self, revenge_handle exchange, uint32_t status, revenge_view body,
                             revenge_error* error) {
  const revenge_http_response response = {.size = sizeof response,
                                          .status = status,
                                          .file = -1,
                                          .content_type = view("text/plain; charset=utf-8"),
                                          .body = {body.data, body.size, NULL, NULL}};
  return self->http->respond(self->host, exchange, &response, error);
}

/* Bytes of the store, answered and released while the store is still entered. */
static revenge_status answer_buffer(const reader* self, revenge_handle exchange, revenge_buffer buffer,
                                    revenge_error* error) {
  const revenge_status status = answer(self, exchange, 200, (revenge_view){buffer.data, buffer.size}, error);
  if (buffer.release != NULL) buffer.release(buffer.owner);
  return status;
}

static revenge_status enter(const reader* self, const revenge_call* call, revenge_entry* entry,
                            revenge_error* error) {
  *entry = (revenge_entry){.size = sizeof *entry};
  return self->services->enter(self->host, call, self->slot, entry, error);
}

static revenge_status put(void* context, const revenge_call* call, const revenge_http_request* request,
                          revenge_error* error) {
  const reader* self = context;
  revenge_entry entry;
  revenge_status status = enter(self, call, &entry, error);
  if (status < 0) return status;
  const test_store* store = entry.table;
  status = store->put(entry.self, &entry.call, query(request, "key"), query(request, "value"), error);
  self->services->leave(self->host, &entry);
  return status < 0 ? status : answer(self, request->exchange, 200, view("ok"), error);
}

static revenge_status get(void* context, const revenge_call* call, const revenge_http_request* request,
                          revenge_error* error) {
  const reader* self = context;
  revenge_entry entry;
  revenge_status status = enter(self, call, &entry, error);
  if (status < 0) return status;
  const test_store* store = entry.table;
  revenge_buffer value = {NULL, 0, NULL, NULL};
  status = store->get(entry.self, &entry.call, query(request, "key"), &value, error);
  if (status == REVENGE_OK) status = answer_buffer(self, request->exchange, value, error);
  self->services->leave(self->host, &entry);
  return status;
}

static revenge_status add(void* context, const revenge_call* call, const revenge_http_request* request,
                          revenge_error* error) {
  const reader* self = context;
  const revenge_view by = query(request, "by");
  char text[32];
  snprintf(text, sizeof text, "%.*s", (int)by.size, by.size > 0 ? by.data : "");
  revenge_entry entry;
  revenge_status status = enter(self, call, &entry, error);
  if (status < 0) return status;
  const test_store* store = entry.table;
  int64_t sum = 0;
  status = store->add(entry.self, &entry.call, query(request, "key"), strtoll(text, NULL, 10), &sum, error);
  self->services->leave(self->host, &entry);
  if (status < 0) return status;
  snprintf(text, sizeof text, "%" PRId64, sum);
  return answer(self, request->exchange, 200, view(text), error);
}

/* Puts keys "a" and "b" by the lease; commits unless `rollback` was asked for. */
static revenge_status fill(const reader* self, const revenge_call* call, const revenge_http_request* request,
                           revenge_handle transaction, revenge_error* error) {
  revenge_entry entry = {.size = sizeof entry};
  revenge_status status =
      self->services->lease_enter(self->host, call, self->slot, transaction, &entry, error);
  if (status < 0) return status;
  const test_store* store = entry.table;
  status =
      store->transaction_put(entry.self, &entry.call, transaction, view("a"), query(request, "a"), error);
  if (status == REVENGE_OK)
    status =
        store->transaction_put(entry.self, &entry.call, transaction, view("b"), query(request, "b"), error);
  if (status == REVENGE_OK && query(request, "rollback").size == 0)
    status = store->commit(entry.self, &entry.call, transaction, error);
  self->services->leave(self->host, &entry);
  return status;
}
static revenge_status transaction(void* context, const revenge_call* call,
                                  const revenge_http_request* request, revenge_error* error) {
  const reader* self = context;
  revenge_entry entry;
  revenge_status status = enter(self, call, &entry, error);
  if (status < 0) return status;
  const test_store* store = entry.table;
  revenge_handle lease = 0;
  status = store->begin(entry.self, &entry.call, &lease, error);
  self->services->leave(self->host, &entry);
  if (status < 0) return status;
  status = fill(self, call, request, lease, error);
  self->services->lease_close(self->host, lease);
  return status < 0 ? status : answer(self, request->exchange, 200, view("ok"), error);
}

static revenge_status hear(void* context, const revenge_call* call, revenge_view change,
                           revenge_buffer* result, revenge_error* error) {
  (void)call, (void)result, (void)error;
  reader* self = context;
  pthread_mutex_lock(&self->mutex);
  if (change.size + 1 <= sizeof self->events - self->length) {
    memcpy(self->events + self->length, change.data, change.size);
    self->events[self->length + change.size] = '\n';
    self->length += change.size + 1;
  }
  pthread_mutex_unlock(&self->mutex);
  return REVENGE_OK;
}
static revenge_status subscribe(void* context, const revenge_call* call, const revenge_http_request* request,
                                revenge_error* error) {
  const reader* self = context;
  const revenge_function function = {.size = sizeof function, .context = context, .call = hear};
  revenge_handle callback = 0;
  revenge_status status = self->services->callback_open(self->host, &function, &callback, error);
  if (status < 0) return status;
  revenge_entry entry;
  revenge_token token = 0;
  status = enter(self, call, &entry, error);
  if (status == REVENGE_OK) {
    const test_store* store = entry.table;
    status = store->subscribe(entry.self, &entry.call, query(request, "prefix"), callback, &token, error);
    self->services->leave(self->host, &entry);
  }
  if (status < 0) {
    self->services->callback_close(self->host, callback);
    return status;
  }
  char text[32];
  snprintf(text, sizeof text, "%" PRIu64, token);
  return answer(self, request->exchange, 200, view(text), error);
}
static revenge_status events(void* context, const revenge_call* call, const revenge_http_request* request,
                             revenge_error* error) {
  (void)call;
  reader* self = context;
  char copy[sizeof self->events];
  pthread_mutex_lock(&self->mutex);
  const size_t length = self->length;
  memcpy(copy, self->events, length);
  pthread_mutex_unlock(&self->mutex);
  return answer(self, request->exchange, 200, (revenge_view){copy, length}, error);
}

typedef struct waiter {
  const reader* self;
  revenge_handle responder;
} waiter;

static uint32_t http_status(revenge_status status) {
  if (status >= 0) return 200;
  return status == REVENGE_TIMED_OUT     ? 504
         : status == REVENGE_GONE        ? 410
         : status == REVENGE_UNAVAILABLE ? 503
                                         : 500;
}
static void complete(void* context, revenge_status status, revenge_view result, const revenge_error* error) {
  waiter* waiting = context;
  const revenge_view why = error != NULL ? (revenge_view){error->message, error->length} : view("");
  answer(waiting->self, waiting->responder, http_status(status), status < 0 ? why : result, NULL);
  free(waiting);
}
/* After REVENGE_PENDING the waiter is the completion's. */
static revenge_status begin_wait(waiter* waiting, const revenge_call* call, revenge_view key,
                                 revenge_error* error) {
  const reader* self = waiting->self;
  const revenge_service* services = self->services;
  revenge_entry entry;
  revenge_status status = enter(self, call, &entry, error);
  if (status < 0) return status;
  const revenge_completion done = {.size = sizeof done, .context = waiting, .complete = complete};
  revenge_handle handle = 0;
  status = services->completion_open(self->host, &entry.call, &done, &handle, error);
  if (status >= 0) {
    const revenge_handle responder = waiting->responder;
    const test_store* store = entry.table;
    revenge_buffer value = {NULL, 0, NULL, NULL};
    status = store->wait_for(entry.self, &entry.call, key, &value, handle, error);
    if (status != REVENGE_PENDING) services->completion_cancel(self->host, handle);
    if (status == REVENGE_OK) answer_buffer(self, responder, value, NULL);
  }
  services->leave(self->host, &entry);
  return status;
}
static revenge_status wait_for(void* context, const revenge_call* call, const revenge_http_request* request,
                               revenge_error* error) {
  const reader* self = context;
  waiter* waiting = malloc(sizeof *waiting);
  if (waiting == NULL) return refuse(error, REVENGE_LIMIT, "out of memory");
  waiting->self = self;
  revenge_status status = self->http->defer(self->host, request->exchange, &waiting->responder, error);
  if (status < 0) return free(waiting), status;
  const revenge_call* deferred = self->http->responder_call(self->host, waiting->responder);
  revenge_error why = {.size = sizeof why};
  status = begin_wait(waiting, deferred != NULL ? deferred : call, query(request, "key"), &why);
  if (status < 0)
    complete(waiting, status, view(""), &why);
  else if (status != REVENGE_PENDING)
    free(waiting);
  return REVENGE_OK;
}

static revenge_status start(void* context, const revenge_call* call, revenge_error* error) {
  (void)context, (void)call, (void)error;
  return REVENGE_OK;
}
static revenge_status stop(void* context, const revenge_call* call, revenge_error* error) {
  return start(context, call, error);
}
static void destroy(void* context) {
  reader* self = context;
  pthread_mutex_destroy(&self->mutex);
  free(self);
}

typedef struct served {
  const char* pattern;
  revenge_status (*handle)(void* context, const revenge_call* call, const revenge_http_request* request,
                           revenge_error* error);
} served;

static revenge_status serve(reader* self, revenge_error* error) {
  const served routes[] = {{"/reader-c/put", put},
                           {"/reader-c/get", get},
                           {"/reader-c/add", add},
                           {"/reader-c/transaction", transaction},
                           {"/reader-c/subscribe", subscribe},
                           {"/reader-c/events", events},
                           {"/reader-c/wait", wait_for}};
  for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
    const revenge_http_route route = {.size = sizeof route,
                                      .method = REVENGE_HTTP_GET,
                                      .pattern = view(routes[i].pattern),
                                      .context = self,
                                      .handle = routes[i].handle};
    revenge_handle handle = 0;
    const revenge_status status = self->http->add_route(self->host, &route, &handle, error);
    if (status < 0) return status;
  }
  return self->services->require(self->host, view(TEST_STORE_ID), &self->slot, error);
}

static revenge_status create(const revenge_host_api* api, const revenge_call* call,
                             const revenge_config* config, revenge_instance* instance, revenge_error* error) {
  (void)call, (void)config;
  const revenge_http* http = api->query(api->host, view(REVENGE_HTTP_ID));
  const revenge_service* services = api->query(api->host, view(REVENGE_SERVICE_ID));
  if (http == NULL || services == NULL)
    return refuse(error, REVENGE_UNAVAILABLE,
                  "this host does not offer " REVENGE_HTTP_ID " and " REVENGE_SERVICE_ID);
  reader* self = calloc(1, sizeof *self);
  if (self == NULL) return refuse(error, REVENGE_LIMIT, "out of memory");
  self->host = api->host;
  self->http = http;
  self->services = services;
  pthread_mutex_init(&self->mutex, NULL);
  const revenge_status served = serve(self, error);
  if (served < 0) return destroy(self), served;
  instance->self = self;
  instance->start = start;
  instance->stop = stop;
  instance->destroy = destroy;
  return REVENGE_OK;
}

REVENGE_PLUGIN_IN_C(create)
