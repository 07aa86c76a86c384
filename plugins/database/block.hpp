// Writes a result as the block of abi/sql.h: cells and bytes are collected while rows come, and put into one piece of
// memory at the end. Reused for the next result without allocating. Not for two threads at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <revenge/abi/sql.h>

namespace database {

class BlockWriter {
 public:
  // Begins anew. `max_bytes`: see isFull().
  void begin(std::uint64_t max_bytes);
  void column(std::string_view name);
  void null() { cells_.push_back({REVENGE_SQL_NULL, 0, 0}); }
  void integer(std::int64_t value) { cells_.push_back({REVENGE_SQL_INTEGER, 0, value}); }
  void boolean(bool value) { cells_.push_back({REVENGE_SQL_BOOLEAN, 0, value ? 1 : 0}); }
  void time(std::int64_t microseconds) { cells_.push_back({REVENGE_SQL_TIME, 0, microseconds}); }
  void real(double value);
  void text(std::string_view value) { bytes(REVENGE_SQL_TEXT, value); }
  void blob(std::string_view value) { bytes(REVENGE_SQL_BLOB, value); }
  void changed(std::uint64_t rows) { changed_ = rows; }

  std::uint64_t rows() const { return names_.empty() ? 0 : cells_.size() / names_.size(); }
  std::uint64_t most() const { return max_bytes_; }
  // More than the caller wants to be given: stop, the result is refused.
  bool isFull() const { return size() > max_bytes_; }
  // The block, which the caller frees by its `release`.
  revenge_buffer finish() const;

 private:
  void bytes(std::uint32_t kind, std::string_view value);
  std::uint64_t size() const;

  std::vector<revenge_sql_column> names_;
  std::vector<revenge_sql_cell> cells_;
  std::string bytes_;
  std::uint64_t changed_ = 0;
  std::uint64_t max_bytes_ = 0;
};

}  // namespace database
