/* A plugin that does one thing, in start(): the function DEED. One route, /<id>, answers "ok" as a plugin should. */
#ifndef REVENGE_CHECK_SAMPLE_H
#define REVENGE_CHECK_SAMPLE_H

#include <stdbool.h>
#include <string.h>

#include <revenge/abi/events.h>
#include <revenge/abi/http.h>
#include <revenge/abi/log.h>
#include <revenge/abi/spawn.h>
#include <revenge/abi/timer.h>
#include <revenge/entry.h>

/* A deed that this sample is not built for. */
#define UNLESS_CHOSEN __attribute__((unused)) static

static const revenge_host* host;
static const revenge_http* http;
static const revenge_events* events;
static const revenge_log* logs;
static const revenge_spawn* spawn;
static const revenge_timer* timers;
static volatile bool destroyed;

UNLESS_CHOSEN revenge_view view(const char* text) { return (revenge_view){text, strlen(text)}; }

static revenge_status handle(void* context, const revenge_call* call, const revenge_http_request* request,
                             revenge_error* error) {
  (void)context, (void)call;
  const revenge_http_response response = {.size = sizeof response,
                                          .status = 200,
                                          .file = -1,
                                          .content_type = {"text/plain", 10},
                                          .body = {"ok", 2, NULL, NULL}};
  return http->respond(host, request->exchange, &response, error);
}

UNLESS_CHOSEN revenge_handle add_route(const char* pattern) {
  const revenge_http_route route = {
      .size = sizeof route, .method = REVENGE_HTTP_GET, .pattern = view(pattern), .handle = handle};
  revenge_handle added = 0;
  (void)http->add_route(host, &route, &added, NULL);
  return added;
}

#endif
