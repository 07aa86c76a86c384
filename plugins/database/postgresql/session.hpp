// A connection to PostgreSQL, over POCO's session handle. Statements run without blocking in libpq: at their limit they are
// cancelled at the server, and the connection is used again only when that is over. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "connection.hpp"
#include "time.hpp"

namespace database::postgresql {

class Rouser;

struct Settings {
  std::string url;               // postgresql://...
  std::size_t statements = 256;  // kept prepared
  // Of the server, for a host that is no longer there to cancel.
  std::chrono::milliseconds longest_statement{60'000};
  // Where a request to cancel is made: it opens a connection of its own and may hang. False: it does not run.
  std::function<bool(std::function<void()>)> elsewhere;
};

// kUnavailable: no server there, or it refuses; the message never has the password.
// `time` and `rouser` outlive it.
Result<std::unique_ptr<Connection>> connect(const Settings& settings, Time& time, Rouser& rouser,
                                            const Limit& limit);

// Why the URL is none; empty: it is one.
std::string refusalOf(const std::string& url);

}  // namespace database::postgresql
