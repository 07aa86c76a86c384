#include "ext/one_way.hpp"

#include "ext/bundle.hpp"

namespace revenge::ext {

namespace {

constexpr base::Duration kBetween = std::chrono::minutes(1);

}  // namespace

void tellThrown(const revenge_host& host, std::string_view doing, std::string_view why) {
  const Ties* const ties = alive(&host);
  if (ties == nullptr) return;
  ties->thrown.fetch_add(1);
  const std::int64_t now = ties->bundle.rooms.clock.now().time_since_epoch().count();
  std::int64_t quiet_until = ties->quiet_until_ns.load();
  if (quiet_until != 0 && now < quiet_until) return;
  if (!ties->quiet_until_ns.compare_exchange_strong(quiet_until, now + kBetween.count())) return;
  const auto times = static_cast<std::int64_t>(ties->thrown.exchange(0));
  ties->logger.warn("threw in a call that expects no answer",
                    {{"plugin", host.id}, {"call", doing}, {"error", why}, {"times", times}});
}

}  // namespace revenge::ext
