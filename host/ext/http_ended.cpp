#include <utility>
#include <vector>

#include "ext/bundle.hpp"
#include "ext/http.hpp"
#include "ext/one_way.hpp"
#include "runtime/reactor.hpp"

namespace revenge::ext {

bool HttpAdapter::ended(const http::RequestEnd& end) {
  struct Told {
    Listeners::Entry entry;
    service::Lease inside;
  };
  std::vector<Told> told;
  {
    const service::ReadGuard guard(parts_.domain.generations());
    const Listeners* const now = guard.get(parts_.listeners);
    if (now == nullptr) return true;
    const auto found = now->by_plugin.find(end.plugin);
    if (found == now->by_plugin.end()) return true;
    for (const Listeners::Entry& entry : found->second) {
      if (entry.listener.ended == nullptr) continue;
      auto inside = parts_.domain.instances().enter(entry.host->instance, service::Pass::kUnderWay);
      if (inside) told.push_back({entry, std::move(inside)});
    }
  }
  if (told.empty()) return true;
  const revenge_http_ended raw{
      sizeof(revenge_http_ended), end.status, end.tag, end.received_ns, end.answered_ns, end.bytes_sent,
      end.complete ? 1U : 0U,     0};
  runtime::Reactor::Excursion away(told.front().entry.host->mark());
  for (const Told& each : told) {
    const revenge_call call = hostCall(each.inside.instance());
    callOneWay(*each.entry.host, "listener for ended requests",
               [&] { each.entry.listener.ended(each.entry.listener.context, &call, &raw); });
  }
  return away.end();
}

}  // namespace revenge::ext
