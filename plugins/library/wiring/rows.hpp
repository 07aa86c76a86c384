// Rows of the catalogue as statements name them, and statements about many things at once.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <revenge/sql.hpp>

#include "catalogue/rows.hpp"

namespace library::rows {

using revenge::SqlRow;
using revenge::SqlValue;
using revenge::Status;

inline constexpr std::size_t kMostListed = 256;

// "($2,$3,...)" for so many values, of few different lengths, so that few statements are prepared.
inline std::size_t listSize(std::size_t values) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{8}, std::size_t{64}})
    if (values <= size) return size;
  return kMostListed;
}
inline std::string list(std::size_t first, std::size_t values) {
  std::string text = "(";
  for (std::size_t i = 0; i < listSize(values); ++i)
    text += fmt::format("{}${}", i == 0 ? "" : ",", first + i);
  return text + ")";
}

// Runs `ask(list text, values)` for each part of `all`; `before` stands in front of the list's values.
template <class T, class Make, class Ask>
Status inParts(std::span<const T> all, std::initializer_list<SqlValue> before, Make make, Ask ask) {
  for (std::size_t at = 0; at < all.size(); at += kMostListed) {
    const auto part = all.subspan(at, std::min(kMostListed, all.size() - at));
    std::vector<SqlValue> values(before);
    for (const T& one : part) values.push_back(make(one));
    while (values.size() < before.size() + listSize(part.size())) values.push_back(values.back());
    if (Status asked = ask(list(before.size() + 1, part.size()), values); !asked) return asked;
  }
  return {};
}

inline std::optional<int> numberAt(const SqlRow& row, std::uint32_t column) {
  if (row.isNull(column)) return std::nullopt;
  return static_cast<int>(row.integer(column));
}

inline naming::Kind kindOf(std::string_view name) {
  if (name == "audio") return naming::Kind::kAudio;
  if (name == "nfo") return naming::Kind::kNfo;
  return name == "subtitle" ? naming::Kind::kSubtitle : naming::Kind::kVideo;
}

inline constexpr std::string_view kFileColumns =
    "f.id, f.folder, f.name, f.item, f.kind, f.extra, f.version, f.part, f.label, f.resolution, "
    "CASE WHEN f.kind = 'subtitle' THEN f.facts ELSE '' END, f.bytes, f.modified_ns, f.device, f.inode, "
    "CASE WHEN f.missing_us IS NULL THEN 0 ELSE 1 END, f.tags, f.title, "
    "CASE WHEN f.kind = 'nfo' AND f.probe <> 0 THEN 1 ELSE 0 END";
inline constexpr std::uint32_t kFileColumnCount = 19;

inline FileRow fileAt(const SqlRow& row, std::uint32_t from = 0) {
  FileRow file;
  file.id = idOf(row.text(from)).value_or(Id());
  file.folder = row.integer(from + 1);
  file.name = row.text(from + 2);
  file.item = idOf(row.text(from + 3));
  file.kind = kindOf(row.text(from + 4));
  file.extra = row.text(from + 5);
  file.version = row.integer(from + 6);
  file.part = static_cast<int>(row.integer(from + 7));
  file.label = row.text(from + 8);
  file.resolution = row.text(from + 9);
  file.facts = row.text(from + 10);
  file.bytes = static_cast<std::uint64_t>(row.integer(from + 11));
  file.modified_ns = row.integer(from + 12);
  file.device = static_cast<std::uint64_t>(row.integer(from + 13));
  file.inode = static_cast<std::uint64_t>(row.integer(from + 14));
  file.is_missing = row.boolean(from + 15);
  file.tags = row.text(from + 16);
  file.title = idOf(row.text(from + 17));
  file.is_read = row.boolean(from + 18);
  return file;
}

}  // namespace library::rows
