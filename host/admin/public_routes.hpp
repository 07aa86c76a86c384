// The routes that everybody may ask on the public port, a file for each subject. They run on I/O threads: a monitor is answered
// also when every worker is stuck. Thread safety: the handlers run side by side.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.hpp"
#include "http/route.hpp"
#include "observe/health.hpp"
#include "observe/metrics.hpp"

namespace revenge::admin {

http::Route publicRoute(std::string pattern, http::Handler handle);
std::string_view requestHeader(const http::Exchange& exchange,
                               std::string_view name);  // lower case; the first of its name
// Never from a cache.
revenge_status answerNow(http::Exchange& exchange, std::uint32_t status, std::string_view type,
                         std::string body, std::vector<revenge_field> headers = {});

std::vector<http::Route> healthRoutes(const observe::Health& health);
http::Route metricsRoute(const observe::Metrics& metrics);

}  // namespace revenge::admin
