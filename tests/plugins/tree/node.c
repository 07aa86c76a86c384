/* A node of a tree of plugins: visits the nodes it requires, through slots, and is visited by those that require it.
 * GET /tree/<id> answers how many nodes it reached; 503 when one beneath it is away. Built once for each node with
 * NODE_INTERFACE ("tree.<id>/1") and NODE_REQUIRES, the interfaces beneath it, each followed by a comma. */
#include "node.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <revenge/abi/http.h>
#include <revenge/abi/plugin.h>
#include <revenge/abi/service.h>

static const char* const kRequires[] = {NODE_REQUIRES NULL};
enum { kChildren = sizeof kRequires / sizeof *kRequires - 1 };

typedef struct node {
  const revenge_host* host;
  const revenge_http* http;
  const revenge_service* service;
  revenge_handle slots[kChildren + 1];
} node;

static revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

static revenge_status refuse(revenge_error* error, revenge_status status, const char* why) {
  if (error != NULL) error->length = (uint32_t)snprintf(error->message, sizeof error->message, "%s", why);
  return status;
}

static revenge_status visit(void* context, const revenge_call* call, uint64_t* nodes, revenge_error* error) {
  const node* self = context;
  ++*nodes;
  for (int i = 0; i < kChildren; i++) {
    revenge_entry entry = {.size = sizeof entry};
    revenge_status status = self->service->enter(self->host, call, self->slots[i], &entry, error);
    if (status < 0) return status;
    const tree_node* beneath = entry.table;
    status = beneath->visit(entry.self, &entry.call, nodes, error);
    self->service->leave(self->host, &entry);
    if (status < 0) return status;
  }
  return REVENGE_OK;
}

static revenge_status answer(void* context, const revenge_call* call, const revenge_http_request* request,
                             revenge_error* error) {
  const node* self = context;
  uint64_t nodes = 0;
  const revenge_status status = visit(context, call, &nodes, error);
  if (status < 0) return status;
  char body[256];
  const int length = snprintf(body, sizeof body, "{\"id\":\"%s\",\"version\":\"%s\",\"nodes\":%" PRIu64 "}",
                              REVENGE_PLUGIN_ID, REVENGE_PLUGIN_VERSION, nodes);
  const revenge_http_response response = {.size = sizeof response,
                                          .status = 200,
                                          .file = -1,
                                          .content_type = view("application/json"),
                                          .body = {body, (size_t)length, NULL, NULL}};
  return self->http->respond(self->host, request->exchange, &response, error);
}

static revenge_status start(void* context, const revenge_call* call, revenge_error* error) {
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
  (void)call, (void)config;
  node* self = calloc(1, sizeof *self);
  if (self == NULL) return refuse(error, REVENGE_LIMIT, "out of memory");
  self->host = api->host;
  self->http = api->query(api->host, view(REVENGE_HTTP_ID));
  self->service = api->query(api->host, view(REVENGE_SERVICE_ID));
  const revenge_status status = self->http == NULL || self->service == NULL
                                    ? refuse(error, REVENGE_UNAVAILABLE, "this host lacks http or services")
                                    : offer(self, error);
  if (status < 0) return free(self), status;
  instance->self = self;
  instance->start = start;
  instance->stop = start;
  instance->destroy = free;
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
  refuse(error, REVENGE_REFUSED, "built for a newer generation of the plugin ABI");
  return NULL;
}
