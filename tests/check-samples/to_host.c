/* What a plugin can do to its host by way of the host's own functions. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sample.h"

UNLESS_CHOSEN void well_behaved(void) {}

UNLESS_CHOSEN void route_twice(void) { (void)add_route("/" REVENGE_PLUGIN_ID); }
UNLESS_CHOSEN void route_reserved(void) { (void)add_route("/admin/mine"); }
UNLESS_CHOSEN void route_unclosed(void) { (void)add_route("/films/{id"); }

UNLESS_CHOSEN void gives_back_twice(void) {
  const revenge_handle route = add_route("/for-a-moment");
  (void)http->remove(host, route);
  (void)http->remove(host, route);
}
UNLESS_CHOSEN void gives_back_others(void) { (void)http->remove(host, 4711); }

UNLESS_CHOSEN void null_argument(void) { (void)http->add_route(host, NULL, NULL, NULL); }
UNLESS_CHOSEN void size_of_nothing(void) {
  const revenge_http_route route = {.method = REVENGE_HTTP_GET, .pattern = view("/small"), .handle = handle};
  revenge_handle ignored = 0;
  (void)http->add_route(host, &route, &ignored, NULL);
}

static void publish(const revenge_call* call, const char* kind) {
  const revenge_event event = {.size = sizeof event, .kind = view(kind), .text = view("again")};
  (void)events->publish(host, call, &event, NULL);
}
static void again(void* context, const revenge_call* call, const revenge_event* event) {
  (void)context, (void)event;
  publish(call, "sample.again");
}
UNLESS_CHOSEN void answers_its_own_event(void) {
  static const revenge_event_handler handler = {.size = sizeof handler, .handle = again};
  const revenge_view kind = view("sample.again");
  revenge_handle ignored = 0;
  (void)events->subscribe(host, &kind, 1, 0, &handler, &ignored, NULL);
  publish(NULL, "sample.again");
}
UNLESS_CHOSEN void publishes_for_the_host(void) { publish(NULL, "plugin.failed"); }

UNLESS_CHOSEN void floods_the_log(void) {
  const revenge_log_record record = {
      .size = sizeof record, .level = REVENGE_LOG_INFO, .message = view("one of a million")};
  for (int i = 0; i < 1000000; i++) logs->write(host, NULL, 0, &record);
}
UNLESS_CHOSEN void floods_routes(void) {
  char pattern[] = "/route/000000";
  for (int i = 0; i < 2000; i++) {
    for (int at = 12, rest = i; at > 6; at--, rest /= 10) pattern[at] = (char)('0' + rest % 10);
    (void)add_route(pattern);
  }
}
static void run(void* context, const revenge_call* call) { (void)context, (void)call; }
UNLESS_CHOSEN void floods_timers(void) {
  const revenge_job job = {.size = sizeof job, .run = run};
  revenge_handle ignored = 0;
  for (int i = 0; i < 2000; i++) (void)timers->start(host, 3600000000000, 0, &job, &ignored, NULL);
}
UNLESS_CHOSEN void opens_descriptors(void) {
  for (int i = 0; i < 300; i++) (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
}
UNLESS_CHOSEN void leaks_a_descriptor(void) { (void)!open("/dev/null", O_RDONLY | O_CLOEXEC); }
UNLESS_CHOSEN void leaks_memory(void) {
  char* bytes = malloc(4096);
  if (bytes != NULL) *(volatile char*)bytes = 1;
}
UNLESS_CHOSEN void takes_memory(void) {
  enum { kBytes = 600 << 20, kPage = 4096 };
  char* bytes = malloc(kBytes);
  for (size_t at = 0; bytes != NULL && at < kBytes; at += kPage) ((volatile char*)bytes)[at] = 1;
}

static void spin(void* context, const revenge_call* call, revenge_handle thread) {
  (void)context, (void)call;
  while (!spawn->stop_requested(host, thread)) {
  }
}
UNLESS_CHOSEN void spins_in_a_thread(void) {
  const revenge_thread thread = {.size = sizeof thread, .name = view("spin"), .run = spin};
  revenge_handle ignored = 0;
  (void)spawn->start(host, &thread, &ignored, NULL);
}

static void* answer_late(void* context) {
  const struct timespec pause = {.tv_nsec = 100000000};
  while (!destroyed) nanosleep(&pause, NULL);
  nanosleep(&pause, NULL);
  const revenge_http_response response = {.size = sizeof response, .status = 200, .file = -1};
  (void)http->respond(host, 1, &response, NULL);
  return context;
}
UNLESS_CHOSEN void answers_after_destroy(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, answer_late, NULL) == 0) pthread_detach(thread);
}

#include "life.h"
