// Adapter of revenge.health/1 over observe::HealthChecks: questions are jobs in the lane of the instance, while it is visible.
// Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <revenge/abi/health.h>

#include "base/clock.hpp"
#include "observe/health_checks.hpp"
#include "plugin/capabilities.hpp"
#include "plugin/host_record.hpp"
#include "runtime/lanes.hpp"
#include "service/domain.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class HealthAdapter {
 public:
  HealthAdapter(observe::HealthChecks& checks, const base::Clock& clock, service::Domain& domain,
                runtime::Lanes& lanes)
      : checks_(checks), clock_(clock), domain_(domain), lanes_(lanes), registered_(kHandleKind) {}
  static const revenge_health& table();

  // Who will be visible, and that they are now: they are asked from here on, the instances before them no more.
  void contribute(const plugin::Scene& scene);
  void published();

  // From here on no question begins; answers how many checks there were.
  std::size_t quiesce(const revenge_host& host);
  std::size_t count(const revenge_host& host) const { return registered_.count(host.instance); }

 private:
  friend struct HealthTable;
  struct Registered;
  using Shared = std::shared_ptr<Registered>;  // with the question that is under way
  static constexpr std::uint8_t kHandleKind = 21;
  static constexpr std::size_t kMaxChecks = 100;  // of one instance

  bool visible(const Registered& one);
  void show(const Shared& one);
  void hide(const Shared& one);
  void ask(const Shared& one, const observe::HealthChecks::Answer& answer);
  base::Result<> run(Registered& one);

  observe::HealthChecks& checks_;
  const base::Clock& clock_;
  service::Domain& domain_;
  runtime::Lanes& lanes_;
  service::HandleTable<Shared> registered_;
  std::mutex mutex_;
  std::optional<std::vector<const revenge_host*>> next_;  // guarded by mutex_
  std::vector<const revenge_host*> visible_;              // guarded by mutex_
};

}  // namespace revenge::ext
