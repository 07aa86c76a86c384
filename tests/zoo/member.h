/*
 * What a member of the zoo that misbehaves while it lives is made of: a plugin on the raw tables, and places for deeds.
 *
 * A deed is a function made by DEED(name). The build says where it is done: IN_INIT, IN_CREATE, IN_START, IN_HEALTH, IN_STOP,
 * IN_DESTROY, IN_HANDLER, IN_TIMER, IN_THREAD, IN_EVENT, IN_SAVE, IN_RESTORE, each the name of a deed. GET /zoo/<id> runs the
 * one of IN_HANDLER and answers "ok" unless the deed has failed, or has said REVENGE_PENDING: then it has answered itself.
 */
#ifndef REVENGE_ZOO_MEMBER_H
#define REVENGE_ZOO_MEMBER_H

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <revenge/abi/call.h>
#include <revenge/abi/command.h>
#include <revenge/abi/config.h>
#include <revenge/abi/events.h>
#include <revenge/abi/flags.h>
#include <revenge/abi/health.h>
#include <revenge/abi/http.h>
#include <revenge/abi/log.h>
#include <revenge/abi/metrics.h>
#include <revenge/abi/paths.h>
#include <revenge/abi/plugin.h>
#include <revenge/abi/process.h>
#include <revenge/abi/service.h>
#include <revenge/abi/spawn.h>
#include <revenge/abi/timer.h>

#ifdef __cplusplus
#define ZOO_EXPORT extern "C" __attribute__((visibility("default")))
#else
#define ZOO_EXPORT __attribute__((visibility("default")))
#endif
#define ZOO_UNUSED __attribute__((unused))

#define DEED(name)                                                                      \
  ZOO_UNUSED static revenge_status name(ZOO_UNUSED const revenge_http_request* request, \
                                        ZOO_UNUSED const revenge_call* call,            \
                                        ZOO_UNUSED revenge_error* error)

ZOO_UNUSED static const revenge_host* host;
ZOO_UNUSED static const revenge_http* http;
ZOO_UNUSED static const revenge_timer* timers;
ZOO_UNUSED static const revenge_spawn* spawn;
ZOO_UNUSED static const revenge_log* logs;
ZOO_UNUSED static const revenge_metrics* metrics;
ZOO_UNUSED static const revenge_service* services;
ZOO_UNUSED static const revenge_events* events;
ZOO_UNUSED static const revenge_flags* flags;
ZOO_UNUSED static const revenge_health* checks;
ZOO_UNUSED static const revenge_commands* commands;
ZOO_UNUSED static const revenge_paths* paths;
ZOO_UNUSED static const revenge_configuration* configuration;

ZOO_UNUSED static revenge_view view(const char* text) {
  const revenge_view whole = {text, strlen(text)};
  return whole;
}

ZOO_UNUSED static revenge_status say(revenge_error* error, revenge_status status, const char* message) {
  if (error != NULL) {
    error->length = (uint32_t)strlen(message);
    memcpy(error->message, message, error->length);
  }
  return status;
}

ZOO_UNUSED static void rest_ms(long milliseconds) {
  const struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&pause, NULL);
}

DEED(behave) { return REVENGE_OK; }

ZOO_UNUSED static revenge_status respond_with(revenge_handle exchange, const char* body,
                                              revenge_error* error) {
  revenge_http_response response;
  memset(&response, 0, sizeof response);
  response.size = sizeof response;
  response.status = 200;
  response.file = -1;
  response.content_type = view("text/plain");
  response.body.data = body;
  response.body.size = strlen(body);
  return http->respond(host, exchange, &response, error);
}

/* What a handler was told, as its answer. */
ZOO_UNUSED static revenge_status answer_status(const revenge_http_request* request, revenge_status status,
                                               revenge_error* error) {
  char text[32];
  snprintf(text, sizeof text, "%d", status);
  const revenge_status answered = respond_with(request->exchange, text, error);
  return answered == REVENGE_OK ? REVENGE_PENDING : answered;
}

ZOO_UNUSED static revenge_http_route route_to(const char* pattern,
                                              revenge_status (*handle)(void*, const revenge_call*,
                                                                       const revenge_http_request*,
                                                                       revenge_error*)) {
  revenge_http_route route;
  memset(&route, 0, sizeof route);
  route.size = sizeof route;
  route.method = REVENGE_HTTP_GET;
  route.pattern = view(pattern);
  route.timeout_ns = 500000000;
  route.handle = handle;
  return route;
}

#endif
