#include "ext/commands.hpp"

#include <algorithm>
#include <utility>

#include "config/flatten.hpp"
#include "document/json.hpp"
#include "document/schema.hpp"
#include "ext/bundle.hpp"
#include "plugin/section.hpp"
#include "plugin/trampoline.hpp"

namespace revenge::ext {

struct CommandsAdapter::Command {
  const revenge_host& host;
  plugin::CommandView view;
  document::Schema schema;
  void* context;
  decltype(revenge_command::run) run;
};

struct CommandsAdapter::Run {
  Run(plugin::CommandAsked what, std::shared_ptr<base::Executor> on, plugin::CommandDone tell)
      : asked(std::move(what)), late(std::move(on)), done(std::move(tell)) {}

  const plugin::CommandAsked asked;
  const std::shared_ptr<base::Executor> late;

  // Set before its thread begins.
  Shared command;
  std::shared_ptr<const plugin::Section> arguments;
  service::Lease inside;
  base::Instant begun;
  revenge_handle handle = 0;

  mutable std::mutex mutex;  // guards what follows
  plugin::CommandDone done;  // empty: told already
  base::TimerId deadline = base::TimerId::kNone;
  http::CallState state = http::CallState::kLive;
};

namespace {

using base::Errc;

constexpr base::Duration kTimeout = std::chrono::seconds(30);
constexpr base::Duration kLongest = std::chrono::hours(24);
constexpr base::Duration kHeldAgain = std::chrono::milliseconds(2);  // a gate is held for some milliseconds
constexpr std::size_t kLongestName = 40;
constexpr document::Limits kAnswer{.maxBytes = 4U << 20U};

std::string named(const plugin::CommandAsked& asked) {
  return fmt::format("command '{}' of '{}'", asked.name, asked.plugin);
}

bool isName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name.front() >= 'a' && name.front() <= 'z' &&
         std::ranges::all_of(
             name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

base::Result<document::Schema> schemaOf(const revenge_command& command) {
  constexpr std::string_view kNothing = R"({"type": "object", "additionalProperties": false})";
  const std::string_view given = text(command.schema);
  auto parsed = document::parseJson(given.empty() ? kNothing : given, "schema");
  if (!parsed) return std::unexpected(parsed.error());
  const document::Value* const type = parsed->object() != nullptr ? parsed->find("type") : nullptr;
  if (type == nullptr || type->text() == nullptr || *type->text() != "object")
    return base::fail(Errc::kInvalid, "schema: arguments are an object");
  return document::Schema::load(std::move(*parsed), "schema");
}

base::Result<std::shared_ptr<const plugin::Section>> argumentsOf(const plugin::CommandAsked& asked,
                                                                 const document::Schema& schema) {
  const auto given = document::parseJson(asked.json.empty() ? "{}" : asked.json, "arguments");
  if (!given) return std::unexpected(given.error());
  std::string wrong;
  for (const document::Violation& violation : schema.validate(*given)) {
    const std::string where = violation.pointer.empty() ? "" : violation.pointer.substr(1) + ": ";
    wrong += fmt::format("{}{}{}", wrong.empty() ? "" : "; ", where, violation.message);
  }
  if (!wrong.empty()) return base::fail(Errc::kInvalid, "{}: {}", named(asked), wrong);
  const document::Value filled = schema.withDefaults(*given);
  return std::make_shared<const plugin::Section>(0, document::writeJson(filled),
                                                 plugin::leavesOf(config::flatten(filled)));
}

base::Result<std::string> answerOf(revenge_status status, const revenge_error& why, std::string json,
                                   const plugin::CommandAsked& asked) {
  if (status < REVENGE_OK) {
    const std::string_view said(why.message, why.length);
    return base::fail(errcOf(status), "{}: {}", named(asked),
                      said.empty() ? "failed without a reason" : said);
  }
  const auto valid = document::parseJson(json, "answer", kAnswer);
  if (!valid || valid->object() == nullptr || valid->find("error") != nullptr)
    return base::fail(Errc::kFailed, "{}: it answered no JSON object without 'error': {}", named(asked),
                      valid ? "another value" : valid.error().message);
  return json;
}

}  // namespace

void CommandsAdapter::contribute(const plugin::Scene& scene) {
  const std::lock_guard lock(mutex_);
  next_ = scene.visible;
}

void CommandsAdapter::published() {
  const std::lock_guard lock(mutex_);
  if (next_) visible_ = *std::exchange(next_, std::nullopt);
}

const revenge_host* CommandsAdapter::visible(std::string_view plugin) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(
      visible_, plugin, [](const revenge_host* host) -> const std::string& { return host->id; });
  return found == visible_.end() ? nullptr : *found;
}

std::vector<CommandsAdapter::Shared> CommandsAdapter::of(const revenge_host& host) const {
  std::vector<Shared> all;
  commands_.forEach([&](revenge_handle, service::InstanceRef owner, const Shared& one) {
    if (owner == host.instance) all.push_back(one);
  });
  std::ranges::sort(all, {}, [](const Shared& one) -> const std::string& { return one->view.name; });
  return all;
}

base::Result<std::vector<plugin::CommandView>> CommandsAdapter::list(std::string_view plugin) const {
  const revenge_host* const host = visible(plugin);
  if (host == nullptr) return base::fail(Errc::kUnavailable, "plugin '{}' does not serve", plugin);
  std::vector<plugin::CommandView> views;
  for (const Shared& one : of(*host)) views.push_back(one->view);
  return views;
}

base::Result<CommandsAdapter::Shared> CommandsAdapter::find(const plugin::CommandAsked& asked) const {
  const revenge_host* const host = visible(asked.plugin);
  if (host == nullptr) return base::fail(Errc::kUnavailable, "plugin '{}' does not serve", asked.plugin);
  std::string known;
  for (const Shared& one : of(*host)) {
    if (one->view.name == asked.name) return one;
    known += (known.empty() ? "" : ", ") + one->view.name;
  }
  return base::fail(Errc::kNotFound, "plugin '{}' has no command '{}'; it has: {}", asked.plugin, asked.name,
                    known.empty() ? "none" : known);
}

plugin::CommandRunning CommandsAdapter::run(plugin::CommandAsked asked, std::shared_ptr<base::Executor> late,
                                            plugin::CommandDone done) {
  const auto made = std::make_shared<Run>(std::move(asked), std::move(late), std::move(done));
  made->handle = running_.add({}, made);
  const plugin::CommandRunning handle = made->handle;
  begin(made);
  return handle;
}

void CommandsAdapter::begin(const SharedRun& run) {
  const auto command = find(run->asked);
  if (!command) return refuse(*run, command.error());
  const revenge_host& host = (*command)->host;
  run->inside = domain_.instances().enter(host.instance);
  // Its gate is closed for a moment: another instance may be the visible one when it opens. Looked at behind the entry, as
  // whoever closes it waits for the calls it still finds.
  if (run->inside && host.held.load(std::memory_order_seq_cst)) {
    run->inside.end();
    scheduler_.after(kHeldAgain, [this, run] { begin(run); }, run->late);
    return;
  }
  if (const auto started = start(run, *command); !started) {
    run->inside.end();
    refuse(*run, started.error());
  }
}

base::Result<> CommandsAdapter::start(const SharedRun& run, const Shared& command) {
  const plugin::CommandView& view = command->view;
  if (view.steers && !run->asked.may_steer)
    return base::fail(Errc::kDenied, "{}: it is for those who may steer", named(run->asked));
  if (run->asked.dry && view.effect == plugin::CommandEffect::kChanges)
    return base::fail(Errc::kInvalid, "{}: it cannot be run dry", named(run->asked));
  auto arguments = argumentsOf(run->asked, command->schema);
  if (!arguments) return std::unexpected(arguments.error());
  if (holders(command->host).size() >= kMaxRunning)
    return base::fail(Errc::kBusy, "plugin '{}' runs {} commands already", run->asked.plugin, kMaxRunning);
  if (!run->inside) return base::fail(Errc::kUnavailable, "plugin '{}' is being stopped", run->asked.plugin);
  run->inside.makeLasting();
  run->arguments = std::move(*arguments);
  {
    const std::lock_guard lock(run->mutex);
    run->command = command;
    run->begun = scheduler_.clock().now();
    run->deadline = scheduler_.after(
        view.timeout,
        [this, run] {
          {
            const std::lock_guard timed(run->mutex);
            if (run->done) run->state = http::CallState::kTimedOut;
          }
          settle(*run,
                 base::fail(
                     Errc::kTimedOut, "{}: no answer within {} s; it ends when it looks at the time",
                     named(run->asked),
                     std::chrono::duration_cast<std::chrono::seconds>(run->command->view.timeout).count()));
        },
        run->late);
  }
  const auto spawned =
      spawner_.spawn(command->host.mark(), fmt::format("{}:{}", run->asked.plugin, run->asked.name),
                     [this, run](const std::stop_token&) { carryOut(*run); });
  return spawned ? base::Result<>() : std::unexpected(spawned.error());
}

void CommandsAdapter::carryOut(Run& run) {
  const Command& command = *run.command;
  revenge_origin origin{};
  origin.size = sizeof origin;
  origin.request_id = view(run.asked.request_id);
  revenge_call call =
      hostCall(command.host.instance, (run.begun + command.view.timeout).time_since_epoch().count());
  call.cancel = run.handle;
  call.origin = &origin;
  revenge_command_run asked{};
  asked.size = sizeof asked;
  asked.dry = run.asked.dry && command.view.effect == plugin::CommandEffect::kChangesOrTells;
  asked.arguments = &run.arguments->abi();
  revenge_error why{sizeof(revenge_error), 0, {}};
  std::string json;
  const revenge_status status = plugin::guarded("command", why, [&] {
    revenge_buffer answer{};
    const revenge_status ran = command.run(command.context, &call, &asked, &answer, &why);
    if (ran == REVENGE_OK && answer.size <= kAnswer.maxBytes) json.assign(answer.data, answer.size);
    if (answer.release != nullptr) answer.release(answer.owner);
    return ran;
  });
  settle(run, answerOf(status, why, std::move(json), run.asked));
  running_.take(run.handle);
  run.inside.end();
}

// The first to come tells. A run that was told of may go on in the plugin and stays in the table until it returns.
void CommandsAdapter::settle(Run& run, base::Result<std::string> answer) {
  plugin::CommandDone done;
  {
    const std::lock_guard lock(run.mutex);
    done = std::exchange(run.done, {});
    scheduler_.cancel(run.deadline);
  }
  if (done) done(std::move(answer));
}

// Of one that never began.
void CommandsAdapter::refuse(Run& run, const base::Error& why) {
  settle(run, std::unexpected(why));
  running_.take(run.handle);
}

void CommandsAdapter::cancel(plugin::CommandRunning running) {
  const auto found = running_.find(running);
  if (!found) return;
  const std::lock_guard lock(found->value->mutex);
  if (found->value->state == http::CallState::kLive) found->value->state = http::CallState::kGone;
}

std::optional<http::CallState> CommandsAdapter::stateOf(revenge_handle cancel) const {
  constexpr unsigned kKindShift = 24;
  if ((cancel >> kKindShift & 0xFFU) != kRunningKind) return std::nullopt;
  const auto found = running_.find(cancel);
  if (!found) return http::CallState::kGone;
  const std::lock_guard lock(found->value->mutex);
  return found->value->state;
}

std::size_t CommandsAdapter::cancelAll(const revenge_host& host) {
  std::vector<SharedRun> all;
  running_.forEach([&](revenge_handle, service::InstanceRef, const SharedRun& run) { all.push_back(run); });
  std::size_t count = 0;
  for (const SharedRun& run : all) {
    const std::lock_guard lock(run->mutex);
    if (run->command == nullptr || &run->command->host != &host) continue;
    if (run->state == http::CallState::kLive) run->state = http::CallState::kGone;
    ++count;
  }
  return count;
}

std::vector<std::string> CommandsAdapter::holders(const revenge_host& host) const {
  std::vector<SharedRun> all;
  running_.forEach([&](revenge_handle, service::InstanceRef, const SharedRun& run) { all.push_back(run); });
  std::vector<std::string> lines;
  for (const SharedRun& run : all) {
    const std::lock_guard lock(run->mutex);
    if (run->command == nullptr || &run->command->host != &host) continue;
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(scheduler_.clock().now() - run->begun);
    lines.push_back(fmt::format("command {} ({} s)", run->asked.name, age.count()));
  }
  return lines;
}

base::Result<> CommandsAdapter::add(const revenge_host& host, const revenge_command& command) {
  plugin::CommandView shown{.name = string(command.name), .description = string(command.description)};
  if (!isName(shown.name))
    return base::fail(Errc::kInvalid, "name '{}': expected a-z first, then a-z, 0-9 and '-', at most {}",
                      shown.name, kLongestName);
  if (command.role > REVENGE_COMMAND_FOR_STEERERS || command.effect > REVENGE_COMMAND_CHANGES_OR_TELLS)
    return base::fail(Errc::kInvalid, "role or effect is none of those there are");
  if (command.effect != REVENGE_COMMAND_LOOKS && command.role != REVENGE_COMMAND_FOR_STEERERS)
    return base::fail(Errc::kInvalid, "what changes something is for those who may steer");
  if (command.timeout_ns < 0 || base::Duration(command.timeout_ns) > kLongest)
    return base::fail(Errc::kInvalid, "timeout_ns is negative, or more than a day");
  auto schema = schemaOf(command);
  if (!schema) return std::unexpected(schema.error());
  shown.steers = command.role == REVENGE_COMMAND_FOR_STEERERS;
  shown.effect = static_cast<plugin::CommandEffect>(command.effect);
  shown.schema = document::writeJson(schema->document());
  shown.timeout = command.timeout_ns == 0 ? kTimeout : base::Duration(command.timeout_ns);
  if (std::ranges::any_of(of(host), [&](const Shared& one) { return one->view.name == shown.name; }))
    return base::fail(Errc::kExists, "there is a command '{}' already", shown.name);
  auto made = std::make_shared<const Command>(host, std::move(shown), std::move(*schema), command.context,
                                              command.run);
  if (commands_.add(host.instance, std::move(made), kMaxCommands) == 0)
    return base::fail(Errc::kLimit, "more than {} commands of one plugin", kMaxCommands);
  return {};
}

namespace {

revenge_status addCommand(const revenge_host* host, const revenge_command* command, revenge_error* error) {
  const Ties* ties = registering(host);
  if (ties == nullptr) return gone(error);
  if (command == nullptr || command->size < sizeof(revenge_command) || command->run == nullptr)
    return say(error, REVENGE_INVALID, "command or its function is NULL, or its size is not set");
  const auto added = ties->bundle.commands.add(*host, *command);
  return added ? REVENGE_OK : fail(error, added.error());
}

}  // namespace

const revenge_commands& CommandsAdapter::table() {
  static constexpr revenge_commands kTable{sizeof(revenge_commands), 0, addCommand};
  return kTable;
}

}  // namespace revenge::ext
