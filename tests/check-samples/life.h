/* Behind the deeds: the life of the sample, whose start() does its deed. */
static revenge_status start(void* self, const revenge_call* call, revenge_error* error) {
  (void)self, (void)call, (void)error;
  DEED();
  return REVENGE_OK;
}
static revenge_status stop(void* self, const revenge_call* call, revenge_error* error) {
  (void)self, (void)call, (void)error;
  return REVENGE_OK;
}
static void destroy(void* self) {
  (void)self;
  destroyed = true;
}

static revenge_status create(const revenge_host_api* api, const revenge_call* call,
                             const revenge_config* config, revenge_instance* instance, revenge_error* error) {
  (void)call, (void)config;
  host = api->host;
  destroyed = false;
  http = api->query(host, view(REVENGE_HTTP_ID));
  events = api->query(host, view(REVENGE_EVENTS_ID));
  logs = api->query(host, view(REVENGE_LOG_ID));
  spawn = api->query(host, view(REVENGE_SPAWN_ID));
  timers = api->query(host, view(REVENGE_TIMER_ID));
  instance->start = start;
  instance->stop = stop;
  instance->destroy = destroy;
  const revenge_http_route route = {.size = sizeof route,
                                    .method = REVENGE_HTTP_GET,
                                    .pattern = view("/" REVENGE_PLUGIN_ID),
                                    .handle = handle};
  revenge_handle ignored = 0;
  return http->add_route(host, &route, &ignored, error);
}

REVENGE_PLUGIN_IN_C(create)
