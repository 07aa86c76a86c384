// What a handler of the control plane asks of its request, and how it answers. Thread safety: the exchange is its handler's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <revenge/abi/base.h>

#include "base/result.hpp"
#include "http/exchange.hpp"

namespace revenge::admin {

// Views into the request.
std::string_view pathParameter(const http::Exchange& exchange, std::string_view name);
std::optional<std::string_view> givenParameter(const http::Exchange& exchange, std::string_view name);
std::string_view queryParameter(const http::Exchange& exchange, std::string_view name);  // empty: not given
std::string_view body(const http::Exchange& exchange);

std::optional<std::uint64_t> wholeNumber(std::string_view text);

revenge_status answer(http::Exchange& exchange, std::uint32_t status, std::string json);
revenge_status refuse(http::Exchange& exchange, const base::Error& error);

}  // namespace revenge::admin
