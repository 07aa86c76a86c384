#include "observe/trace_state.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace revenge::observe {

namespace {

constexpr std::size_t kMaxMembers = 32;
constexpr std::size_t kMaxPart = 256;  // of a key or a value
constexpr std::size_t kLongMember = 128;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

bool isLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool isKey(std::string_view key) {
  if (key.empty() || key.size() > kMaxPart || !isLowerOrDigit(key.front())) return false;
  return std::ranges::all_of(
      key, [](char c) { return isLowerOrDigit(c) || std::string_view("_-*/@").contains(c); });
}

bool isValue(std::string_view value) {
  if (value.empty() || value.size() > kMaxPart || value.back() == ' ') return false;
  return std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

// The members in their order; empty ones between two commas do not count.
class Members {
 public:
  bool take(std::string_view header) {
    while (true) {
      const auto comma = header.find(',');
      const std::string_view member = trimmed(header.substr(0, comma));
      if (!member.empty() && !add(member)) return false;
      if (comma == std::string_view::npos) return true;
      header.remove_prefix(comma + 1);
    }
  }

  std::size_t length() const {
    std::size_t length = count_ > 0 ? count_ - 1 : 0;
    for (std::size_t i = 0; i < count_; ++i) length += members_[i].size();
    return length;
  }
  std::size_t count() const { return count_; }

  void shorten() {
    for (std::size_t i = count_; i-- > 0 && length() > kMaxTraceState;) {
      if (members_[i].size() > kLongMember) remove(i);
    }
    while (length() > kMaxTraceState) --count_;
  }

  void write(std::string& out) const {
    out.clear();
    for (std::size_t i = 0; i < count_; ++i) {
      if (i > 0) out += ',';
      out += members_[i];
    }
  }

 private:
  bool add(std::string_view member) {
    const auto equals = member.find('=');
    if (equals == std::string_view::npos || count_ == kMaxMembers) return false;
    const std::string_view key = member.substr(0, equals);
    if (!isKey(key) || !isValue(member.substr(equals + 1))) return false;
    for (std::size_t i = 0; i < count_; ++i) {
      if (members_[i].substr(0, members_[i].find('=')) == key) return false;
    }
    members_[count_++] = member;
    return true;
  }
  void remove(std::size_t index) {
    std::copy(members_.begin() + static_cast<std::ptrdiff_t>(index) + 1,
              members_.begin() + static_cast<std::ptrdiff_t>(count_),
              members_.begin() + static_cast<std::ptrdiff_t>(index));
    --count_;
  }

  std::array<std::string_view, kMaxMembers> members_;
  std::size_t count_ = 0;
};

}  // namespace

std::string_view acceptTraceState(std::span<const std::string_view> headers, std::string& storage) {
  Members members;
  for (const std::string_view header : headers) {
    if (!members.take(header)) return {};
  }
  if (headers.size() == 1 && headers.front().size() == members.length()) {
    if (members.length() <= kMaxTraceState) return headers.front();
  }
  members.shorten();
  members.write(storage);
  return storage;
}

}  // namespace revenge::observe
