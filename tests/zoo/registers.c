/* Deeds that register what may not be, or too much, or too often. */
#include <setjmp.h>
#include <stdlib.h>

#include "member.h"

static revenge_status nobody(void* context, const revenge_call* call, const revenge_http_request* request,
                             revenge_error* error) {
  (void)context, (void)call, (void)request, (void)error;
  return REVENGE_NOT_FOUND;
}
static void run_nothing(void* context, const revenge_call* call) { (void)context, (void)call; }
static revenge_status ask_nothing(void* context, const revenge_call* call, revenge_error* error) {
  (void)context, (void)call, (void)error;
  return REVENGE_OK;
}

static revenge_handle made;

static revenge_status add(const char* pattern, revenge_error* error) {
  const revenge_http_route route = route_to(pattern, nobody);
  return http->add_route(host, &route, &made, error);
}

DEED(route_twice) {
  const revenge_status once = add("/zoo/twice", error);
  return once != REVENGE_OK ? once : add("/zoo/twice", error);
}
DEED(route_alike) {
  const revenge_status once = add("/zoo/{one}/alike", error);
  return once != REVENGE_OK ? once : add("/zoo/{other}/alike", error);
}
DEED(route_admin) { return add("/admin/plugins", error); }
DEED(route_health) { return add("/health/ready", error); }
DEED(route_metrics) { return add("/metrics", error); }
DEED(route_of_others) { return add("/stream", error); }
DEED(pattern_empty) { return add("", error); }
DEED(pattern_malformed) { return add("/zoo/{open", error); }
DEED(pattern_dots) { return add("/zoo/../admin", error); }
DEED(pattern_control) { return add("/zoo/\n\x1b[2J", error); }
DEED(pattern_huge) {
  const size_t size = 1 << 20;
  char* text = malloc(size + 1);
  memset(text, 'a', size);
  text[0] = '/';
  text[size] = '\0';
  const revenge_status status = add(text, error);
  free(text);
  return status;
}
DEED(routes_endless) {
  char pattern[64];
  for (int i = 0; i < 20000; i++) {
    snprintf(pattern, sizeof pattern, "/zoo/endless/%d", i);
    const revenge_status status = add(pattern, error);
    if (status != REVENGE_OK) return status;
  }
  return REVENGE_OK;
}
DEED(route_null_handler) {
  const revenge_http_route route = route_to("/zoo/null", NULL);
  return http->add_route(host, &route, &made, error);
}
DEED(route_null) { return http->add_route(host, NULL, &made, error); }
DEED(route_odd_method) {
  revenge_http_route route = route_to("/zoo/method", nobody);
  route.method = 99;
  return http->add_route(host, &route, &made, error);
}
DEED(route_negative_timeout) {
  revenge_http_route route = route_to("/zoo/negative", nobody);
  route.timeout_ns = INT64_MIN;
  return http->add_route(host, &route, &made, error);
}

static revenge_status open_metric(const char* name, uint32_t type, revenge_error* error) {
  revenge_metric metric;
  memset(&metric, 0, sizeof metric);
  metric.size = sizeof metric;
  metric.type = type;
  metric.name = view(name);
  metric.description = view("Of the zoo.");
  return metrics->open(host, &metric, &made, error);
}
DEED(metric_two_types) {
  const revenge_status once = open_metric("animals_seconds", REVENGE_METRIC_HISTOGRAM, error);
  return once != REVENGE_OK ? once : open_metric("animals_seconds", REVENGE_METRIC_GAUGE, error);
}
DEED(metric_odd_name) { return open_metric("no such name", REVENGE_METRIC_COUNTER, error); }
DEED(metrics_endless) {
  char name[64];
  for (int i = 0; i < 1000000; i++) {
    snprintf(name, sizeof name, "animal%d_total", i);
    const revenge_status status = open_metric(name, REVENGE_METRIC_COUNTER, error);
    if (status != REVENGE_OK) return status;
  }
  return REVENGE_OK;
}

