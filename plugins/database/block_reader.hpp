// Reads a block of abi/sql.h: what the plugin needs of its own results. Borrows the block.
#pragma once

#include <cstring>
#include <string_view>

#include <revenge/abi/sql.h>

namespace database {

class BlockReader {
 public:
  explicit BlockReader(revenge_view block) : block_(block) { std::memcpy(&head_, block.data, sizeof head_); }

  std::uint64_t rows() const { return head_.row_count; }
  std::uint64_t changed() const { return head_.changed; }
  bool isNull(std::uint64_t row, std::uint32_t column) const {
    return cell(row, column).kind == REVENGE_SQL_NULL;
  }
  std::int64_t integer(std::uint64_t row, std::uint32_t column) const { return cell(row, column).content; }
  std::string_view text(std::uint64_t row, std::uint32_t column) const {
    const revenge_sql_cell at = cell(row, column);
    if (at.kind != REVENGE_SQL_TEXT && at.kind != REVENGE_SQL_BLOB) return {};
    return {block_.data + at.content, at.length};
  }

 private:
  revenge_sql_cell cell(std::uint64_t row, std::uint32_t column) const {
    revenge_sql_cell cell;
    std::memcpy(&cell, block_.data + head_.cells_at + (row * head_.column_count + column) * sizeof cell,
                sizeof cell);
    return cell;
  }

  revenge_view block_;
  revenge_sql_block head_;
};

}  // namespace database
