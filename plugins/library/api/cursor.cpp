#include "api/cursor.hpp"

#include <optional>

#include "api/base64url.hpp"
#include "api/digest.hpp"

namespace library::api {

namespace {

constexpr char kVersion = 1;
constexpr std::size_t kTagBytes = 16;  // of the list, and of the seal
constexpr char kNumber = 'n', kText = 't';

std::string tag(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), kTagBytes}; }

void appendNumber(std::string& out, std::uint64_t value, int bytes) {
  while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes));
}

// Takes values off the front; what is too short ends it.
class Bytes {
 public:
  explicit Bytes(std::string_view rest) : rest_(rest) {}

  std::string_view take(std::size_t bytes) {
    if (bytes > rest_.size()) {
      short_ = true;
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (const char byte : take(bytes)) value = value << 8U | static_cast<unsigned char>(byte);
    return value;
  }
  bool isShort() const { return short_; }
  bool isAtEnd() const { return !short_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool short_ = false;
};

std::optional<Cursor> readCursor(Bytes bytes) {
  Cursor cursor;
  const std::uint64_t count = bytes.number(1);
  for (std::uint64_t i = 0; i < count && !bytes.isShort(); ++i) {
    const std::string_view kind = bytes.take(1);
    if (kind.empty()) return std::nullopt;
    if (kind.front() == kNumber)
      cursor.last.emplace_back(static_cast<std::int64_t>(bytes.number(8)));
    else
      cursor.last.emplace_back(std::string(bytes.take(bytes.number(2))));
  }
  const std::optional<Id> id = idOf(bytes.take(sizeof(Id)));
  if (!id || !bytes.isAtEnd()) return std::nullopt;
  cursor.id = *id;
  return cursor;
}

}  // namespace

std::string CursorSeal::seal(const Cursor& cursor, std::string_view list) const {
  std::string bytes(1, kVersion);
  bytes += tag(sha256(list));
  bytes += static_cast<char>(cursor.last.size());
  for (const SortValue& value : cursor.last) {
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
      bytes += kNumber;
      appendNumber(bytes, static_cast<std::uint64_t>(*number), 8);
    } else {
      const std::string_view text = std::string_view(std::get<std::string>(value)).substr(0, UINT16_MAX);
      bytes += kText;
      appendNumber(bytes, text.size(), 2);
      bytes += text;
    }
  }
  bytes += bytesOf(cursor.id);
  bytes += tag(hmacSha256(key_, bytes));
  return base64url(bytes);
}

std::expected<Cursor, CursorFault> CursorSeal::open(std::string_view text, std::string_view list) const {
  const std::optional<std::string> bytes = fromBase64url(text);
  if (!bytes || bytes->size() < 1 + 2 * kTagBytes) return std::unexpected(CursorFault::kInvalid);
  const std::string_view content = std::string_view(*bytes).substr(0, bytes->size() - kTagBytes);
  const std::string_view seal = std::string_view(*bytes).substr(content.size());
  const bool ours = isSame(seal, tag(hmacSha256(key_, content))) && content.front() == kVersion;
  if (!ours) return std::unexpected(CursorFault::kInvalid);
  if (content.substr(1, kTagBytes) != tag(sha256(list))) return std::unexpected(CursorFault::kMismatch);
  std::optional<Cursor> cursor = readCursor(Bytes(content.substr(1 + kTagBytes)));
  if (!cursor) return std::unexpected(CursorFault::kInvalid);
  return *std::move(cursor);
}

}  // namespace library::api