DEED(timer_negative) {
  const revenge_job job = {sizeof job, 0, NULL, run_nothing};
  return timers->start(host, -1, 0, &job, &made, error);
}
DEED(timer_null) {
  const revenge_job job = {sizeof job, 0, NULL, NULL};
  return timers->start(host, 1, 0, &job, &made, error);
}
DEED(timers_endless) {
  const revenge_job job = {sizeof job, 0, NULL, run_nothing};
  for (int i = 0; i < 1000000; i++) {
    const revenge_status status = timers->start(host, 3600000000000, 0, &job, &made, error);
    if (status != REVENGE_OK) return status;
  }
  return REVENGE_OK;
}
DEED(jobs_endless) {
  const revenge_job job = {sizeof job, 0, NULL, run_nothing};
  for (int i = 0; i < 10000000; i++) {
    const revenge_status status = timers->submit(host, call, &job, error);
    if (status != REVENGE_OK) return status;
  }
  return REVENGE_OK;
}

static const void* const table[1] = {NULL};
static revenge_status provide(const char* id, revenge_error* error) {
  const revenge_provision provision = {sizeof provision, 0, view(id), table, NULL};
  return services->provide(host, &provision, &made, error);
}
DEED(provide_undeclared) { return provide("zoo.undeclared/1", error); }
DEED(provide_malformed) { return provide("no interface", error); }
DEED(require_undeclared) { return services->require(host, view("zoo.undeclared/1"), &made, error); }

DEED(check_twice) {
  revenge_health_check check;
  memset(&check, 0, sizeof check);
  check.size = sizeof check;
  check.name = view("pulse");
  check.ask = ask_nothing;
  const revenge_status once = checks->add(host, &check, &made, error);
  return once != REVENGE_OK ? once : checks->add(host, &check, &made, error);
}
DEED(checks_endless) {
  char name[32];
  for (int i = 0; i < 1000; i++) {
    snprintf(name, sizeof name, "pulse-%d", i);
    revenge_health_check check;
    memset(&check, 0, sizeof check);
    check.size = sizeof check;
    check.name = view(name);
    check.ask = ask_nothing;
    const revenge_status status = checks->add(host, &check, &made, error);
    if (status != REVENGE_OK) return status;
  }
  return REVENGE_OK;
}

static revenge_status run_command(void* context, const revenge_call* call, const revenge_command_run* run,
                                  revenge_buffer* answer, revenge_error* error) {
  (void)context, (void)call, (void)run, (void)error;
  answer->data = "nonsense";
  answer->size = 8;
  return REVENGE_OK;
}
static revenge_status add_command(const char* name, const char* schema, revenge_error* error) {
  revenge_command command;
  memset(&command, 0, sizeof command);
  command.size = sizeof command;
  command.name = view(name);
  command.description = view("Of the zoo.");
  command.schema = view(schema);
  command.run = run_command;
  return commands->add(host, &command, error);
}
DEED(command_twice) {
  const revenge_status once = add_command("feed", "", error);
  return once != REVENGE_OK ? once : add_command("feed", "", error);
}
DEED(command_odd_schema) { return add_command("feed", "{\"type\": \"strang\"}", error); }

static void hear(void* context, const revenge_call* call, const revenge_event* event) {
  (void)context, (void)call, (void)event;
}
static revenge_status publish(const char* kind, const char* payload, const revenge_call* call,
                              revenge_error* error) {
  revenge_event event;
  memset(&event, 0, sizeof event);
  event.size = sizeof event;
  event.kind = view(kind);
  event.payload = view(payload);
  return events->publish(host, call, &event, error);
}
DEED(publish_as_host) { return publish("plugin.state", "", call, error); }
DEED(publish_malformed) { return publish("zoo.fed", "{\"open\":", call, error); }

/* The handler of the event publishes the event. */
static revenge_status last_published = REVENGE_PENDING;
static void echo(void* context, const revenge_call* call, const revenge_event* event) {
  (void)context, (void)event;
  const revenge_status status = publish("zoo.echo", "", call, NULL);
  if (status != REVENGE_OK) last_published = status;
}
DEED(listen_to_itself) {
  const revenge_event_handler handler = {sizeof handler, 0, NULL, echo};
  const revenge_view kinds[1] = {view("zoo.echo")};
  return events->subscribe(host, kinds, 1, 0, &handler, &made, error);
}
DEED(publish_echo) {
  const revenge_status status = publish("zoo.echo", "", call, error);
  for (int i = 0; i < 500 && last_published == REVENGE_PENDING; i++) rest_ms(1);
  return status != REVENGE_OK ? status : answer_status(request, last_published, error);
}
DEED(subscribe_nonsense) {
  const revenge_event_handler handler = {sizeof handler, 0, NULL, hear};
  const revenge_view kinds[1] = {view("No Kind")};
  return events->subscribe(host, kinds, 1, 0, &handler, &made, error);
}

