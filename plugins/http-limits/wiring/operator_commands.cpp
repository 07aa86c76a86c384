#include "wiring/operator_commands.hpp"

#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace revenge::http_limits {
namespace {

constexpr std::string_view kDescribed = R"({
  "type": "object", "additionalProperties": false, "required": ["path"],
  "properties": {
    "path": {"type": "string", "pattern": "^/", "maxLength": 4096, "description": "As the host decodes it: /stream/7/a.ts."},
    "method": {"type": "string", "default": "GET", "maxLength": 16},
    "address": {"type": "string", "default": "127.0.0.1", "maxLength": 64, "description": "Of who connects: a proxy's, where one stands before."},
    "user": {"type": "string", "default": "", "maxLength": 256, "description": "Whom a proxy has named."},
    "api_key": {"type": "string", "default": "", "maxLength": 4096, "description": "Neither shown nor kept."},
    "forwarded": {"type": "string", "default": "", "maxLength": 4096, "description": "Value of the field that trust.field names."}}})";

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\')
      json += fmt::format("\\{}", byte);
    else if (code < 0x20)
      json += fmt::format("\\u{:04x}", code);
    else
      json += byte;
  }
  return json + '"';
}

// Grants, and keeps nothing.
class OpenGate final : public Gate {
 public:
  GateAnswer acquire(const GateRequest&, Instant) override { return {}; }
};

std::string_view nameOf(Client::Source source) {
  switch (source) {
    case Client::Source::kPeer:
      return "connection";
    case Client::Source::kForwarded:
      return "proxies";
    case Client::Source::kObscured:
      return "obscured";
    case Client::Source::kMalformed:
      return "malformed";
    case Client::Source::kTooLong:
      return "too many hops";
  }
  return {};
}

std::string limitsOf(const Rule& rule) {
  std::string json;
  if (!rule.pipeline.empty()) json += fmt::format(R"(, "pipeline": {})", quoted(rule.pipeline));
  if (rule.deadline != Duration::max())
    json += fmt::format(R"(, "deadline_s": {})", std::chrono::duration<double>(rule.deadline).count());
  if (rule.max_body_bytes != std::numeric_limits<std::int64_t>::max())
    json += fmt::format(R"(, "max_body_bytes": {})", rule.max_body_bytes);
  return json + fmt::format(R"(, "dry_run": {})", rule.enforcement == Enforcement::kDryRun);
}

std::string shown(const Rule& rule) {
  return fmt::format(R"({{"name": {}, "pattern": {}, "class": "{}"{}}})", quoted(rule.name),
                     quoted(rule.pattern.text()), http_limits::nameOf(rule.traffic), limitsOf(rule));
}

std::string countsOf(const Tally& tally, TrafficClass traffic) {
  std::uint64_t refused = 0;
  std::uint64_t would = 0;
  for (std::size_t i = 0; i < kRefusals; ++i) {
    refused += tally.refusals(traffic, static_cast<Refusal>(i));
    would += tally.dryRefusals(traffic, static_cast<Refusal>(i));
  }
  return fmt::format(
      R"("{}": {{"admitted": {}, "exempt": {}, "ungated": {}, "refused": {}, "would_refuse": {}}})",
      http_limits::nameOf(traffic), tally.passes(traffic, Tally::Passage::kAdmitted),
      tally.passes(traffic, Tally::Passage::kExempt), tally.passes(traffic, Tally::Passage::kUngated),
      refused, would);
}

}  // namespace

OperatorCommands::OperatorCommands(Host& host, Gatekeeper& gatekeeper) : gatekeeper_(gatekeeper) {
  const auto commands = host.commands();
  commands.add(
      {.name = "list", .description = "The rules in the order they are asked, and what was decided so far."},
      [this](const CommandRun&) -> Result<std::string> { return list(); });
  commands.add<Described>(
      {.name = "explain",
       .description = "Which rule a request gets, and whom it is counted for. Nothing is counted.",
       .schema = kDescribed},
      [this](const CommandRun&, const Described& described) { return explain(described); });
}

// By the very code that decides on requests, with a gate, a queue and counts of its own.
Result<std::string> OperatorCommands::explain(const Described& described) const {
  const Policy& policy = gatekeeper_.policy();
  const std::optional<Method> method = methodOf(described.method);
  if (!method)
    return fail(Errc::kInvalid, fmt::format("'{}' is no method that routes can have", described.method));
  std::vector<Field> headers;
  std::vector<Field> query;
  if (!described.api_key.empty() && !policy.api_key_header.empty())
    headers.push_back({policy.api_key_header, described.api_key});
  else if (!described.api_key.empty())
    query.push_back({policy.api_key_query, described.api_key});
  if (!described.forwarded.empty() && policy.trust.field != ForwardedField::kNone)
    headers.push_back({policy.trust.field == ForwardedField::kForwarded ? "forwarded" : "x-forwarded-for",
                       described.forwarded});
  const RequestView view{.method = *method,
                         .path = described.path,
                         .remote_address = described.address,
                         .user_key = described.user,
                         .headers = headers,
                         .query = query};
  OpenGate gate;
  Codel codel{CodelOptions{}};
  Tally tally;
  Decision decision;
  Admission(policy, codel, gate, tally).decide(view, gatekeeper_.now(), decision);
  const Rule& rule = *decision.rule;
  std::string json =
      fmt::format(R"({{"rule": {}, "class": "{}", "client": "{}", "client_by": "{}", "exempt": {})",
                  quoted(rule.name), http_limits::nameOf(rule.traffic),
                  textOf(decision.client.address).view(), nameOf(decision.client.source), decision.exempt);
  if (!decision.key.empty()) json += fmt::format(R"(, "key": {})", quoted(decision.key.view()));
  if (!decision.admitted) json += fmt::format(R"(, "refused": "{}")", codeOf(*decision.refusal));
  return json + limitsOf(rule) + "}";
}

std::string OperatorCommands::list() const {
  const Policy& policy = gatekeeper_.policy();
  std::string json =
      fmt::format(R"({{"shedding_level": {}, "waiting": {}, "permits_held": {}, "rules": [)",
                  gatekeeper_.queues().highest(), gatekeeper_.waiting(), gatekeeper_.permits());
  for (const Rule& rule : policy.rules.rules()) json += shown(rule) + ", ";
  json += shown(policy.fallback) + R"(], "requests": {)";
  for (std::size_t i = 0; i < kTrafficClasses; ++i)
    json += (i == 0 ? "" : ", ") + countsOf(gatekeeper_.tally(), static_cast<TrafficClass>(i));
  return json + "}}";
}

}  // namespace revenge::http_limits
