#include "limits/answer.hpp"

#include <algorithm>

namespace revenge::http_limits {
namespace {

struct Wording {
  std::uint16_t status;
  std::string_view code;
  std::string_view message;
};

// In the order of Refusal.
constexpr std::array<Wording, kRefusals> kWordings = {{
    {429, "rate_limited", "too many requests; wait before the next"},
    {503, "shed", "the server has more to do than it can; try again later"},
    {503, "overloaded", "no place is free for this request; try again later"},
    {504, "deadline_exceeded", "the time for this request is over"},
    {408, "request_timeout", "the request did not arrive in time"},
    {413, "body_too_large", "the request's body is larger than allowed here"},
    {431, "headers_too_large", "the request's header fields are larger or more than allowed here"},
}};

const Wording& wordingOf(Refusal refusal) { return kWordings[static_cast<std::size_t>(refusal)]; }

// RFC 9651, section 3.3.1: integers of a structured field have 15 digits at most.
std::uint64_t fieldInteger(std::int64_t number) {
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(number, 0, 999'999'999'999'999));
}

template <class Text>
void appendJsonString(Text& text, std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  text.append('"');
  for (const char c : name.substr(0, kMaxRuleName)) {
    if (c == '"' || c == '\\') {
      text.append('\\');
      text.append(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      text.append("\\u00");
      text.append(kDigits[static_cast<unsigned char>(c) >> 4]);
      text.append(kDigits[static_cast<unsigned char>(c) & 0xf]);
    } else {
      text.append(static_cast<unsigned char>(c) < 0x7f ? c : '?');
    }
  }
  text.append('"');
}

template <class Text>
void appendMember(Text& text, std::string_view name, std::int64_t number) {
  text.append(",\"");
  text.append(name);
  text.append("\":");
  text.appendNumber(static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0)));
}

bool hasRetryAfter(std::uint16_t status) { return status == 429 || status == 503; }

}  // namespace

std::uint16_t statusOf(Refusal refusal) { return wordingOf(refusal).status; }
std::string_view codeOf(Refusal refusal) { return wordingOf(refusal).code; }

void writeRefusal(Answer& answer, Refusal refusal, std::string_view rule, Duration retry_after,
                  const Quota& quota, const Measured& measured) {
  const Wording& wording = wordingOf(refusal);
  answer.status = wording.status;
  answer.retry_after.clear();
  answer.body.clear();
  answer.body.append("{\"code\":\"");
  answer.body.append(wording.code);
  answer.body.append("\",\"message\":\"");
  answer.body.append(wording.message);
  answer.body.append("\",\"details\":{\"rule\":");
  appendJsonString(answer.body, rule);
  if (hasRetryAfter(wording.status)) {
    const std::int64_t reset = quota.limit >= 0 ? secondsUp(quota.reset) : 0;
    const std::int64_t seconds = std::max({std::int64_t{1}, secondsUp(retry_after), reset});
    answer.retry_after.appendNumber(static_cast<std::uint64_t>(seconds));
    appendMember(answer.body, "retry_after_s", seconds);
  }
  if (measured.limit > 0) {
    appendMember(answer.body, "limit", measured.limit);
    appendMember(answer.body, "seen", measured.seen);
  } else if (quota.limit >= 0) {
    appendMember(answer.body, "limit", quota.limit);
  }
  answer.body.append("}}");
}

std::string policyName(std::string_view rule) {
  // RFC 9651, section 3.3.3: printable ASCII, of which the quote and the backslash are escaped. Others have no form there.
  std::string text = "\"";
  for (const char c : rule.substr(0, kMaxRuleName)) {
    if (c == '"' || c == '\\') text += '\\';
    text += c >= ' ' && c < 0x7f ? c : '?';
  }
  return text + '"';
}

void writeQuota(Answer& answer, std::string_view policy_name, const Quota& quota) {
  answer.rate_limit.clear();
  answer.rate_limit_policy.clear();
  if (quota.limit < 0) return;
  answer.rate_limit.append(policy_name);
  answer.rate_limit.append(";r=");
  answer.rate_limit.appendNumber(fieldInteger(quota.remaining));
  answer.rate_limit.append(";t=");
  answer.rate_limit.appendNumber(fieldInteger(secondsUp(quota.reset)));
  answer.rate_limit_policy.append(policy_name);
  answer.rate_limit_policy.append(";q=");
  answer.rate_limit_policy.appendNumber(fieldInteger(quota.limit));
  if (quota.window <= Duration::zero()) return;
  answer.rate_limit_policy.append(";w=");
  answer.rate_limit_policy.appendNumber(fieldInteger(secondsUp(quota.window)));
}

}  // namespace revenge::http_limits
