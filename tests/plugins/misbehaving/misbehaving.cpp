// A plugin that behaves, but for one deed in one callback, both chosen by the build: MISBEHAVE_IN and MISBEHAVE_BY.
//
// On the raw ABI, since the glue would contain most of it. GET /misbehaving/<id> answers "ok"; a timer runs every
// 10 ms; restore, save and configuration are accepted.
#include <cstring>
#include <stdexcept>

#include <unistd.h>

#include <revenge/abi/http.h>
#include <revenge/abi/plugin.h>
#include <revenge/abi/timer.h>

namespace {

enum class In {
  kCreate,
  kStart,
  kStop,
  kDestroy,
  kHealth,
  kSave,
  kRestore,
  kPrepare,
  kCommit,
  kHandler,
  kTimer
};
enum class By {
  kThrow,
  kThrowNumber,
  kHang,
  kEndlessMessage,  // an error whose message claims a gigabyte
  kBrokenText,      // an error whose message is no UTF-8
  kNothing,         // answers OK without having done it
  kDropResponder,
  kNeverAnswer,
  kAnswerTwice,
  kStreamForEver,  // and takes no configuration live, so that each one needs a new instance beside the stream
};

constexpr In kIn = In::MISBEHAVE_IN;
constexpr By kBy = By::MISBEHAVE_BY;

const revenge_host* host;
const revenge_http* http;

revenge_view view(const char* text) { return {text, std::strlen(text)}; }

revenge_status failWith(revenge_error* error, const char* message, std::uint32_t length) {
  std::memcpy(error->message, message, std::strlen(message));
  error->length = length;
  return REVENGE_FAILED;
}

// What every callback begins with.
revenge_status misbehave(In where, revenge_error* error) {
  if (where != kIn) return REVENGE_OK;
  switch (kBy) {
    case By::kThrow:
      throw std::runtime_error("thrown across the boundary");
    case By::kThrowNumber:
      throw 42;
    case By::kHang:
      for (;;) ::pause();
    case By::kEndlessMessage:
      return failWith(error, "a gigabyte of reasons", 1U << 30U);
    case By::kBrokenText:
      return failWith(error, "\xC3(\xFF\xED\xA0\x80 broken \xF0\x9F", 16);
    default:
      return REVENGE_OK;
  }
}

revenge_status respond(revenge_handle exchange, revenge_error* error) {
  revenge_http_response response{};
  response.size = sizeof response;
  response.status = 200;
  response.file = -1;
  response.content_type = view("text/plain");
  response.body = {"ok", 2, nullptr, nullptr};
  return http->respond(host, exchange, &response, error);
}

void clientLeft(void* stream, const revenge_call*) {
  http->stream_close(host, static_cast<revenge_handle>(reinterpret_cast<std::uintptr_t>(stream)), true);
}

[[maybe_unused]] revenge_status stream(revenge_handle exchange, revenge_error* error) {
  revenge_http_response head{};
  head.size = sizeof head;
  head.status = 200;
  head.file = -1;
  head.content_type = view("text/plain");
  revenge_handle opened = 0;
  if (const revenge_status status = http->stream_open(host, exchange, &head, &opened, error);
      status != REVENGE_OK)
    return status;
  revenge_http_watch watch{};
  watch.size = sizeof watch;
  watch.client_gone = clientLeft;
  watch.context = reinterpret_cast<void*>(static_cast<std::uintptr_t>(opened));
  if (const revenge_status status = http->watch(host, opened, &watch, error); status != REVENGE_OK)
    return status;
  return http->stream_write(host, opened, view("begun\n"), nullptr, error);
}

revenge_status handle(void*, const revenge_call*, const revenge_http_request* request, revenge_error* error) {
  if (const revenge_status status = misbehave(In::kHandler, error); status != REVENGE_OK) return status;
  revenge_handle responder = 0;
  if constexpr (kBy == By::kNothing && kIn == In::kHandler) return REVENGE_OK;
  if constexpr (kBy == By::kDropResponder || kBy == By::kNeverAnswer) {
    const revenge_status status = http->defer(host, request->exchange, &responder, error);
    if (status == REVENGE_OK && kBy == By::kDropResponder) return http->drop(host, responder);
    return status;
  }
  if constexpr (kBy == By::kStreamForEver) return stream(request->exchange, error);
  if constexpr (kBy == By::kAnswerTwice) respond(request->exchange, error);
  return respond(request->exchange, error);
}

void onTimer(void*, const revenge_call*) { misbehave(In::kTimer, nullptr); }

revenge_status start(void*, const revenge_call*, revenge_error* error) {
  return misbehave(In::kStart, error);
}
revenge_status stop(void*, const revenge_call*, revenge_error* error) { return misbehave(In::kStop, error); }
void destroy(void*) { misbehave(In::kDestroy, nullptr); }
revenge_status health(void*, const revenge_call*, revenge_error* error) {
  return misbehave(In::kHealth, error);
}
revenge_status prepare(void*, const revenge_call*, const revenge_config*, revenge_error* error) {
  return misbehave(In::kPrepare, error);
}
[[maybe_unused]] void commit(void*, const revenge_config*) { misbehave(In::kCommit, nullptr); }
revenge_status save(void*, const revenge_call*, revenge_buffer* state, revenge_error* error) {
  *state = {"state", 5, nullptr, nullptr};
  return misbehave(In::kSave, error);
}
revenge_status restore(void*, const revenge_call*, revenge_view, revenge_view, revenge_error* error) {
  return misbehave(In::kRestore, error);
}

revenge_status registerAll(const revenge_host_api* api, revenge_error* error) {
  revenge_http_route route{};
  route.size = sizeof route;
  route.method = REVENGE_HTTP_GET;
  route.pattern = view("/misbehaving/" REVENGE_PLUGIN_ID);
  route.timeout_ns = 500'000'000;
  route.handle = handle;
  revenge_handle ignored = 0;
  const revenge_status added = http->add_route(host, &route, &ignored, error);
  if (added != REVENGE_OK) return added;
  const auto* timers = static_cast<const revenge_timer*>(api->query(host, view(REVENGE_TIMER_ID)));
  revenge_job job{};
  job.size = sizeof job;
  job.run = onTimer;
  constexpr std::int64_t kPeriod = 10'000'000;
  return timers->start(host, kPeriod, kPeriod, &job, &ignored, error);
}

revenge_status create(const revenge_host_api* api, const revenge_call*, const revenge_config*,
                      revenge_instance* instance, revenge_error* error) {
  if (const revenge_status status = misbehave(In::kCreate, error); status != REVENGE_OK) return status;
  if constexpr (kIn == In::kCreate && kBy == By::kNothing) return REVENGE_OK;
  host = api->host;
  http = static_cast<const revenge_http*>(api->query(host, view(REVENGE_HTTP_ID)));
  instance->start = start;
  instance->stop = stop;
  instance->destroy = destroy;
  instance->health = health;
  instance->prepare = prepare;
  if constexpr (kBy != By::kStreamForEver) instance->commit = commit;
  instance->save = save;
  instance->restore = restore;
  return registerAll(api, error);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const revenge_plugin* revenge_plugin_entry(std::uint32_t,
                                                                                             revenge_error*) {
  static const revenge_plugin plugin = {sizeof plugin,
                                        REVENGE_ABI_GENERATION,
                                        {REVENGE_PLUGIN_ID, sizeof REVENGE_PLUGIN_ID - 1},
                                        {REVENGE_PLUGIN_VERSION, sizeof REVENGE_PLUGIN_VERSION - 1},
                                        {REVENGE_VERSION_STRING, sizeof REVENGE_VERSION_STRING - 1},
                                        create};
  return &plugin;
}
