// Health: checks that the host asks in the background and shows at /health/ready.
//
//   host.health().check("database", [this] { return pool_.ping(); }, {.criticality = Criticality::kCritical});
//
// A check runs on a worker, one question at a time, and answers Status. One whose registration is ignored lasts as long as
// the instance; kept in a HealthCheck it ends with that object, which waits for a question in progress. Safe from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <revenge/abi/health.h>
#include <revenge/call.hpp>
#include <revenge/gate.hpp>
#include <revenge/held.hpp>

namespace revenge {

enum class Criticality : std::uint32_t {
  kDetail = REVENGE_HEALTH_DETAIL,     // failed: degraded, still serving
  kCritical = REVENGE_HEALTH_CRITICAL  // failed: the host gets no requests
};

struct HealthOptions {
  Criticality criticality = Criticality::kDetail;
  std::chrono::nanoseconds period = std::chrono::seconds(10);
  std::chrono::nanoseconds timeout = std::chrono::seconds(1);  // no answer by then is a failure
  std::uint32_t failure_threshold = 3;                         // in a row
  std::uint32_t success_threshold = 1;
};

namespace detail {

// As FlagWatchState: the host has the holder's address until the check has ended.
class HealthCheckState {
 public:
  using Ask = std::function<Status(const Call&)>;

  HealthCheckState(Host& host, Ask ask) : host_(&host), ask_(std::move(ask)) {}

  void start(std::string_view name, const HealthOptions& options, std::shared_ptr<HealthCheckState> self) {
    holder_ = &host_->kept().adopt(std::make_unique<Holder>(std::move(self)));
    auto check = boundary::sized<revenge_health_check>();
    check.criticality = static_cast<std::uint32_t>(options.criticality);
    check.name = boundary::view(name);
    check.period_ns = options.period.count();
    check.timeout_ns = options.timeout.count();
    check.failure_threshold = options.failure_threshold;
    check.success_threshold = options.success_threshold;
    check.context = holder_;
    check.ask = [](void* context, const revenge_call* call, revenge_error* error) {
      const std::shared_ptr<HealthCheckState> state = static_cast<Holder*>(context)->state;
      if (!state->gate_.enter()) return revenge_status{REVENGE_CANCELLED};
      const revenge_status status =
          boundary::guarded(error, [&] { return state->ask_({*state->host_, call}); });
      state->gate_.leave();
      return status;
    };
    boundary::ErrorText error;
    const revenge_status status = host_->healthTable().add(host_->raw(), &check, &handle_, &error);
    if (status < 0) host_->kept().end(*holder_);
    boundary::require(status, error, "health check '" + std::string(name) + "'");
  }

  void end() {
    gate_.close();
    if (host_->healthTable().remove(host_->raw(), handle_) == REVENGE_OK) host_->kept().end(*holder_);
  }

 private:
  struct Holder : Scope::Member {
    explicit Holder(std::shared_ptr<HealthCheckState> held) : state(std::move(held)) {}
    std::shared_ptr<HealthCheckState> state;
  };

  Host* host_;
  Ask ask_;
  CallbackGate gate_;
  Holder* holder_ = nullptr;
  revenge_handle handle_ = 0;
};

}  // namespace detail

class HealthCheckRegistration {
 public:
  HealthCheckRegistration() = default;
  explicit HealthCheckRegistration(std::shared_ptr<detail::HealthCheckState> state)
      : state_(std::move(state)) {}
  // Waits for a question in progress, unless that ends it.
  void end() const { state_->end(); }

 private:
  std::shared_ptr<detail::HealthCheckState> state_;
};
using HealthCheck = Held<HealthCheckRegistration>;

class Health {
 public:
  explicit Health(Host& host) : host_(&host) {}

  // `ask()` or `ask(const Call&)`, which carries the timeout as its deadline; answers Status, or throws.
  template <class Function>
  HealthCheckRegistration check(std::string_view name, Function ask,
                                const HealthOptions& options = {}) const {
    auto state = std::make_shared<detail::HealthCheckState>(
        *host_, [ask = std::move(ask)](const Call& call) mutable -> Status {
          if constexpr (std::is_invocable_v<Function&, const Call&>)
            return ask(call);
          else
            return ask();
        });
    state->start(name, options, state);
    return HealthCheckRegistration(std::move(state));
  }

 private:
  Host* host_;
};

inline Health Host::health() { return Health(*this); }

}  // namespace revenge
