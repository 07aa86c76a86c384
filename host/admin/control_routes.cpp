#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include <unistd.h>

#include "admin/event_lines.hpp"
#include "admin/plan_request.hpp"
#include "admin/routes.hpp"
#include "admin/views.hpp"
#include "http/exchange.hpp"

namespace revenge::admin {

namespace {

using plugin::Plugins;
using plugin::Verb;

std::string_view text(revenge_view view) { return {view.data, view.size}; }

std::optional<std::string_view> parameter(const revenge_field* fields, std::size_t count,
                                          std::string_view name) {
  for (std::size_t i = 0; i < count; ++i) {
    if (text(fields[i].name) == name) return text(fields[i].value);
  }
  return std::nullopt;
}

std::string_view pathParameter(const http::Exchange& exchange, std::string_view name) {
  const revenge_http_request& request = exchange.request();
  return parameter(request.path_parameters, request.path_parameter_count, name).value_or("");
}

std::optional<std::string_view> givenParameter(const http::Exchange& exchange, std::string_view name) {
  return parameter(exchange.request().query_parameters, exchange.request().query_parameter_count, name);
}

std::string_view queryParameter(const http::Exchange& exchange, std::string_view name) {
  return givenParameter(exchange, name).value_or("");
}

std::optional<std::uint64_t> wholeNumber(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
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

revenge_status refuseSteering(http::Exchange& exchange) {
  return refuse(exchange,
                {base::Errc::kRefused, "only root and the user the host runs as may change anything"});
}

template <typename Run>
revenge_status operate(http::Exchange& exchange, Run run) {
  if (!maySteer(exchange)) return refuseSteering(exchange);
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

base::Result<plugin::Report> runOne(Plugins& plugins, const plugin::Intent& intent,
                                    const plugin::Progress& progress) {
  switch (intent.verb) {
    case Verb::kEnable:
      return plugins.enable(intent.id, progress);
    case Verb::kDisable:
      return plugins.disable(intent.id, progress);
    case Verb::kSwap:
      return plugins.swap(intent.id, intent.folder, progress);
    case Verb::kRollback:
      return plugins.rollback(intent.id, progress);
    case Verb::kReload:
      return plugins.reload(intent.id, progress);
  }
  return base::fail(base::Errc::kInvalid, "plugin '{}': no such operation", intent.id);
}

// Decided on a generation, it is a plan of one.
base::Result<plugin::Report> runOneOn(Plugins& plugins, std::uint64_t generation,
                                      const plugin::Intent& intent, const plugin::Progress& progress) {
  auto reports = plugins.apply({generation, {intent}}, progress);
  if (!reports) return std::unexpected(reports.error());
  return std::move(reports->front());
}

revenge_status operateOne(Plugins& plugins, http::Exchange& exchange, Verb verb) {
  plugin::Intent intent{std::string(pathParameter(exchange, "id")), verb};
  if (verb == Verb::kSwap) intent.folder = queryParameter(exchange, "path");
  if (verb == Verb::kSwap && !intent.folder.is_absolute()) {
    return refuse(exchange, {base::Errc::kInvalid, fmt::format("path: expected an absolute folder, got '{}'",
                                                               intent.folder.string())});
  }
  const auto given = givenParameter(exchange, "generation");
  const auto generation = wholeNumber(given.value_or("0"));
  if (!generation) {
    return refuse(exchange, {base::Errc::kInvalid,
                             fmt::format("generation: expected a number, got '{}'", given.value_or(""))});
  }
  return operate(exchange, [&](const plugin::Progress& progress) {
    return given ? runOneOn(plugins, *generation, intent, progress) : runOne(plugins, intent, progress);
  });
}

// To look at a package its library is tried in a child process, as the user the host runs as: who may not steer may ask
// about the folders that were chosen already, not name another.
revenge_status plan(Plugins& plugins, http::Exchange& exchange) {
  const auto parsed = parsePlan(text(exchange.request().body));
  if (!parsed) return refuse(exchange, parsed.error());
  const bool names_folders =
      std::ranges::find(parsed->intents, Verb::kSwap, &plugin::Intent::verb) != parsed->intents.end();
  if (names_folders && !maySteer(exchange)) return refuseSteering(exchange);
  const auto outlook = plugins.plan(*parsed);
  return outlook ? answer(exchange, 200, describe(*outlook)) : refuse(exchange, outlook.error());
}

revenge_status apply(Plugins& plugins, http::Exchange& exchange) {
  if (!maySteer(exchange)) return refuseSteering(exchange);
  const auto parsed = parsePlan(text(exchange.request().body));
  if (!parsed) return refuse(exchange, parsed.error());
  return operate(exchange,
                 [&](const plugin::Progress& progress) { return plugins.apply(*parsed, progress); });
}

revenge_status reloadConfiguration(const ControlRooms& rooms, http::Exchange& exchange) {
  if (!maySteer(exchange)) return refuseSteering(exchange);
  const bool all = queryParameter(exchange, "all") == "1";
  const auto applied = rooms.reload_configuration(all ? config::Whom::kAll : config::Whom::kChanged);
  return applied ? answer(exchange, 200, describe(*applied)) : refuse(exchange, applied.error());
}

revenge_status events(observe::EventStream& stream, http::Exchange& exchange) {
  const std::string_view given = queryParameter(exchange, "from");
  const auto from = given.empty() ? 0 : wholeNumber(given);
  if (!from) {
    return refuse(exchange, {base::Errc::kInvalid,
                             fmt::format("from: expected the number of an event, got '{}'", given)});
  }
  return queryParameter(exchange, "follow") == "1" ? followEvents(exchange, stream, *from)
                                                   : answerEvents(exchange, stream, *from);
}

}  // namespace

std::vector<http::Route> controlRoutes(ControlRooms given, runtime::LaneId lane) {
  const auto rooms = std::make_shared<const ControlRooms>(std::move(given));  // shared by the handlers
  std::vector<http::Route> routes;
  const auto add = [&](http::Method method, std::string pattern, http::Handler handle) -> http::Route& {
    http::Route route;
    route.method = method;
    route.pattern = std::move(pattern);
    route.owner.lane = lane;
    route.handle = std::move(handle);
    return routes.emplace_back(std::move(route));
  };
  using enum http::Method;
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
  add(kGet, "/v1/plugins/{id}/why", [rooms](http::Exchange& exchange, revenge_error&) {
    const auto cause = rooms->plugins.why(pathParameter(exchange, "id"));
    return cause ? answer(exchange, 200, describe(*cause)) : refuse(exchange, cause.error());
  });
  add(kGet, "/v1/graph", [rooms](http::Exchange& exchange, revenge_error&) {
    return answer(exchange, 200, describe(rooms->plugins.graph()));
  });
  for (const Verb verb : {Verb::kEnable, Verb::kDisable, Verb::kSwap, Verb::kRollback, Verb::kReload}) {
    add(kPost, fmt::format("/v1/plugins/{{id}}/{}", plugin::name(verb)),
        [rooms, verb](http::Exchange& exchange, revenge_error&) {
          return operateOne(rooms->plugins, exchange, verb);
        });
  }
  const auto addPlan = [&](std::string pattern, revenge_status (*run)(Plugins&, http::Exchange&)) {
    http::Route& route =
        add(kPost, std::move(pattern),
            [rooms, run](http::Exchange& exchange, revenge_error&) { return run(rooms->plugins, exchange); });
    route.body = http::BodyMode::kWhole;
    route.max_body_bytes = kMaxPlanBytes;
  };
  addPlan("/v1/plan", plan);
  addPlan("/v1/apply", apply);
  add(kPost, "/v1/config/reload",
      [rooms](http::Exchange& exchange, revenge_error&) { return reloadConfiguration(*rooms, exchange); });
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
