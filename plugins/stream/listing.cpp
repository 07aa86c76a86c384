#include "listing.hpp"

#include <algorithm>
#include <charconv>

#include "escape.hpp"

namespace stream {

namespace {

std::expected<std::size_t, std::string> parse(std::string_view name, std::string_view text, std::size_t least,
                                              std::size_t most) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= least && value <= most)
    return value;
  constexpr std::size_t kShown = 40;
  return std::unexpected(std::string(name) + ": expected an integer from " + std::to_string(least) + " to " +
                         std::to_string(most) + ", got '" + printable(text.substr(0, kShown)) + "'");
}

// The members that list and info have in common.
std::string members(const Entry& entry) {
  std::string out = R"("id":")" + text(entry.id) + R"(","name":)" + jsonString(entry.name());
  out += R"(,"path":)" + jsonString(entry.path);
  out += R"(,"size":)" + std::to_string(entry.size);
  out += R"(,"type":)" + jsonString(entry.type->mime);
  return out;
}

}  // namespace

std::expected<Page, std::string> parsePage(std::optional<std::string_view> offset,
                                           std::optional<std::string_view> limit) {
  constexpr std::size_t kMaxOffset = 1'000'000'000;
  const auto first = parse("offset", offset.value_or("0"), 0, kMaxOffset);
  if (!first) return std::unexpected(first.error());
  const auto count = parse("limit", limit.value_or(std::to_string(Page::kDefaultLimit)), 1, Page::kMaxLimit);
  if (!count) return std::unexpected(count.error());
  return Page{*first, *count};
}

std::span<const Entry> entriesOf(const Catalogue& catalogue, const Page& page) {
  const auto all = catalogue.entries();
  const std::size_t first = std::min(page.offset, all.size());
  return all.subspan(first, std::min(page.limit, all.size() - first));
}

std::string listJson(const Catalogue& catalogue, const Page& page, Progress progress) {
  std::string out = R"({"total":)" + std::to_string(catalogue.entries().size());
  out += R"(,"offset":)" + std::to_string(page.offset) + R"(,"limit":)" + std::to_string(page.limit);
  out += R"(,"scanning":)";
  out += progress == Progress::kScanning ? "true" : "false";
  out += R"(,"items":[)";
  for (const Entry& entry : entriesOf(catalogue, page)) {
    if (out.back() == '}') out += ',';
    out += '{' + members(entry) + '}';
  }
  return out += "]}\n";
}

std::string infoJson(const Entry& entry) {
  std::string out = '{' + members(entry) + R"(,"kind":")";
  out += name(entry.type->kind);
  out += R"(","modified_s":)" + std::to_string(entry.modified_s);
  return out += R"(,"url":"/stream/)" + text(entry.id) + "\"}\n";
}

}  // namespace stream
