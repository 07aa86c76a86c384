// Whom a request is for, as long as no middleware says so: the field of a proxy that is trusted, else a session that the
// host gives a client by a cookie. It tells users apart for flags, and is no proof of anything: whoever may enter is
// decided elsewhere. Thread safety: on the exchange's loop.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <revenge/abi/base.h>

#include "http/network.hpp"

namespace revenge::http {

struct ExchangeRecord;

struct IdentityOptions {
  std::string field;             // in lower case; empty: nobody's is believed
  std::vector<Network> proxies;  // whose field is believed
};

// What the field of a proxy names; nothing when it is empty, too long, sent twice or holds control bytes.
std::optional<std::string_view> namedIn(std::span<const revenge_field> headers, std::string_view field);

// The session in the Cookie fields: 32 hex digits, as the host makes them. The first one counts.
std::optional<std::string_view> sessionIn(std::span<const revenge_field> headers);

// The user key of a client with that session. Half of it, so that who reads a log cannot go on with the session.
std::string anonymousKey(std::string_view session);

// At the head: sets the user key, where there is one.
void identify(ExchangeRecord& record);
// Before the candidates are asked: where one of them asks who it is, the client gets a session if it has none, and the
// answer is marked as made for one.
void personalise(ExchangeRecord& record);

}  // namespace revenge::http
