// Until when a request is worth answering: the rule's time, or less when a trusted caller says that it will not wait so
// long. Thread safety: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "limits/time.hpp"

namespace revenge::http_limits {

// Milliseconds that the caller still waits, as a plain number: a span and no moment, since clocks differ (userver's
// X-YaTaxi-Client-TimeoutMs). Empty: it is none. Larger ones than a day are as good as a day.
std::optional<Duration> remainingIn(std::string_view field);

// `arrived` is when the request's head was there: the wait for a worker counts. `field` empty: nobody trusted says
// anything. What cannot be read does not count.
Instant deadlineOf(Instant arrived, Duration rule, std::string_view field);

}  // namespace revenge::http_limits
