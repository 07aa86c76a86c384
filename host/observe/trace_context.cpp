#include "observe/trace_context.hpp"

#include <cstddef>

#include <sys/random.h>

namespace revenge::observe {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kLength = 55;  // of version 00

// Lower-case digits only. Nothing when one of them is another character.
std::optional<std::uint64_t> hex(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char digit : digits) {
    const auto at = kDigits.find(digit);
    if (at == std::string_view::npos) return std::nullopt;
    value = value << 4 | at;
  }
  return value;
}

void write(char* at, std::uint64_t value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0; value >>= 4) at[i] = kDigits[value & 0xf];
}

std::string_view withoutSpace(std::string_view header) {
  const auto begin = header.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return header.substr(begin, header.find_last_not_of(" \t") + 1 - begin);
}

}  // namespace

std::optional<TraceContext> parseTraceparent(std::string_view header) {
  header = withoutSpace(header);
  if (header.size() < kLength || header[2] != '-' || header[35] != '-' || header[52] != '-')
    return std::nullopt;
  const auto version = hex(header.substr(0, 2));
  const auto high = hex(header.substr(3, 16));
  const auto low = hex(header.substr(19, 16));
  const auto span = hex(header.substr(36, 16));
  const auto flags = hex(header.substr(53, 2));
  if (!version || !high || !low || !span || !flags) return std::nullopt;
  constexpr std::uint64_t kForbiddenVersion = 0xff;
  if (*version == kForbiddenVersion) return std::nullopt;
  if (header.size() > kLength && (*version == 0 || header[kLength] != '-')) return std::nullopt;
  if ((*high == 0 && *low == 0) || *span == 0) return std::nullopt;
  constexpr std::uint64_t kKnown = TraceContext::kSampled | TraceContext::kRandom;
  return TraceContext{*high, *low, *span, static_cast<std::uint8_t>(*flags & kKnown)};
}

std::array<char, 32> formatTraceId(std::uint64_t high, std::uint64_t low) {
  std::array<char, 32> text{};
  write(text.data(), high, 16);
  write(text.data() + 16, low, 16);
  return text;
}

std::array<char, 55> formatTraceparent(const TraceContext& context) {
  std::array<char, kLength> text{};
  text.fill('-');
  write(text.data(), 0, 2);
  write(text.data() + 3, context.trace_id_high, 16);
  write(text.data() + 19, context.trace_id_low, 16);
  write(text.data() + 36, context.span_id, 16);
  write(text.data() + 53, context.flags, 2);
  return text;
}

TraceIds::TraceIds() : state_(0) {
  // Before the system's entropy is ready, early in its boot, the address of this object tells processes apart.
  if (::getrandom(&state_, sizeof state_, GRND_NONBLOCK) != sizeof state_)
    state_ = reinterpret_cast<std::uintptr_t>(this);
}

std::uint64_t TraceIds::next() {
  state_ += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  mixed ^= mixed >> 31;
  return mixed != 0 ? mixed : next();
}

TraceContext TraceIds::begin(const std::optional<TraceContext>& parent) {
  if (parent) return {parent->trace_id_high, parent->trace_id_low, next(), parent->flags};
  const std::uint64_t high = next();
  const std::uint64_t low = next();
  return {high, low, next(), TraceContext::kRandom};
}

}  // namespace revenge::observe
