// What the server itself answers in a line: refusals, and failures of handlers. Thread safety: on the exchange's loop.
// Each answers Turn::kGoOn: there is something to send.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/connection.hpp"
#include "http/exchange_record.hpp"

namespace revenge::http {

Turn answerWith(ExchangeRecord& record, std::uint32_t status, std::string_view line);
// With a header.
Turn answerWith(ExchangeRecord& record, std::uint32_t status, std::string_view line, std::string_view name,
                std::string_view value);
// 503, and when to come again.
Turn refuseForNow(ExchangeRecord& record, std::string_view line);
// For a handler that has returned without an answer; what it said is in the record.
Turn answerFailure(ExchangeRecord& record);

}  // namespace revenge::http
