#include "limits/decision.hpp"

#include <algorithm>

#include "limits/deadline.hpp"

namespace revenge::http_limits {
namespace {

std::string_view queryValue(std::span<const Field> query, std::string_view name) {
  const auto found = std::ranges::find(query, name, &Field::name);
  return found == query.end() ? std::string_view() : found->value;
}

std::optional<Refusal> refusalOf(GateAnswer::Kind kind) {
  switch (kind) {
    case GateAnswer::Kind::kRateLimited:
      return Refusal::kRateLimited;
    case GateAnswer::Kind::kOverloaded:
      return Refusal::kOverloaded;
    case GateAnswer::Kind::kTimedOut:
      return Refusal::kDeadline;
    default:
      return std::nullopt;
  }
}

}  // namespace

void Admission::decide(const RequestView& request, Instant now, Decision& decision) const {
  const Rule& rule = policy_.ruleFor(request.method, request.path);
  const HeaderFacts facts = factsOf(request.headers, policy_);
  decision.rule = &rule;
  decision.max_body_bytes = rule.max_body_bytes;
  if (const auto reason = tooLarge(request, facts, rule); reason && !goesOn(*reason, decision)) return;

  const std::optional<Address> peer = Address::parse(request.remote_address);
  decision.client =
      peer ? clientOf(*peer, facts.forwarded(), policy_.trust) : Client{{}, Client::Source::kObscured};
  const bool trusted = !facts.deadline.empty() && peer && policy_.trust.proxies.holds(*peer);
  const Instant deadline =
      deadlineOf(now - request.age, rule.deadline, trusted ? facts.deadline : std::string_view());
  if (deadline <= now && !goesOn({.refusal = Refusal::kDeadline}, decision)) return;
  if (rule.enforcement == Enforcement::kEnforced) decision.deadline = deadline;

  const Asker asker = askerOf(request, facts, decision.client.address);
  if (isExempt(request, asker, decision)) {
    decision.exempt = true;
    if (policy_.sheds && request.queue_delay) codel_.observe(*request.queue_delay, now);
    return tally_.passed(rule.traffic, Tally::Passage::kExempt);
  }
  if (!passesLoad(request, now, decision)) return;
  passGate(asker, now, decision);
}

std::optional<Admission::Reason> Admission::tooLarge(const RequestView& request, const HeaderFacts& facts,
                                                     const Rule& rule) const {
  const auto headers = static_cast<std::int64_t>(request.headers.size());
  if (headers > rule.max_headers)
    return Reason{.refusal = Refusal::kHeadersTooLarge, .measured = {rule.max_headers, headers}};
  if (facts.bytes > rule.max_header_bytes)
    return Reason{.refusal = Refusal::kHeadersTooLarge, .measured = {rule.max_header_bytes, facts.bytes}};
  if (request.content_length > rule.max_body_bytes)
    return Reason{.refusal = Refusal::kBodyTooLarge,
                  .measured = {rule.max_body_bytes, request.content_length}};
  return std::nullopt;
}

Asker Admission::askerOf(const RequestView& request, const HeaderFacts& facts, Address client) const {
  Asker asker{.user = provedUser(request.user_key), .api_key = {}, .address = client};
  std::string_view sent = facts.api_key;
  if (sent.empty() && !policy_.api_key_query.empty()) sent = queryValue(request.query, policy_.api_key_query);
  if (sent.empty()) return asker;
  asker.api_key = keyedHash(sent, policy_.secret);
  asker.api_key_proved =
      request.api_key_proved || std::ranges::binary_search(policy_.known_api_keys, *asker.api_key);
  return asker;
}

bool Admission::isExempt(const RequestView& request, const Asker& asker, const Decision& decision) const {
  const bool own = decision.client.isOwn();
  const Exempt& by_rule = decision.rule->exempt;
  return policy_.exempt.holds(asker, own) || by_rule.holds(asker, own) ||
         policy_.exempt.holdsPath(request.path) || by_rule.holdsPath(request.path);
}

bool Admission::passesLoad(const RequestView& request, Instant now, Decision& decision) const {
  if (!policy_.sheds || !request.queue_delay) return true;
  const Codel::Verdict verdict = codel_.judge(decision.rule->traffic, *request.queue_delay, now);
  return verdict.admitted ||
         goesOn({.refusal = Refusal::kShed, .retry_after = verdict.retry_after}, decision);
}

void Admission::passGate(const Asker& asker, Instant now, Decision& decision) const {
  const Rule& rule = *decision.rule;
  if (rule.pipeline.empty()) return tally_.passed(rule.traffic, Tally::Passage::kAdmitted);
  writeKey(decision.key, asker, rule.key, policy_.ipv6_prefix, policy_.secret);
  const GateAnswer answer =
      gate_.acquire({rule.pipeline, decision.key.view(), rule.traffic, decision.deadline}, now);
  decision.waits = answer.kind == GateAnswer::Kind::kLater;
  if (!decision.waits) conclude(answer, decision);
}

void Admission::conclude(const GateAnswer& answer, Decision& decision) const {
  const Rule& rule = *decision.rule;
  const Quota quota{answer.limit, answer.remaining, answer.reset, rule.window};
  if (const auto refusal = refusalOf(answer.kind)) {
    if (goesOn({*refusal, answer.retry_after, quota, {}}, decision))
      tally_.passed(rule.traffic, Tally::Passage::kAdmitted);
    return;
  }
  decision.permit = answer.permit;
  const bool ungated = answer.kind == GateAnswer::Kind::kUnavailable;
  if (!ungated && rule.enforcement == Enforcement::kEnforced)
    writeQuota(decision.answer, rule.policy_name, quota);
  tally_.passed(rule.traffic, ungated ? Tally::Passage::kUngated : Tally::Passage::kAdmitted);
}

bool Admission::goesOn(const Reason& reason, Decision& decision) const {
  const Rule& rule = *decision.rule;
  if (!decision.refusal) decision.refusal = reason.refusal;
  if (rule.enforcement == Enforcement::kDryRun) {
    tally_.wouldRefuse(rule.traffic, reason.refusal);
    return true;
  }
  decision.admitted = false;
  writeRefusal(decision.answer, reason.refusal, rule.name, reason.retry_after, reason.quota, reason.measured);
  writeQuota(decision.answer, rule.policy_name, reason.quota);
  tally_.refused(rule.traffic, reason.refusal);
  return false;
}

}  // namespace revenge::http_limits
