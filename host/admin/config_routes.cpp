#include <fmt/ranges.h>

#include "admin/config_views.hpp"
#include "admin/control_table.hpp"
#include "admin/request.hpp"
#include "admin/views.hpp"
#include "document/json.hpp"

namespace revenge::admin {

namespace {

using base::Errc;
using config::Asked;
using config::Outcome;
using config::Run;

constexpr std::size_t kMaxDraftBytes =
    document::Limits().maxBytes + 1;  // so that its parser says it is too long

base::Result<Asked> askedOf(const ControlRooms& rooms, const http::Exchange& exchange,
                            std::string_view what) {
  Asked asked;
  const auto asks = rooms.operators.of(exchange);
  asked.by = asks && asks->local ? fmt::format("uid {}: {}", asks->local->uid, what)
             : asks              ? fmt::format("{}: {}", asks->who, what)
                                 : std::string(what);
  if (const auto given = givenParameter(exchange, "generation")) {
    asked.decided_on = wholeNumber(*given);
    if (!asked.decided_on)
      return base::fail(Errc::kInvalid, "generation: expected a number, got '{}'",
                        document::printable(*given));
  }
  asked.run = queryParameter(exchange, "dry_run") == "1" ? Run::kDry : Run::kReal;
  return asked;
}

std::string side(const Outcome& outcome, std::optional<document::Value> config::Difference::* which) {
  std::string line;
  for (const config::Difference& each : outcome.differences) {
    const std::optional<document::Value>& value = each.*which;
    const std::string shown = each.secret ? "changed" : value ? document::writeJson(*value) : "not set";
    line += fmt::format("{}{} {}", line.empty() ? "" : ", ", each.key, shown);
  }
  return line;
}

revenge_status refuseOnRecord(http::Exchange& exchange, Deed& deed, const std::string& what,
                              const base::Error& why) {
  deed.what = what;
  deed.failure = why;
  return refuse(exchange, why);
}

template <typename Change>
revenge_status change(const ControlRooms& rooms, http::Exchange& exchange, Deed& deed,
                      const std::string& what, Change apply) {
  const auto asked = askedOf(rooms, exchange, what);
  if (!asked) return refuseOnRecord(exchange, deed, what, asked.error());
  const base::Result<Outcome> outcome = apply(*asked);
  if (!outcome) return refuseOnRecord(exchange, deed, what, outcome.error());
  if (asked->run == Run::kReal && !outcome->files.empty())
    deed = {what, side(*outcome, &config::Difference::before), side(*outcome, &config::Difference::after)};
  return answer(exchange, 200, describe(*outcome));
}

config::Draft draftOf(const http::Exchange& exchange) {
  const std::string_view name = queryParameter(exchange, "name");
  return {document::printable(name.empty() ? "draft" : name, 4096), std::string(body(exchange))};
}

void takesText(http::Route& route) {
  route.body = http::BodyMode::kWhole;
  route.max_body_bytes = kMaxDraftBytes;
}

void addQuestions(ControlTable& table, const SharedRooms& rooms) {
  using enum http::Method;
  table.look(kGet, "/v1/config", [rooms](http::Exchange& exchange) {
    const auto entries = rooms->config.get(queryParameter(exchange, "key"));
    return entries ? answer(exchange, 200, describe(*entries)) : refuse(exchange, entries.error());
  });
  table.look(kGet, "/v1/config/explain", [rooms](http::Exchange& exchange) {
    const auto told = rooms->config.explain(queryParameter(exchange, "key"));
    return told ? answer(exchange, 200, describe(*told)) : refuse(exchange, told.error());
  });
  table.look(kGet, "/v1/config/history", [rooms](http::Exchange& exchange) {
    return answer(exchange, 200, describe(rooms->config.history()));
  });
  table.look(kGet, "/v1/config/diff", [rooms](http::Exchange& exchange) {
    const auto found = rooms->config.diff(std::nullopt);
    return found ? answer(exchange, 200, describe(*found)) : refuse(exchange, found.error());
  });
  takesText(table.look(kPost, "/v1/config/diff", [rooms](http::Exchange& exchange) {
    const auto found = rooms->config.diff(draftOf(exchange));
    return found ? answer(exchange, 200, describe(*found)) : refuse(exchange, found.error());
  }));
  takesText(table.look(kPost, "/v1/config/validate", [rooms](http::Exchange& exchange) {
    return answer(exchange, 200, describe(rooms->config.validate(draftOf(exchange))));
  }));
}

}  // namespace

void addConfigRoutes(ControlTable& table, const SharedRooms& rooms) {
  using enum http::Method;
  addQuestions(table, rooms);
  // The value is the body: the line of a request may stand in a log.
  takesText(table.change(kPost, "/v1/config/set", [rooms](http::Exchange& exchange, Deed& deed) {
    const std::string key(queryParameter(exchange, "key"));
    return change(*rooms, exchange, deed, "config set " + key,
                  [&](const Asked& asked) { return rooms->config.set(key, body(exchange), asked); });
  }));
  table.change(kPost, "/v1/config/unset", [rooms](http::Exchange& exchange, Deed& deed) {
    const std::string key(queryParameter(exchange, "key"));
    return change(*rooms, exchange, deed, "config unset " + key,
                  [&](const Asked& asked) { return rooms->config.unset(key, asked); });
  });
  table.change(kPost, "/v1/config/rollback", [rooms](http::Exchange& exchange, Deed& deed) {
    const std::string_view given = queryParameter(exchange, "number");
    const auto number = wholeNumber(given);
    if (!number) {
      return refuseOnRecord(
          exchange, deed, "config rollback",
          {Errc::kInvalid, fmt::format("number: expected that of a configuration, got '{}'", given)});
    }
    return change(*rooms, exchange, deed, fmt::format("config rollback {}", *number),
                  [&](const Asked& asked) { return rooms->config.rollback(*number, asked); });
  });
  table.change(kPost, "/v1/config/reload", [rooms](http::Exchange& exchange, Deed& deed) {
    const bool all = queryParameter(exchange, "all") == "1";
    const std::string what = "config reload";
    const auto asked = askedOf(*rooms, exchange, what);
    if (!asked) return refuseOnRecord(exchange, deed, what, asked.error());
    const auto applied = rooms->config.reload(all ? config::Whom::kAll : config::Whom::kChanged, *asked);
    if (!applied) return refuseOnRecord(exchange, deed, what, applied.error());
    if (!applied->changed.empty()) {
      deed.what = what;
      deed.after = fmt::format("{}", fmt::join(applied->changed, ", "));
    }
    return answer(exchange, 200, describe(*applied));
  });
}

}  // namespace revenge::admin
