#include <algorithm>
#include <utility>

#include "admin/control_table.hpp"
#include "admin/json.hpp"
#include "admin/request.hpp"
#include "admin/views.hpp"

namespace revenge::admin {

namespace {

using plugin::CommandEffect;
using plugin::CommandView;

constexpr std::uint64_t kMaxArguments = 256U << 10U;
// A command's own timeout is shorter, and answers first.
constexpr auto kLongest = std::chrono::hours(25);

std::string_view name(CommandEffect effect) {
  switch (effect) {
    case CommandEffect::kLooks:
      return "looks";
    case CommandEffect::kChanges:
      return "changes";
    case CommandEffect::kChangesOrTells:
      return "changes or tells";
  }
  return "";
}

std::string describe(std::string_view plugin, const std::vector<CommandView>& commands) {
  Json json;
  json.object().key("plugin").text(plugin).key("commands").array();
  for (const CommandView& command : commands) {
    json.object().key("name").text(command.name).key("description").text(command.description);
    json.key("role").text(command.steers ? "steer" : "look").key("effect").text(name(command.effect));
    json.key("timeout_s").number(std::chrono::duration<double>(command.timeout).count());
    json.key("arguments").raw(command.schema).end();
  }
  json.end().end();
  return json.take();
}

// Of a plugin that is installed and does not serve, the reason; of none, those there are.
base::Result<std::vector<CommandView>> commandsOf(const ControlRooms& rooms, std::string_view id) {
  const auto view = rooms.plugins.show(id);
  if (!view) return std::unexpected(view.error());
  auto commands = rooms.commands->list(id);
  if (!commands && !view->note.empty())
    return base::fail(commands.error().code, "{}: {}", commands.error().message, view->note);
  return commands;
}

// Of a secret not even that it was given.
std::string argumentsOf(const CommandView& command, std::string_view given) {
  return command.schema.contains("writeOnly") ? "" : std::string(given);
}

// The answer and, of what changes something, the record; on whatever thread it ends.
class Ending {
 public:
  Ending(SharedRooms rooms, http::Exchange& exchange)
      : rooms_(std::move(rooms)),
        exchanges_(&exchange.exchanges()),
        owner_(exchange.owner()),
        handle_(exchange.handle()) {}

  void record(AuditRecord record) { record_ = std::move(record); }

  void operator()(base::Result<std::string> answer) {
    if (record_) {
      if (!answer) {
        record_->outcome = outcomeOf(answer.error());
        record_->reason = answer.error().message;
      }
      rooms_->audit.write(std::move(*record_));
    }
    http::Response response;
    response.status = answer ? 200 : statusOf(answer.error().code);
    response.content_type = "application/json";
    response.body = http::Bytes(answer ? std::move(*answer) : admin::describe(answer.error()));
    (void)exchanges_->respond(owner_, handle_, std::move(response));  // nobody may wait for it any more
  }

 private:
  SharedRooms rooms_;
  http::Exchanges* exchanges_;
  http::Caller owner_;
  http::Handle handle_;
  std::optional<AuditRecord> record_;
};

revenge_status runCommand(const SharedRooms& rooms, http::Exchange& exchange, Operator who) {
  const std::string id(pathParameter(exchange, "id"));
  const auto commands = commandsOf(*rooms, id);
  if (!commands) return refuse(exchange, commands.error());
  plugin::CommandAsked asked;
  asked.plugin = id;
  asked.name = pathParameter(exchange, "name");
  asked.json = body(exchange);
  asked.dry = queryParameter(exchange, "dry_run") == "1";
  asked.may_steer = who.role == Role::kSteer;
  const revenge_view request = exchange.call().origin->request_id;
  asked.request_id = {request.data, request.size};

  const auto known = std::ranges::find(*commands, asked.name, &CommandView::name);
  Ending ending(rooms, exchange);
  if (known != commands->end()) {
    if (known->steers && !asked.may_steer) return deny(*rooms, exchange, std::move(who));
    if (known->effect != CommandEffect::kLooks && !asked.dry) {
      AuditRecord record = recordOf(exchange, std::move(who));
      record.what = fmt::format("run {} {}", id, asked.name);
      record.after = argumentsOf(*known, asked.json);
      ending.record(std::move(record));
    }
  }
  http::Exchanges& exchanges = exchange.exchanges();
  const http::Caller owner = exchange.owner();
  const http::Handle handle = exchange.handle();
  if (const auto deferred = exchanges.defer(owner, handle); !deferred) return REVENGE_FAILED;
  plugin::Commands& running = *rooms->commands;
  const plugin::CommandRunning run = running.run(std::move(asked), rooms->workers, std::move(ending));
  // Whoever leaves asks it to end. One that has left already, or was answered, cannot be watched any more.
  if (!exchanges.watch(owner, handle, [&running, run] { running.cancel(run); })) running.cancel(run);
  return REVENGE_OK;
}

}  // namespace

void addCommandRoutes(ControlTable& table, const SharedRooms& rooms) {
  using enum http::Method;
  table.look(kGet, "/v1/plugins/{id}/commands", [rooms](http::Exchange& exchange) {
    const std::string_view id = pathParameter(exchange, "id");
    const auto commands = commandsOf(*rooms, id);
    return commands ? answer(exchange, 200, describe(id, *commands)) : refuse(exchange, commands.error());
  });
  http::Route& run =
      table.known(kPost, "/v1/plugins/{id}/commands/{name}", [rooms](http::Exchange& exchange, Operator who) {
        return runCommand(rooms, exchange, std::move(who));
      });
  run.body = http::BodyMode::kWhole;
  run.max_body_bytes = kMaxArguments;
  run.timeout = kLongest;
}

}  // namespace revenge::admin
