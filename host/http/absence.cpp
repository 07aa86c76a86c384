#include "http/absence.hpp"

#include <algorithm>
#include <utility>

#include "http/connection.hpp"
#include "http/io_loop.hpp"
#include "http/server_core.hpp"
#include "http/short_answer.hpp"
#include "http/text.hpp"

namespace revenge::http {

bool isAway(const Owner& owner, const service::Lease& lease) { return !owner.plugin.empty() && !lease; }

namespace {

// Nobody in particular asked: what is answered may be shown to the next one.
bool mayBeKept(const ExchangeRecord& record) {
  const auto personal = [](const revenge_field& field) {
    return text(field.name) == "authorization" || text(field.name) == "cookie";
  };
  return (record.head.method == Method::kGet || record.head.method == Method::kHead) &&
         record.user_key.empty() && std::ranges::none_of(record.head.headers, personal);
}

}  // namespace

void keepIfGood(ExchangeRecord& record) {
  if (record.route == nullptr || record.route->absence != Absence::kLastGood) return;
  if (record.head.method != Method::kGet || !mayBeKept(record)) return;
  KeptAnswer kept;
  if (record.answer.keep(LastGood::kMaxBody, kept))
    record.loop.core().last_good.keep(record.route->owner.plugin, record.head.target, std::move(kept));
}

namespace {

// The answer its plugin gave last, where it was for nobody in particular.
bool answerLastGood(ExchangeRecord& record, const Route& route) {
  KeptAnswer kept;
  if (!mayBeKept(record) || !record.loop.core().last_good.find(route.owner.plugin, record.head.target, kept))
    return false;
  {
    const std::scoped_lock lock(record.mutex);
    record.answer.use(std::move(kept));
    static_cast<void>(record.answer.addHeader("Warning", "111 - \"the plugin is away\""));
    record.phase = ExchangeRecord::Phase::kAnswered;
  }
  record.connection->answer(record);
  return true;
}

}  // namespace

void answerForAbsent(ExchangeRecord& record, const Route& route) {
  if (route.absence == Absence::kLastGood && answerLastGood(record, route)) return;
  refuseForNow(record, fmt::format("'{}' is away", route.owner.plugin));
}

base::Duration patienceFor(const ExchangeRecord& record) {
  base::Duration patience{};
  const Endpoint& endpoint = *record.endpoint;
  const auto enough = record.loop.core().options.request_timeout;
  for (const ChainLink& link : endpoint.chain) {
    if (link.middleware->owner.held) patience = std::max(patience, enough);
  }
  for (const Route& route : endpoint.candidates) {
    if (route.owner.held) patience = std::max(patience, enough);
  }
  if (patience > base::Duration::zero()) return patience;
  // The candidate that would be refused for its absence, as choose() goes through them.
  for (const Route& route : endpoint.candidates) {
    const bool away = !route.owner.plugin.empty() && !route.owner.instance;
    if (!away) return {};
    if (route.absence == Absence::kWait) return route.absence_wait;
    if (route.absence != Absence::kBypass) return {};
  }
  return {};
}

}  // namespace revenge::http
