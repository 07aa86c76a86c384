#include <charconv>
#include <memory>
#include <utility>

#include <unistd.h>

#include "admin/event_lines.hpp"
#include "admin/routes.hpp"
#include "admin/views.hpp"
#include "http/exchange.hpp"

namespace revenge::admin {

namespace {

using Operation = base::Result<plugin::Report> (plugin::Plugins::*)(std::string_view,
                                                                    const plugin::Progress&);

std::string_view text(revenge_view view) { return {view.data, view.size}; }

std::string_view parameter(const revenge_field* fields, std::size_t count, std::string_view name) {
  for (std::size_t i = 0; i < count; ++i) {
    if (text(fields[i].name) == name) return text(fields[i].value);
  }
  return {};
}

std::string_view pathParameter(const http::Exchange& exchange, std::string_view name) {
  return parameter(exchange.request().path_parameters, exchange.request().path_parameter_count, name);
}

std::string_view queryParameter(const http::Exchange& exchange, std::string_view name) {
  return parameter(exchange.request().query_parameters, exchange.request().query_parameter_count, name);
}

revenge_status answer(http::Exchange& exchange, std::uint32_t status, std::string body) {
  http::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = http::Bytes(std::move(body));
  return exchange.respond(std::move(response)) ? REVENGE_OK : REVENGE_FAILED;
}

revenge_status refuse(http::Exchange& exchange, const base::Error& error) {
  return answer(exchange, statusOf(error.code), describe(error));
}

// Whoever may signal the host may steer it: root, and the user it runs as.
bool maySteer(const http::Exchange& exchange) {
  const auto peer = exchange.peer();
  return peer && (peer->uid == 0 || peer->uid == ::geteuid());
}

// The steps of an operation as they happen, a line of JSON each; the last line is the report or the error.
class ProgressLines {
 public:
  explicit ProgressLines(http::Exchange& exchange)
      : exchanges_(exchange.exchanges()), owner_(exchange.owner()) {
    http::Response head;
    head.content_type = "application/x-ndjson";
    if (const auto opened = exchanges_.openStream(owner_, exchange.handle(), std::move(head)))
      stream_ = *opened;
  }
  void line(const std::string& json) { (void)exchanges_.write(owner_, stream_, json + "\n", {}); }
  void end() { (void)exchanges_.close(owner_, stream_, http::StreamEnd::kComplete); }

 private:
  http::Exchanges& exchanges_;
  http::Caller owner_;
  http::Handle stream_ = 0;
};

template <typename Run>
revenge_status operate(http::Exchange& exchange, Run run) {
  if (!maySteer(exchange)) {
    return refuse(exchange,
                  {base::Errc::kRefused, "only root and the user the host runs as may change plugins"});
  }
  if (queryParameter(exchange, "progress") != "1") {
    const auto report = run(plugin::Progress{});
    return report ? answer(exchange, 200, describe(*report)) : refuse(exchange, report.error());
  }
  ProgressLines lines(exchange);
  const auto report = run([&lines](const plugin::Step& step) { lines.line(describe(step)); });
  lines.line(report ? describe(*report) : describe(report.error()));
  lines.end();
  return REVENGE_OK;
}

http::Handler operation(plugin::Plugins& plugins, Operation run) {
  return [&plugins, run](http::Exchange& exchange, revenge_error&) {
    const std::string id(pathParameter(exchange, "id"));
    return operate(exchange, [&](const plugin::Progress& progress) { return (plugins.*run)(id, progress); });
  };
}

revenge_status swap(plugin::Plugins& plugins, http::Exchange& exchange) {
  const std::string id(pathParameter(exchange, "id"));
  const std::string path(queryParameter(exchange, "path"));
  if (!path.starts_with('/')) {
    return refuse(exchange,
                  {base::Errc::kInvalid, fmt::format("path: expected an absolute folder, got '{}'", path)});
  }
  return operate(exchange,
                 [&](const plugin::Progress& progress) { return plugins.swap(id, path, progress); });
}

revenge_status events(observe::EventStream& stream, http::Exchange& exchange) {
  const std::string_view given = queryParameter(exchange, "from");
  std::uint64_t from = 0;
  const char* const end = given.data() + given.size();
  const auto [stop, error] = std::from_chars(given.data(), end, from);
  if (!given.empty() && (error != std::errc() || stop != end)) {
    return refuse(exchange, {base::Errc::kInvalid,
                             fmt::format("from: expected the number of an event, got '{}'", given)});
  }
  return queryParameter(exchange, "follow") == "1" ? followEvents(exchange, stream, from)
                                                   : answerEvents(exchange, stream, from);
}

}  // namespace

std::vector<http::Route> controlRoutes(ControlRooms given, runtime::LaneId lane) {
  const auto rooms = std::make_shared<const ControlRooms>(std::move(given));  // shared by the handlers
  std::vector<http::Route> routes;
  const auto add = [&](http::Method method, std::string pattern, http::Handler handle) {
    http::Route route;
    route.method = method;
    route.pattern = std::move(pattern);
    route.owner.lane = lane;
    route.handle = std::move(handle);
    routes.push_back(std::move(route));
  };
  using enum http::Method;
  using plugin::Plugins;
  Plugins& plugins = rooms->plugins;
  add(kGet, "/v1/status", [rooms](http::Exchange& exchange, revenge_error&) {
    return answer(exchange, 200, describeHost(*rooms));
  });
  add(kGet, "/v1/plugins", [rooms](http::Exchange& exchange, revenge_error&) {
    return answer(exchange, 200, describe(rooms->plugins.list()));
  });
  add(kGet, "/v1/plugins/{id}", [rooms](http::Exchange& exchange, revenge_error&) {
    const auto view = rooms->plugins.show(pathParameter(exchange, "id"));
    return view ? answer(exchange, 200, describe(*view)) : refuse(exchange, view.error());
  });
  add(kPost, "/v1/plugins/{id}/enable", operation(plugins, &Plugins::enable));
  add(kPost, "/v1/plugins/{id}/disable", operation(plugins, &Plugins::disable));
  add(kPost, "/v1/plugins/{id}/reload", operation(plugins, &Plugins::reload));
  add(kPost, "/v1/plugins/{id}/rollback", operation(plugins, &Plugins::rollback));
  add(kPost, "/v1/plugins/{id}/swap",
      [rooms](http::Exchange& exchange, revenge_error&) { return swap(rooms->plugins, exchange); });
  add(kGet, "/v1/events",
      [rooms](http::Exchange& exchange, revenge_error&) { return events(rooms->events, exchange); });
  add(kPost, "/v1/stop", [rooms](http::Exchange& exchange, revenge_error&) {
    if (!maySteer(exchange)) {
      return refuse(exchange, {base::Errc::kRefused, "only root and the user the host runs as may stop it"});
    }
    const revenge_status answered = answer(exchange, 202, "{\"stopping\":true}");
    rooms->stop();
    return answered;
  });
  return routes;
}

}  // namespace revenge::admin
