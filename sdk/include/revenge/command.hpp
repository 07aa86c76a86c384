// Commands: what a plugin offers to its operator, by `revengectl run` and the control plane.
//
//   struct Arguments { std::string schema; };
//   REVENGE_CONFIG(Arguments, schema)
//
//   host.commands().add<Arguments>(
//       {.name = "contract", .description = "Makes a version permanent.", .effect = Effect::kChanges, .schema = R"({...})"},
//       [this](const revenge::CommandRun& run, const Arguments& arguments) -> revenge::Result<std::string> { ... });
//
// It runs on a thread of its own that may block, several at once, and answers JSON. It lasts as long as the instance. Safe
// from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <revenge/abi/command.h>
#include <revenge/call.hpp>
#include <revenge/config.hpp>

namespace revenge {

enum class Effect : std::uint32_t {
  kLooks = REVENGE_COMMAND_LOOKS,
  kChanges = REVENGE_COMMAND_CHANGES,                 // stands in the audit log
  kChangesOrTells = REVENGE_COMMAND_CHANGES_OR_TELLS  // likewise; run dry, it says what it would change
};
enum class For : std::uint32_t {
  kLookers = REVENGE_COMMAND_FOR_LOOKERS,
  kSteerers = REVENGE_COMMAND_FOR_STEERERS
};

struct CommandOptions {
  std::string_view name;
  std::string_view description;
  Effect effect = Effect::kLooks;
  For role = effect == Effect::kLooks ? For::kLookers : For::kSteerers;
  std::string_view schema = {};  // of the arguments; empty: none
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);
};

// One run of a command: the call, which has the deadline and knows whether anybody waits, and how it is to be run.
class CommandRun {
 public:
  CommandRun(const Host& host, const revenge_call* call, const revenge_command_run& raw)
      : call_(host, call), raw_(&raw) {}
  const Call& call() const { return call_; }
  bool dry() const { return raw_->dry; }
  std::string_view json() const { return boundary::text(raw_->arguments->json); }
  const revenge_config& arguments() const { return *raw_->arguments; }

 private:
  Call call_;
  const revenge_command_run* raw_;
};

namespace detail {

// Kept by the host's record of the instance until it is destroyed: the host has its address.
struct CommandHolder : Scope::Member {
  using Function = std::function<Result<std::string>(const CommandRun&)>;
  CommandHolder(const Host& in, Function runs) : host(&in), function(std::move(runs)) {}

  static revenge_status run(void* context, const revenge_call* call, const revenge_command_run* run,
                            revenge_buffer* answer, revenge_error* error) {
    const auto* self = static_cast<const CommandHolder*>(context);
    return boundary::guarded(error, [&]() -> Status {
      auto json = self->function(CommandRun(*self->host, call, *run));
      if (!json) return std::unexpected(std::move(json.error()));
      *answer = boundary::give(std::move(*json));
      return {};
    });
  }

  const Host* host;
  const Function function;
};

}  // namespace detail

class Commands {
 public:
  explicit Commands(Host& host) : host_(&host) {}

  // `run(const CommandRun&)`, or `run(const CommandRun&, const Arguments&)` with a struct that has a REVENGE_CONFIG; answers
  // Result<std::string>, or throws.
  template <class Arguments = NoConfig, class Function>
  void add(const CommandOptions& options, Function run) const {
    auto& holder = host_->kept().adopt(std::make_unique<detail::CommandHolder>(
        *host_, [run = std::move(run)](const CommandRun& asked) -> Result<std::string> {
          if constexpr (std::is_invocable_v<const Function&, const CommandRun&>)
            return run(asked);
          else
            return run(asked, readConfig<Arguments>(asked.arguments()));
        }));
    auto command = boundary::sized<revenge_command>();
    command.role = static_cast<std::uint32_t>(options.role);
    command.effect = static_cast<std::uint32_t>(options.effect);
    command.name = boundary::view(options.name);
    command.description = boundary::view(options.description);
    command.schema = boundary::view(options.schema);
    command.timeout_ns = options.timeout.count();
    command.context = &holder;
    command.run = &detail::CommandHolder::run;
    boundary::ErrorText error;
    const revenge_status status = host_->commandTable().add(host_->raw(), &command, &error);
    if (status < 0) host_->kept().end(holder);
    boundary::require(status, error, "command '" + std::string(options.name) + "'");
  }

 private:
  Host* host_;
};

inline Commands Host::commands() { return Commands(*this); }

}  // namespace revenge
