// A connection to an SQLite file in WAL mode, over a POCO session. One of them writes, the others read: see Role.
// Statements are interrupted at their limit, waits for the file's lock too. One thread at a time.
#pragma once

#include <memory>
#include <string>

#include "connection.hpp"
#include "time.hpp"

namespace database::sqlite {

enum class Role { kWriter, kReader };

struct Settings {
  std::string file;
  std::size_t statements = 256;  // kept prepared
};

// kUnavailable: the file cannot be opened; kIo: it is no database, or damaged.
Result<std::unique_ptr<Connection>> connect(const Settings& settings, Role role, Time& time,
                                            const Limit& limit);

}  // namespace database::sqlite
