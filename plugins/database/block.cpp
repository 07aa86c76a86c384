#include "block.hpp"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

namespace database {

namespace {

// What a writer keeps for the next result; a large one is given back.
constexpr std::size_t kKeptCells = 16 * 1024;
constexpr std::size_t kKeptBytes = 256 * 1024;

template <class Container>
void restart(Container& container, std::size_t kept) {
  if (container.capacity() > kept)
    container = Container();
  else
    container.clear();
}

}  // namespace

void BlockWriter::begin(std::uint64_t max_bytes) {
  names_.clear();
  restart(cells_, kKeptCells);
  restart(bytes_, kKeptBytes);
  changed_ = 0;
  max_bytes_ = max_bytes;
}

void BlockWriter::column(std::string_view name) {
  names_.push_back({bytes_.size(), name.size()});
  bytes_ += name;
}

void BlockWriter::real(double value) {
  cells_.push_back({REVENGE_SQL_REAL, 0, std::bit_cast<std::int64_t>(value)});
}

void BlockWriter::bytes(std::uint32_t kind, std::string_view value) {
  cells_.push_back(
      {kind, static_cast<std::uint32_t>(value.size()), static_cast<std::int64_t>(bytes_.size())});
  bytes_ += value;
}

std::uint64_t BlockWriter::size() const {
  return sizeof(revenge_sql_block) + names_.size() * sizeof(revenge_sql_column) +
         cells_.size() * sizeof(revenge_sql_cell) + bytes_.size();
}

revenge_buffer BlockWriter::finish() const {
  const std::uint64_t names_at = sizeof(revenge_sql_block);
  const std::uint64_t cells_at = names_at + names_.size() * sizeof(revenge_sql_column);
  const std::uint64_t bytes_at = cells_at + cells_.size() * sizeof(revenge_sql_cell);
  const std::uint64_t total = bytes_at + bytes_.size();
  auto* const memory = static_cast<char*>(std::malloc(total));
  if (memory == nullptr) throw std::bad_alloc();

  const revenge_sql_block head{.size = sizeof(revenge_sql_block),
                               .column_count = static_cast<std::uint32_t>(names_.size()),
                               .row_count = rows(),
                               .changed = changed_,
                               .columns_at = names_at,
                               .cells_at = cells_at,
                               .bytes = total};
  std::memcpy(memory, &head, sizeof head);
  auto* const names = reinterpret_cast<revenge_sql_column*>(memory + names_at);
  for (std::size_t i = 0; i < names_.size(); ++i) names[i] = {names_[i].at + bytes_at, names_[i].length};
  auto* const cells = reinterpret_cast<revenge_sql_cell*>(memory + cells_at);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    cells[i] = cells_[i];
    if (cells[i].kind == REVENGE_SQL_TEXT || cells[i].kind == REVENGE_SQL_BLOB)
      cells[i].content += static_cast<std::int64_t>(bytes_at);
  }
  if (!bytes_.empty()) std::memcpy(memory + bytes_at, bytes_.data(), bytes_.size());
  return {memory, total, [](void* owner) { std::free(owner); }, memory};
}

}  // namespace database
