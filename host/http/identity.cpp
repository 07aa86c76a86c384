#include "http/identity.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <sys/random.h>

#include "http/bytes.hpp"
#include "http/exchange_record.hpp"
#include "http/io_loop.hpp"
#include "http/server_core.hpp"
#include "http/text.hpp"

namespace revenge::http {
namespace {

constexpr std::string_view kCookie = "revenge_session";
constexpr std::size_t kSessionDigits = 32;
constexpr std::size_t kMaxUserKey = 256;

bool isSession(std::string_view value) {
  const auto isDigit = [](char c) { return hexValue(c) >= 0 && c == toLower(c); };
  return value.size() == kSessionDigits && std::ranges::all_of(value, isDigit);
}

// Empty: the system gives no random bytes, and nobody a session.
std::string newSession() {
  std::array<unsigned char, kSessionDigits / 2> bytes{};
  std::string session;
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return session;
  for (const unsigned char byte : bytes) session += fmt::format("{:02x}", byte);
  return session;
}

}  // namespace

std::optional<std::string_view> namedIn(std::span<const revenge_field> headers, std::string_view field) {
  std::optional<std::string_view> named;
  for (const revenge_field& each : headers) {
    if (text(each.name) != field) continue;
    if (named) return std::nullopt;
    named = trim(text(each.value));
  }
  const bool good = named && !named->empty() && named->size() <= kMaxUserKey &&
                    std::ranges::all_of(*named, [](char c) { return isFieldValueByte(c) && c != '\t'; });
  return good ? named : std::nullopt;
}

std::optional<std::string_view> sessionIn(std::span<const revenge_field> headers) {
  for (const revenge_field& each : headers) {
    if (text(each.name) != "cookie") continue;
    std::string_view left = text(each.value);
    while (!left.empty()) {
      const std::size_t end = std::min(left.find(';'), left.size());
      const std::string_view pair = trim(left.substr(0, end));
      left.remove_prefix(std::min(end + 1, left.size()));
      if (!pair.starts_with(kCookie) || pair.size() <= kCookie.size() || pair[kCookie.size()] != '=')
        continue;
      const std::string_view value = pair.substr(kCookie.size() + 1);
      return isSession(value) ? std::optional(value) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::string anonymousKey(std::string_view session) {
  return fmt::format("anon-{}", session.substr(0, session.size() / 2));
}

void identify(ExchangeRecord& record) {
  const IdentityOptions& options = record.loop.core().options.identity;
  if (!options.field.empty()) {
    const auto named = namedIn(record.head.headers, options.field);
    const auto holds = [&](const Network& network) { return network.holds(record.remote_address); };
    if (named && std::ranges::any_of(options.proxies, holds)) return record.setUserKey(*named);
  }
  if (const auto session = sessionIn(record.head.headers)) record.setUserKey(anonymousKey(*session));
}

void personalise(ExchangeRecord& record) {
  const auto asks = [](const Route& route) { return route.by_user && route.by_user(); };
  if (!std::ranges::any_of(record.endpoint->candidates, asks)) return;
  const std::string& field = record.loop.core().options.identity.field;
  std::string session = record.user_key.empty() ? newSession() : std::string();
  const std::scoped_lock lock(record.mutex);
  Answer& answer = record.answer;
  (void)answer.addHeader("Vary", field.empty() ? "Cookie" : fmt::format("Cookie, {}", field));
  (void)answer.addHeader("Cache-Control", "private");
  if (session.empty()) return;
  (void)answer.addHeader("Set-Cookie",
                         fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax", kCookie, session));
  record.setUserKey(anonymousKey(session));
}

}  // namespace revenge::http
