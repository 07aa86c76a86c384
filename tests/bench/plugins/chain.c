/* Built twice: with CHAIN_BENEATH the near link of the chain, which asks the one beneath; without it the far one. */
#include "chain.h"

#include <string.h>

#include <revenge/abi/service.h>
#include <revenge/entry.h>

static const revenge_host* host;
static const revenge_service* service;

static revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

#ifdef CHAIN_BENEATH
static revenge_handle slot;

static void pass_on(void* context, revenge_status status, revenge_view result, const revenge_error* error) {
  service->completion_finish(host, (uintptr_t)context, status, result, error);
}

static revenge_status ask(void* self, const revenge_call* call, const bench_thread* elsewhere,
                          revenge_handle done, revenge_error* error) {
  (void)self;
  revenge_status status = service->completion_accept(host, done, NULL, error);
  if (status < 0) return status;
  const revenge_completion relay = {
      .size = sizeof relay, .context = (void*)(uintptr_t)done, .complete = pass_on};
  revenge_handle inner = 0;
  status = service->completion_open(host, call, &relay, &inner, error);
  if (status < 0) return status;
  revenge_entry entry = {.size = sizeof entry};
  status = service->enter(host, call, slot, &entry, error);
  if (status < 0) return status;
  const bench_chain* beneath = entry.table;
  status = beneath->ask(entry.self, &entry.call, elsewhere, inner, error);
  service->leave(host, &entry);
  return status;
}

static revenge_status require(revenge_error* error) {
  return service->require(host, view(CHAIN_BENEATH), &slot, error);
}
#else
static void answer(void* argument) {
  service->completion_finish(host, (uintptr_t)argument, REVENGE_OK, view("42"), NULL);
}

static revenge_status ask(void* self, const revenge_call* call, const bench_thread* elsewhere,
                          revenge_handle done, revenge_error* error) {
  (void)self, (void)call;
  const revenge_status status = service->completion_accept(host, done, NULL, error);
  if (status < 0) return status;
  elsewhere->post(elsewhere->context, answer, (void*)(uintptr_t)done);
  return REVENGE_PENDING;
}

static revenge_status require(revenge_error* error) {
  (void)error;
  return REVENGE_OK;
}
#endif

static revenge_status nothing(void* self, const revenge_call* call, revenge_error* error) {
  (void)self, (void)call, (void)error;
  return REVENGE_OK;
}
static void destroy(void* self) { (void)self; }

static revenge_status create(const revenge_host_api* api, const revenge_call* call,
                             const revenge_config* config, revenge_instance* instance, revenge_error* error) {
  static const bench_chain table = {sizeof table, 0, ask};
  (void)call, (void)config;
  host = api->host;
  service = api->query(host, view(REVENGE_SERVICE_ID));
  if (service == NULL) return REVENGE_UNAVAILABLE;
  instance->start = nothing;
  instance->stop = nothing;
  instance->destroy = destroy;
  const revenge_provision provision = {
      .size = sizeof provision, .interface_id = view("bench." REVENGE_PLUGIN_ID "/1"), .table = &table};
  revenge_handle handle = 0;
  const revenge_status status = service->provide(host, &provision, &handle, error);
  return status < 0 ? status : require(error);
}

REVENGE_PLUGIN_IN_C(create)
