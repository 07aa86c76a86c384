// What HTTP says of time: how long a caller still waits, carried from process to process as the milliseconds that remain, because
// clocks differ; and when the other side wants to be asked again. Pure functions.
//
//   request.headers.emplace_back(kRemainingHeader, *remainingText(call, host().clock().now()));       // to another server
//   const NearerCall nearer(host(), request.call(), deadlineOf(request.header(kRemainingHeader), now));  // from a client
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <revenge/call.hpp>

namespace revenge {

inline constexpr const char* kRemainingHeader = "x-request-timeout-ms";

namespace detail {

// Digits alone, at most so many that no arithmetic with them overflows; blanks around are no matter.
inline std::optional<std::int64_t> numberOf(std::string_view text) {
  constexpr std::size_t kMostDigits = 10;
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (text.empty() || text.size() > kMostDigits || text.front() == '-') return std::nullopt;
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form of a date that is still sent.
inline std::optional<std::chrono::sys_seconds> dateOf(std::string_view text) {
  constexpr std::string_view kShape = "Sun, 06 Nov 1994 08:49:37 GMT";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != kShape.size() || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = kMonths.find(text.substr(8, 3));
  const auto day = numberOf(text.substr(5, 2));
  const auto year = numberOf(text.substr(12, 4));
  const auto hour = numberOf(text.substr(17, 2));
  const auto minute = numberOf(text.substr(20, 2));
  const auto second = numberOf(text.substr(23, 2));
  if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !hour || !minute || !second)
    return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

}  // namespace detail

// What to send along; rounded down, so that the other side never believes to have longer than we wait. Empty: the call has no
// deadline. "0": nobody would see the answer, and the request is not worth sending.
inline std::optional<std::string> remainingText(const Call& call, std::chrono::steady_clock::time_point now) {
  const auto deadline = call.deadline();
  if (!deadline) return std::nullopt;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - now).count();
  return std::to_string(left > 0 ? left : 0);
}

// What a client says, as a point in time for NearerCall. Without the header, or with one that is no number, the latest there is:
// refusing a call for it would help nobody.
inline std::chrono::steady_clock::time_point deadlineOf(std::optional<std::string_view> header,
                                                        std::chrono::steady_clock::time_point now) {
  const auto left = header ? detail::numberOf(*header) : std::nullopt;
  return left ? now + std::chrono::milliseconds(*left) : std::chrono::steady_clock::time_point::max();
}

// Retry-After: seconds or a date. Zero: there is none, it cannot be read, or it has passed.
inline std::chrono::nanoseconds retryAfter(std::optional<std::string_view> header,
                                           std::chrono::sys_time<std::chrono::nanoseconds> now) {
  if (!header) return std::chrono::nanoseconds(0);
  if (const auto seconds = detail::numberOf(*header)) return std::chrono::seconds(*seconds);
  const auto date = detail::dateOf(*header);
  return date && *date > now ? *date - now : std::chrono::nanoseconds(0);
}

}  // namespace revenge
