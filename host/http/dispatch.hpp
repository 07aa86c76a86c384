// From a head to whoever answers it: route, middleware in order, candidates in order; each inline or as a job of its
// plugin's lane. Thread safety: on the exchange's loop. Turn as in connection.hpp.
#pragma once

#include "http/connection.hpp"
#include "http/exchange_record.hpp"

namespace revenge::http {

// Fills the request's views and finds its route; then advance().
Turn dispatch(ExchangeRecord& record);
// The next step: after the head, after a middleware let it pass, after the body was read.
Turn advance(ExchangeRecord& record);
// A handler has returned; what it said is in the record.
Turn returned(ExchangeRecord& record);
// Another generation runs: once more for a request that waits for it (ExchangeRecord::at_head).
Turn reroute(ExchangeRecord& record);
// A middleware that deferred the request lets it go on.
Turn resumed(ExchangeRecord& record);
// What lies beyond its time: 504; 503 for one that waits at the head.
void timeOut(ExchangeRecord& record);

}  // namespace revenge::http
