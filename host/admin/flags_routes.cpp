#include <charconv>
#include <optional>
#include <utility>

#include "admin/control_table.hpp"
#include "admin/flags_views.hpp"
#include "admin/request.hpp"

namespace revenge::admin {

namespace {

using base::Errc;
using flags::Edit;

std::optional<double> numberIn(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

revenge_status show(flags::Flags& flags, http::Exchange& exchange) {
  const std::string_view key = pathParameter(exchange, "key");
  const auto view = flags.view(key);
  if (!view) return refuse(exchange, {Errc::kNotFound, fmt::format("no flag '{}' in {}", key, flags.file())});
  return answer(exchange, 200, describe(*view, flags.file(), flags.generation()));
}

// "client=2.1.0": what reads as a number or a truth value is one; "client:=2.1" is a text all the same.
std::optional<flags::Attribute> attributeIn(std::string_view given) {
  const std::size_t equals = given.find('=');
  if (equals == 0 || equals == std::string_view::npos) return std::nullopt;
  const std::string_view value = given.substr(equals + 1);
  if (given[equals - 1] == ':') return flags::Attribute{given.substr(0, equals - 1), value};
  const std::string_view name = given.substr(0, equals);
  if (value == "true" || value == "false") return flags::Attribute{name, value == "true"};
  if (const auto number = numberIn(value)) return flags::Attribute{name, *number};
  return flags::Attribute{name, value};
}

revenge_status explain(flags::Flags& flags, http::Exchange& exchange) {
  const std::string_view key = pathParameter(exchange, "key");
  const std::string_view user = queryParameter(exchange, "user");
  std::vector<flags::Attribute> attributes;
  const revenge_http_request& request = exchange.request();
  for (std::size_t i = 0; i < request.query_parameter_count; ++i) {
    const revenge_field& field = request.query_parameters[i];
    if (std::string_view(field.name.data, field.name.size) != "attr") continue;
    const std::string_view given(field.value.data, field.value.size);
    const auto attribute = attributeIn(given);
    if (!attribute)
      return refuse(exchange, {Errc::kInvalid, fmt::format("attr: expected name=value, got '{}'", given)});
    attributes.push_back(*attribute);
  }
  const auto told = flags.explain(key, {user, attributes});
  if (!told.is_known)
    return refuse(exchange, {Errc::kNotFound, fmt::format("no flag '{}' in {}", key, flags.file())});
  return answer(exchange, 200, describe(key, user, told));
}

std::string_view verbOf(Edit::Kind kind) {
  switch (kind) {
    case Edit::Kind::kSet:
      return "set";
    case Edit::Kind::kRollOut:
      return "rollout";
    case Edit::Kind::kKill:
      return "kill";
  }
  return "";
}

base::Result<flags::Asked> askedOf(const ControlRooms& rooms, const http::Exchange& exchange) {
  flags::Asked asked;
  const auto asks = rooms.operators.of(exchange);
  asked.by = asks ? nameOf(*asks) : "";
  asked.run = queryParameter(exchange, "dry_run") == "1" ? flags::Run::kDry : flags::Run::kReal;
  if (const auto given = givenParameter(exchange, "generation")) {
    asked.decided_on = wholeNumber(*given);
    if (!asked.decided_on)
      return base::fail(Errc::kInvalid, "generation: expected a number, got '{}'", *given);
  }
  return asked;
}

// The error: what is asked for is no change.
revenge_status change(const ControlRooms& rooms, http::Exchange& exchange, Deed& deed,
                      base::Result<Edit> edit, Edit::Kind kind) {
  const std::string what = fmt::format("flags {} {}", verbOf(kind), pathParameter(exchange, "key"));
  const auto refused = [&](const base::Error& why) {
    deed.what = what;
    deed.failure = why;
    return refuse(exchange, why);
  };
  if (!edit) return refused(edit.error());
  edit->kind = kind;
  edit->key = pathParameter(exchange, "key");
  const auto asked = askedOf(rooms, exchange);
  if (!asked) return refused(asked.error());
  const auto edited = rooms.edit_flag(*edit, *asked);
  if (!edited) return refused(edited.error());
  if (asked->run == flags::Run::kReal) {
    deed.what = what;
    deed.before = edited->before.isDefined() ? edited->before.says : "undefined";
    deed.after = edited->after.says;
  }
  return answer(exchange, 200, describe(*edited));
}

base::Result<Edit> rollOut(const http::Exchange& exchange) {
  const std::string_view given = queryParameter(exchange, "percentage");
  const auto percentage = numberIn(given);
  if (!percentage)
    return base::fail(Errc::kInvalid, "percentage: expected a number from 0 to 100, got '{}'", given);
  Edit edit;
  edit.percentage = *percentage;
  return edit;
}

}  // namespace

void addFlagsRoutes(ControlTable& table, const SharedRooms& rooms) {
  using enum http::Method;
  table.look(kGet, "/v1/flags", [rooms](http::Exchange& exchange) {
    flags::Flags& flags = rooms->flags;
    return answer(exchange, 200, describe(flags.views(), flags.file(), flags.generation()));
  });
  table.look(kGet, "/v1/flags/{key}",
             [rooms](http::Exchange& exchange) { return show(rooms->flags, exchange); });
  table.look(kGet, "/v1/flags/{key}/explain",
             [rooms](http::Exchange& exchange) { return explain(rooms->flags, exchange); });
  table.change(kPost, "/v1/flags/{key}/set", [rooms](http::Exchange& exchange, Deed& deed) {
    Edit edit;
    edit.variant = queryParameter(exchange, "variant");
    return change(*rooms, exchange, deed, std::move(edit), Edit::Kind::kSet);
  });
  table.change(kPost, "/v1/flags/{key}/rollout", [rooms](http::Exchange& exchange, Deed& deed) {
    return change(*rooms, exchange, deed, rollOut(exchange), Edit::Kind::kRollOut);
  });
  table.change(kPost, "/v1/flags/{key}/kill", [rooms](http::Exchange& exchange, Deed& deed) {
    return change(*rooms, exchange, deed, Edit(), Edit::Kind::kKill);
  });
}

}  // namespace revenge::admin
