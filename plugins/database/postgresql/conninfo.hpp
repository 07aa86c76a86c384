// The parts of a URL of PostgreSQL, as libpq reads it. Thread safety: pure functions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <revenge/result.hpp>

namespace database::postgresql {

struct UrlParts {
  std::string open;  // keywords and values, without what is secret
  std::vector<std::pair<std::string, std::string>>
      secrets{};  // by the variable of the environment that libpq reads
};
// kInvalid: it is none; the message has nothing of what stands in it.
revenge::Result<UrlParts> partsOf(const std::string& url);

// For people: "revenge@db.example:5432/films".
std::string placeOf(const std::string& url);

// Adds keyword='value'.
void append(std::string& conninfo, std::string_view keyword, std::string_view value);

}  // namespace database::postgresql
