// The upkeep of a PostgreSQL database, by the programs that come with it: pg_dump and pg_restore.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connection.hpp"
#include "upkeep.hpp"

namespace database::postgresql {

struct Program {
  std::vector<std::string> words;  // the program first
  std::vector<std::pair<std::string, std::string>> environment;
};
struct Ended {
  int code = 0;     // -1: not by itself
  std::string out;  // what is too long lacks its end
  std::string err;  // likewise its beginning
};
// Waits until it has ended. An error: it never ran, or not to its end.
using RunProgram = std::function<Result<Ended>(const Program&, const Limit&)>;
using Connect = std::function<Result<std::unique_ptr<Connection>>(const Limit&)>;

std::unique_ptr<Upkeep> upkeep(std::string url, Connect connect, RunProgram run);

}  // namespace database::postgresql
