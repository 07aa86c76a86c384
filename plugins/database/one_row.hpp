// The first row of a statement of the plugin's own. Owns its bytes.
#pragma once

#include <string_view>

#include "block_reader.hpp"
#include "connection.hpp"

namespace database {

class OneRow {
 public:
  explicit OneRow(revenge_buffer block) : block_(block) {}
  OneRow(OneRow&& other) noexcept : block_(std::exchange(other.block_, {})) {}
  OneRow& operator=(OneRow&&) = delete;
  ~OneRow() {
    if (block_.release != nullptr) block_.release(block_.owner);
  }

  bool missing() const { return read().rows() == 0; }
  // Requires: not missing()
  std::string_view text(std::uint32_t column) const { return read().text(0, column); }
  std::int64_t integer(std::uint32_t column) const { return read().integer(0, column); }

 private:
  BlockReader read() const { return BlockReader({block_.data, block_.size}); }

  revenge_buffer block_;
};

inline Result<OneRow> oneRow(Connection& connection, std::string_view text, const Limit& limit) {
  BlockWriter writer;
  writer.begin(UINT64_MAX);
  if (Status read = connection.execute({.text = text, .values = {}}, limit, writer); !read)
    return std::unexpected(std::move(read.error()));
  return OneRow(writer.finish());
}

}  // namespace database