DEED(remove_twice) {
  revenge_status status = add("/zoo/removed", error);
  if (status == REVENGE_OK) status = http->remove(host, made);
  return status != REVENGE_OK ? status : answer_status(request, http->remove(host, made), error);
}
DEED(remove_foreign) {
  for (revenge_handle handle = 1; handle < 2000; handle++) {
    for (revenge_handle generation = 0; generation < 4; generation++) {
      const revenge_handle guess = generation << 32 | handle;
      if (http->remove(host, guess) == REVENGE_OK)
        return say(error, REVENGE_FAILED, "removed what is not its own");
      if (timers->cancel(host, guess) == REVENGE_OK)
        return say(error, REVENGE_FAILED, "cancelled what is not its own");
    }
  }
  return answer_status(request, http->remove(host, 1), error);
}

DEED(register_late) {
  (void)add("/zoo/late", error);
  (void)open_metric("late_total", REVENGE_METRIC_COUNTER, error);
  return REVENGE_OK;
}

/* Such a view into each table in turn; the first that takes it fails. */
static revenge_status pass_wild(revenge_view wild, const revenge_call* call, revenge_error* error) {
  revenge_http_route route = route_to("/zoo/wild", nobody);
  route.pattern = wild;
  if (http->add_route(host, &route, &made, error) >= 0)
    return say(error, REVENGE_FAILED, "a route of nothing");
  revenge_metric metric;
  memset(&metric, 0, sizeof metric);
  metric.size = sizeof metric;
  metric.type = REVENGE_METRIC_COUNTER;
  metric.name = wild;
  metric.description = wild;
  if (metrics->open(host, &metric, &made, error) >= 0)
    return say(error, REVENGE_FAILED, "a metric of nothing");
  revenge_event event;
  memset(&event, 0, sizeof event);
  event.size = sizeof event;
  event.kind = wild;
  if (events->publish(host, call, &event, error) >= 0)
    return say(error, REVENGE_FAILED, "an event of nothing");
  if (services->require(host, wild, &made, error) >= 0)
    return say(error, REVENGE_FAILED, "a need of nothing");
  const revenge_provision provision = {sizeof provision, 0, wild, table, NULL};
  if (services->provide(host, &provision, &made, error) >= 0)
    return say(error, REVENGE_FAILED, "an offer of nothing");
  revenge_command command;
  memset(&command, 0, sizeof command);
  command.size = sizeof command;
  command.name = wild;
  command.description = wild;
  command.run = run_command;
  if (commands->add(host, &command, error) >= 0) return say(error, REVENGE_FAILED, "a command of nothing");
  revenge_health_check check;
  memset(&check, 0, sizeof check);
  check.size = sizeof check;
  check.name = wild;
  check.ask = ask_nothing;
  if (checks->add(host, &check, &made, error) >= 0) return say(error, REVENGE_FAILED, "a check of nothing");
  revenge_log_record record;
  memset(&record, 0, sizeof record);
  record.size = sizeof record;
  record.level = REVENGE_LOG_INFO;
  record.message = wild;
  record.file = wild;
  logs->write(host, call, 0, &record);
  (void)flags->find(host, wild, &made, error);
  (void)flags->enabled(host, made, wild, false);
  return REVENGE_OK;
}
DEED(views_of_null) { return pass_wild((revenge_view){NULL, 5}, call, error); }
DEED(views_endless) { return pass_wild((revenge_view){"x", SIZE_MAX}, call, error); }
DEED(null_everywhere) {
  if (http->add_route(host, NULL, NULL, error) >= 0) return say(error, REVENGE_FAILED, "a route at NULL");
  if (http->add_middleware(host, NULL, NULL, error) >= 0)
    return say(error, REVENGE_FAILED, "a middleware at NULL");
  if (http->add_listener(host, NULL, NULL, error) >= 0)
    return say(error, REVENGE_FAILED, "a listener at NULL");
  if (metrics->open(host, NULL, NULL, error) >= 0) return say(error, REVENGE_FAILED, "a metric at NULL");
  if (timers->start(host, 0, 0, NULL, NULL, error) >= 0) return say(error, REVENGE_FAILED, "a timer at NULL");
  if (timers->submit(host, NULL, NULL, error) >= 0) return say(error, REVENGE_FAILED, "a job at NULL");
  if (spawn->start(host, NULL, NULL, error) >= 0) return say(error, REVENGE_FAILED, "a thread at NULL");
  if (spawn->on_shutdown(host, NULL, NULL, error) >= 0) return say(error, REVENGE_FAILED, "a hook at NULL");
  if (events->publish(host, NULL, NULL, error) >= 0) return say(error, REVENGE_FAILED, "an event at NULL");
  if (events->subscribe(host, NULL, 3, 0, NULL, NULL, error) >= 0)
    return say(error, REVENGE_FAILED, "a subscription at NULL");
  if (services->provide(host, NULL, NULL, error) >= 0) return say(error, REVENGE_FAILED, "an offer at NULL");
  if (services->enter(host, NULL, 0, NULL, error) >= 0) return say(error, REVENGE_FAILED, "an entry at NULL");
  if (services->callback_open(host, NULL, NULL, error) >= 0)
    return say(error, REVENGE_FAILED, "a callback at NULL");
  if (checks->add(host, NULL, NULL, error) >= 0) return say(error, REVENGE_FAILED, "a check at NULL");
  if (commands->add(host, NULL, error) >= 0) return say(error, REVENGE_FAILED, "a command at NULL");
  if (flags->find(host, view("zoo"), NULL, error) >= 0) return say(error, REVENGE_FAILED, "a flag at NULL");
  if (flags->evaluate(host, 0, 0, NULL, NULL, error) >= 0)
    return say(error, REVENGE_FAILED, "an answer at NULL");
  if (paths->folder(host, 1, NULL, error) >= 0) return say(error, REVENGE_FAILED, "a path at NULL");
  if (paths->folder(host, 99, NULL, error) >= 0) return say(error, REVENGE_FAILED, "a folder of no kind");
  if (configuration->read(host, NULL, error) >= 0)
    return say(error, REVENGE_FAILED, "a configuration at NULL");
  logs->write(host, NULL, 0, NULL);
  if (logs->bind(host, 0, NULL, 0, NULL, error) >= 0) return say(error, REVENGE_FAILED, "a logger at NULL");
  return REVENGE_OK;
}
DEED(null_host) {
  revenge_http_route route = route_to("/zoo/hostless", nobody);
  return answer_status(request, http->add_route(NULL, &route, &made, error), error);
}

