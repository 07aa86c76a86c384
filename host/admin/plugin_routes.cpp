#include <algorithm>
#include <optional>
#include <utility>

#include "admin/control_table.hpp"
#include "admin/plan_request.hpp"
#include "admin/request.hpp"
#include "admin/views.hpp"

namespace revenge::admin {

namespace {

using plugin::Plugins;
using plugin::Verb;

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

std::string versions(const std::vector<plugin::Report>& reports, std::string plugin::Report::* which) {
  std::string line;
  for (const plugin::Report& report : reports) {
    const std::string& version = report.*which;
    line += fmt::format("{}{} {}", line.empty() ? "" : ", ", report.id, version.empty() ? "off" : version);
  }
  return line;
}

void note(Deed& deed, std::string what, const std::vector<plugin::Report>& reports) {
  deed = {std::move(what), versions(reports, &plugin::Report::from), versions(reports, &plugin::Report::to)};
}

void note(Deed& deed, std::string what, const plugin::Report& report) {
  note(deed, std::move(what), std::vector{report});
}

template <typename Reports>
void note(Deed& deed, const std::string& what, const base::Result<Reports>& reports) {
  if (reports) return note(deed, what, *reports);
  deed.what = what;
  deed.failure = reports.error();
}

template <typename Run>
revenge_status operate(http::Exchange& exchange, Deed& deed, const std::string& what, Run run) {
  if (queryParameter(exchange, "progress") != "1") {
    const auto report = run(plugin::Progress{});
    note(deed, what, report);
    return report ? answer(exchange, 200, describe(*report)) : refuse(exchange, report.error());
  }
  ProgressLines lines(exchange);
  const auto report = run([&lines](const plugin::Step& step) { lines.line(describe(step)); });
  note(deed, what, report);
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

revenge_status operateOne(Plugins& plugins, http::Exchange& exchange, Verb verb, Deed& deed) {
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
  return operate(exchange, deed, fmt::format("{} {}", plugin::name(verb), intent.id),
                 [&](const plugin::Progress& progress) {
                   return given ? runOneOn(plugins, *generation, intent, progress)
                                : runOne(plugins, intent, progress);
                 });
}

// To look at a package its library is tried in a child process, as the user the host runs as: who may not steer may ask
// about the folders that were chosen already, not name another.
revenge_status plan(const ControlRooms& rooms, http::Exchange& exchange) {
  const auto parsed = parsePlan(body(exchange));
  if (!parsed) return refuse(exchange, parsed.error());
  const bool names_folders =
      std::ranges::find(parsed->intents, Verb::kSwap, &plugin::Intent::verb) != parsed->intents.end();
  const auto asks = rooms.operators.of(exchange);
  if (names_folders && (!asks || asks->role != Role::kSteer)) return refuseSteering(exchange);
  const auto outlook = rooms.plugins.plan(*parsed);
  return outlook ? answer(exchange, 200, describe(*outlook)) : refuse(exchange, outlook.error());
}

revenge_status apply(Plugins& plugins, http::Exchange& exchange, Deed& deed) {
  const auto parsed = parsePlan(body(exchange));
  if (!parsed) return refuse(exchange, parsed.error());
  return operate(exchange, deed, "apply",
                 [&](const plugin::Progress& progress) { return plugins.apply(*parsed, progress); });
}

}  // namespace

void addPluginRoutes(ControlTable& table, const SharedRooms& rooms) {
  using enum http::Method;
  table.look(kGet, "/v1/plugins", [rooms](http::Exchange& exchange) {
    return answer(exchange, 200, describe(rooms->plugins.list()));
  });
  table.look(kGet, "/v1/plugins/{id}", [rooms](http::Exchange& exchange) {
    const auto view = rooms->plugins.show(pathParameter(exchange, "id"));
    return view ? answer(exchange, 200, describe(*view)) : refuse(exchange, view.error());
  });
  table.look(kGet, "/v1/plugins/{id}/why", [rooms](http::Exchange& exchange) {
    const auto cause = rooms->plugins.why(pathParameter(exchange, "id"));
    return cause ? answer(exchange, 200, describe(*cause)) : refuse(exchange, cause.error());
  });
  table.change(kPost, "/v1/plugins/{id}/release", [rooms](http::Exchange& exchange, Deed& deed) {
    const std::string id(pathParameter(exchange, "id"));
    return operate(exchange, deed, fmt::format("release {}", id),
                   [&](const plugin::Progress& progress) { return rooms->plugins.release(id, progress); });
  });
  table.look(kGet, "/v1/graph", [rooms](http::Exchange& exchange) {
    return answer(exchange, 200, describe(rooms->plugins.graph()));
  });
  for (const Verb verb : {Verb::kEnable, Verb::kDisable, Verb::kSwap, Verb::kRollback, Verb::kReload}) {
    table.change(kPost, fmt::format("/v1/plugins/{{id}}/{}", plugin::name(verb)),
                 [rooms, verb](http::Exchange& exchange, Deed& deed) {
                   return operateOne(rooms->plugins, exchange, verb, deed);
                 });
  }
  const auto readsPlan = [](http::Route& route) {
    route.body = http::BodyMode::kWhole;
    route.max_body_bytes = kMaxPlanBytes;
  };
  readsPlan(
      table.look(kPost, "/v1/plan", [rooms](http::Exchange& exchange) { return plan(*rooms, exchange); }));
  readsPlan(table.change(kPost, "/v1/apply", [rooms](http::Exchange& exchange, Deed& deed) {
    return apply(rooms->plugins, exchange, deed);
  }));
}

}  // namespace revenge::admin
