/* A node of a tree of plugins: visits the nodes it requires, through slots, and is visited by those that require it.
 * GET /tree/<id> answers how many nodes it reached and which; 503 when one beneath it is away. Built once for each node
 * with NODE_INTERFACE ("tree.<id>/1"), NODE_REQUIRES, the interfaces beneath it, each followed by a comma, and
 * NODE_COUNTS: 1 where it adds its weight to the counter "visits" of a store. */
#include "node.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <revenge/abi/http.h>
#include <revenge/abi/service.h>
#include <revenge/entry.h>

#if NODE_COUNTS
#include "../store/store.h"
#endif

static const char* const kRequires[] = {NODE_REQUIRES NULL};
enum { kChildren = sizeof kRequires / sizeof *kRequires - 1 };

typedef struct node {
  const revenge_host* host;
  const revenge_http* http;
  const revenge_service* service;
  revenge_handle slots[kChildren + 1];
  revenge_handle counter;
  int64_t weight;
} node;

static revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

static revenge_status refuse(revenge_error* error, revenge_status status, const char* why) {
  if (error != NULL) error->length = (uint32_t)snprintf(error->message, sizeof error->message, "%s", why);
  return status;
}

#if NODE_COUNTS
static revenge_status count(const node* self, const revenge_call* call, revenge_error* error) {
  revenge_entry entry = {.size = sizeof entry};
  revenge_status status = self->service->enter(self->host, call, self->counter, &entry, error);
  if (status < 0) return status;
  const test_store* store = entry.table;
  int64_t sum = 0;
  status = store->add(entry.self, &entry.call, view("visits"), self->weight, &sum, error);
  self->service->leave(self->host, &entry);
  return status;
}
#endif

static revenge_status visit(void* context, const revenge_call* call, tree_trail* trail,
                            revenge_error* error) {
  const node* self = context;
  ++trail->nodes;
  const size_t room = sizeof trail->text - trail->length;
  const int length = snprintf(trail->text + trail->length, room, "%s %s %" PRId64 ";", REVENGE_PLUGIN_ID,
                              REVENGE_PLUGIN_VERSION, self->weight);
  if (length < 0 || (size_t)length >= room) return refuse(error, REVENGE_LIMIT, "the trail is full");
  trail->length += (size_t)length;
#if NODE_COUNTS
  const revenge_status counted = count(self, call, error);
  if (counted < 0) return counted;
#endif
  for (int i = 0; i < kChildren; i++) {
    revenge_entry entry = {.size = sizeof entry};
    revenge_status status = self->service->enter(self->host, call, self->slots[i], &entry, error);
    if (status < 0) return status;
    const tree_node* beneath = entry.table;
    status = beneath->visit(entry.self, &entry.call, trail, error);
    self->service->leave(self->host, &entry);
    if (status < 0) return status;
  }
  return REVENGE_OK;
}

static revenge_status answer(void* context, const revenge_call* call, const revenge_http_request* request,
                             revenge_error* error) {
  const node* self = context;
  tree_trail trail = {.nodes = 0};
  const revenge_status status = visit(context, call, &trail, error);
  if (status < 0) return status;
  char body[sizeof trail.text + 200];
  const int length = snprintf(
      body, sizeof body,
      "{\"id\":\"%s\",\"version\":\"%s\",\"weight\":%" PRId64 ",\"nodes\":%" PRIu64 ",\"trail\":\"%s\"}",
      REVENGE_PLUGIN_ID, REVENGE_PLUGIN_VERSION, self->weight, trail.nodes, trail.text);
  const revenge_http_response response = {.size = sizeof response,
                                          .status = 200,
                                          .file = -1,
                                          .content_type = view("application/json"),
                                          .body = {body, (size_t)length, NULL, NULL}};
  return self->http->respond(self->host, request->exchange, &response, error);
}

static revenge_status start(void* context, const revenge_call* call, revenge_error* error) {
  (void)call;
  if (((const node*)context)->weight == 0)
    return refuse(error, REVENGE_FAILED, "a node of weight 0 does not start");
  return REVENGE_OK;
}

static revenge_status stop(void* context, const revenge_call* call, revenge_error* error) {
  (void)context, (void)call, (void)error;
  return REVENGE_OK;
}

static revenge_status offer(node* self, revenge_error* error) {
  static const tree_node table = {sizeof table, 0, visit};
  const revenge_provision provision = {
      .size = sizeof provision, .interface_id = view(NODE_INTERFACE), .table = &table, .self = self};
  revenge_handle handle = 0;
  revenge_status status = self->service->provide(self->host, &provision, &handle, error);
  for (int i = 0; i < kChildren && status >= 0; i++)
    status = self->service->require(self->host, view(kRequires[i]), &self->slots[i], error);
#if NODE_COUNTS
  if (status >= 0) status = self->service->require(self->host, view(TEST_STORE_ID), &self->counter, error);
#endif
  if (status < 0) return status;
  const revenge_http_route route = {.size = sizeof route,
                                    .method = REVENGE_HTTP_GET,
                                    .pattern = view("/tree/" REVENGE_PLUGIN_ID),
                                    .context = self,
                                    .handle = answer};
  return self->http->add_route(self->host, &route, &handle, error);
}

static revenge_status create(const revenge_host_api* api, const revenge_call* call,
                             const revenge_config* config, revenge_instance* instance, revenge_error* error) {
  (void)call;
  node* self = calloc(1, sizeof *self);
  if (self == NULL) return refuse(error, REVENGE_LIMIT, "out of memory");
  self->weight = 1;
  for (size_t i = 0; i < config->value_count; i++) {
    const revenge_view pointer = config->values[i].pointer;
    if (pointer.size == 7 && memcmp(pointer.data, "/weight", 7) == 0)
      self->weight = config->values[i].integer;
  }
  self->host = api->host;
  self->http = api->query(api->host, view(REVENGE_HTTP_ID));
  self->service = api->query(api->host, view(REVENGE_SERVICE_ID));
  const revenge_status status = self->http == NULL || self->service == NULL
                                    ? refuse(error, REVENGE_UNAVAILABLE, "this host lacks http or services")
                                    : offer(self, error);
  if (status < 0) return free(self), status;
  instance->self = self;
  instance->start = start;
  instance->stop = stop;
  instance->destroy = free;
  return REVENGE_OK;
}

REVENGE_PLUGIN_IN_C(create)
