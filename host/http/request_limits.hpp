// What bounds a request: the deadline of its route and the limits that middleware put on it; the lesser holds. Thread safety:
// on the exchange's loop.
#pragma once

#include "http/exchange_record.hpp"

namespace revenge::http {

// The call's deadline, of the route chosen or the first candidate.
void setDeadline(ExchangeRecord& record);
void armTimeout(ExchangeRecord& record);

bool isLimited(const ExchangeRecord& record);
// Takes what was asked for by then. Requires: the record's mutex.
void lookAtLimits(ExchangeRecord& record);
// Somebody has limited the request while no handler ran on the loop.
void limited(ExchangeRecord& record);

}  // namespace revenge::http
