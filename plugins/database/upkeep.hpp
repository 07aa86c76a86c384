// What an operator does with a whole database, beside the statements of plugins: one for SQLite, one for PostgreSQL. Thread
// safety: any thread; each call has connections, or programs, of its own.
#pragma once

#include <cstdint>
#include <string>

#include "connection.hpp"

namespace database {

struct Vitals {
  std::string version;  // of the database's software
  std::uint64_t size_bytes = 0;
};

class Upkeep {
 public:
  virtual ~Upkeep() = default;

  // For people: the file, or server and name; never a password.
  virtual std::string place() const = 0;
  // Of the files of backups, with its dot.
  virtual std::string_view ending() const = 0;
  virtual Result<Vitals> vitals(const Limit& limit) = 0;

  // Writes what is committed now into a file that is not there yet; whole and on the disk, or not there. While it is
  // written it has `.part` behind its name.
  virtual Status backup(const std::string& file, const Limit& limit) = 0;
  // kInvalid: it is damaged, or no backup of a database of this plugin. Touches nothing.
  virtual Status examine(const std::string& file, const Limit& limit) = 0;
  // Replaces what is there by what the file holds: all of it, or nothing. Requires: examine() found nothing.
  virtual Status restore(const std::string& file, const Limit& limit) = 0;
  // Whether the database is whole; what was looked at, for people. kIo: what is wrong.
  virtual Result<std::string> check(const Limit& limit) = 0;
  virtual Status optimize(const Limit& limit) = 0;
};

}  // namespace database
