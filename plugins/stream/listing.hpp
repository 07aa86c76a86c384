// The catalogue as JSON, and the part of it that a request asks for. Stateless.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "catalogue.hpp"

namespace stream {

struct Page {
  static constexpr std::size_t kDefaultLimit = 100;
  static constexpr std::size_t kMaxLimit = 1000;

  std::size_t offset = 0;
  std::size_t limit = kDefaultLimit;  // 1 to kMaxLimit
};

// From the query's `offset` and `limit`; the error names the parameter and the value seen.
std::expected<Page, std::string> parsePage(std::optional<std::string_view> offset,
                                           std::optional<std::string_view> limit);

// The entries of a page; none when it begins behind the end.
std::span<const Entry> entriesOf(const Catalogue& catalogue, const Page& page);

enum class Progress { kScanning, kComplete };
std::string listJson(const Catalogue& catalogue, const Page& page, Progress progress);
std::string infoJson(const Entry& entry);

}  // namespace stream
