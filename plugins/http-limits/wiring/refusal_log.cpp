#include "wiring/refusal_log.hpp"

namespace revenge::http_limits {

void RefusalLog::tell(const Decision& decision, Instant now) {
  const Refusal refusal = *decision.refusal;
  Line& line = lines_[static_cast<std::size_t>(refusal) + (decision.admitted ? kRefusals : 0)];
  line.count.fetch_add(1, std::memory_order_relaxed);
  const std::int64_t now_ns = now.time_since_epoch().count();
  std::int64_t next = line.next_ns.load(std::memory_order_relaxed);
  if (now_ns < next || !line.next_ns.compare_exchange_strong(next, now_ns + kBetween.count())) return;
  const std::uint64_t count = line.count.exchange(0, std::memory_order_relaxed);
  log_.info(decision.admitted ? "requests that a dry run let pass" : "requests refused",
            {{"why", codeOf(refusal)},
             {"rule", decision.rule->name},
             {"last_by", decision.key.view()},
             {"count", count}});
}

}  // namespace revenge::http_limits
