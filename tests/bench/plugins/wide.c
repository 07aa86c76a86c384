/* A plugin that is wide: it offers wide.<id>/1, has WIDE_ROUTES routes, and two slots for each interface in
 * WIDE_REQUIRES. Its start enters every slot once, so that all of them lead somewhere in a host that measures. */
#include "wide.h"

#include <stdio.h>
#include <string.h>

#include <revenge/abi/http.h>
#include <revenge/abi/service.h>
#include <revenge/entry.h>

static const char* const kRequires[] = {WIDE_REQUIRES NULL};
enum { kSlots = 2 * (sizeof kRequires / sizeof *kRequires - 1) };

static const revenge_host* host;
static const revenge_http* http;
static const revenge_service* service;
static revenge_handle slots[kSlots + 1];

static revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

static uint64_t one_more(void* self, const revenge_call* call, uint64_t value) {
  (void)self, (void)call;
  return value + 1;
}

static revenge_status answer(void* context, const revenge_call* call, const revenge_http_request* request,
                             revenge_error* error) {
  (void)context, (void)call;
  const revenge_http_response response = {.size = sizeof response, .status = 204, .file = -1};
  return http->respond(host, request->exchange, &response, error);
}

static revenge_status start(void* self, const revenge_call* call, revenge_error* error) {
  (void)self;
  for (int i = 0; i < kSlots; i++) {
    revenge_entry entry = {.size = sizeof entry};
    const revenge_status status = service->enter(host, call, slots[i], &entry, error);
    if (status < 0) return status;
    const wide* beneath = entry.table;
    const uint64_t more = beneath->one_more(entry.self, &entry.call, 1);
    service->leave(host, &entry);
    if (more != 2) return REVENGE_FAILED;
  }
  return REVENGE_OK;
}
static revenge_status stop(void* self, const revenge_call* call, revenge_error* error) {
  (void)self, (void)call, (void)error;
  return REVENGE_OK;
}
static void destroy(void* self) { (void)self; }

static revenge_status add_routes(revenge_error* error) {
  for (int i = 0; i < WIDE_ROUTES; i++) {
    char pattern[96];
    snprintf(pattern, sizeof pattern, "/%s/collection-%d/{item}", REVENGE_PLUGIN_ID, i);
    const revenge_http_route route = {
        .size = sizeof route, .method = REVENGE_HTTP_GET, .pattern = view(pattern), .handle = answer};
    revenge_handle handle = 0;
    const revenge_status status = http->add_route(host, &route, &handle, error);
    if (status < 0) return status;
  }
  return REVENGE_OK;
}

static revenge_status create(const revenge_host_api* api, const revenge_call* call,
                             const revenge_config* config, revenge_instance* instance, revenge_error* error) {
  static const wide table = {sizeof table, 0, one_more};
  (void)call, (void)config;
  host = api->host;
  http = api->query(host, view(REVENGE_HTTP_ID));
  service = api->query(host, view(REVENGE_SERVICE_ID));
  if (http == NULL || service == NULL) return REVENGE_UNAVAILABLE;
  instance->start = start;
  instance->stop = stop;
  instance->destroy = destroy;
  const revenge_provision provision = {
      .size = sizeof provision, .interface_id = view("wide." REVENGE_PLUGIN_ID "/1"), .table = &table};
  revenge_handle handle = 0;
  revenge_status status = service->provide(host, &provision, &handle, error);
  for (int i = 0; i < kSlots && status >= 0; i++)
    status = service->require(host, view(kRequires[i / 2]), &slots[i], error);
  return status < 0 ? status : add_routes(error);
}

REVENGE_PLUGIN_IN_C(create)