static revenge_handle callback;
static uint32_t deepest;
static revenge_status call_again(void* context, const revenge_call* call, revenge_view argument,
                                 revenge_buffer* result, revenge_error* error) {
  (void)context;
  if (call->depth > deepest) deepest = call->depth;
  return services->callback_call(host, call, callback, argument, result, error);
}
DEED(recurse) {
  const revenge_function function = {sizeof function, 0, NULL, call_again, NULL};
  const revenge_status status = services->callback_open(host, &function, &callback, error);
  if (status != REVENGE_OK) return status;
  revenge_buffer result;
  memset(&result, 0, sizeof result);
  const revenge_status answered = services->callback_call(host, call, callback, view(""), &result, error);
  return answered < 0 && deepest < 100 ? answered : say(error, REVENGE_FAILED, "as deep as it wanted");
}

static jmp_buf out;
static revenge_status leap(void* context, const revenge_call* inner, revenge_view argument,
                           revenge_buffer* result, revenge_error* error) {
  (void)context, (void)inner, (void)argument, (void)result, (void)error;
  longjmp(out, 1);
}
/* Over the frames of the host, which believes that its callback has never returned. */
DEED(jump_over_host) {
  const revenge_function function = {sizeof function, 0, NULL, leap, NULL};
  const revenge_status status = services->callback_open(host, &function, &callback, error);
  if (status != REVENGE_OK) return status;
  revenge_buffer result;
  memset(&result, 0, sizeof result);
  if (setjmp(out) == 0) return services->callback_call(host, call, callback, view(""), &result, error);
  return REVENGE_OK;
}

#include "member_life.h"
