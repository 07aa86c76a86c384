// What a route's absence policy makes of a plugin that is away: refused, passed by, answered as last time, waited for.
// Thread safety: on the exchange's loop.
#pragma once

#include "base/clock.hpp"
#include "http/exchange_record.hpp"
#include "http/router.hpp"
#include "service/instances.hpp"

namespace revenge::http {

// Away: it could not be entered.
bool isAway(const Owner& owner, const service::Lease& lease);
// Keeps the answer that the record holds, where its route may be answered with it later.
void keepIfGood(ExchangeRecord& record);
void answerForAbsent(ExchangeRecord& record, const Route& route);
// How long a request waits at the head: until the first of those it needs is back, or its own time is up. Zero: not.
base::Duration patienceFor(const ExchangeRecord& record);

}  // namespace revenge::http
