// Cursor: where a page of a list ended, as clients carry it to the next: sealed, so that it is ours or refused, and bound to
// the list it was made for. Thread safety: values; CursorSeal is never changed.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "catalogue/id.hpp"

namespace library::api {

using SortValue = std::variant<std::int64_t, std::string>;

struct Cursor {
  std::vector<SortValue> last;  // of the last row: what it was sorted by
  Id id;                        // and its id

  bool operator==(const Cursor&) const = default;
};

enum class CursorFault : std::uint8_t {
  kInvalid,   // nobody with this key wrote it
  kMismatch,  // of another list: other filter, order or user
};

class CursorSeal {
 public:
  // Who has the key can make cursors; a new key makes all there are invalid.
  explicit CursorSeal(std::string key) : key_(std::move(key)) {}

  // `list` says which list it is of: path, filter, order, user. A text of base64url.
  std::string seal(const Cursor& cursor, std::string_view list) const;
  std::expected<Cursor, CursorFault> open(std::string_view text, std::string_view list) const;

 private:
  std::string key_;
};

}  // namespace library::api
