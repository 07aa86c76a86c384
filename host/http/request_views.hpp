// The request as plugins see it: views into the record, which keeps what they show. Thread safety: on the exchange's
// loop, before any handler runs.
#pragma once

#include <string_view>

#include "http/exchange_record.hpp"

namespace revenge::http {

// All but what its route says; the origin and the call too. `path` is decoded and lives as long as the record.
void fillViews(ExchangeRecord& record, std::string_view path);
// Pattern and path parameters of the endpoint that was found.
void fillRoute(ExchangeRecord& record);

}  // namespace revenge::http
