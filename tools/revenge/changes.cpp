#include "revenge/changes.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace revenge::author {

namespace {

constexpr std::array<std::string_view, 8> kLeftBeside = {"~",    ".swp",  ".swx", ".tmp",
                                                         ".bak", ".orig", ".rej", "___jb_tmp___"};

bool isNumber(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool isSourceName(std::string_view name) {
  if (name.empty() || name.front() == '.' || name.front() == '#') return false;
  if (isNumber(name)) return false;  // 4913: vim tries whether it may write
  return std::ranges::none_of(kLeftBeside, [&](std::string_view end) { return name.ends_with(end); });
}

bool isSourceFolder(std::string_view name) {
  return !name.empty() && name.front() != '.' && name != "node_modules" && name != "__pycache__";
}

void Changes::add(const std::string& file, Happened what, base::Instant now) {
  first_of_.try_emplace(file, what);
  what == Happened::kGone ? (void)gone_.insert(file) : (void)gone_.erase(file);
  if (!first_) first_ = now;
  last_ = now;
}

void Changes::addUnknown(base::Instant now) {
  unknown_ = true;
  if (!first_) first_ = now;
  last_ = now;
}

std::optional<base::Instant> Changes::due() const {
  if (!first_) return {};
  const bool missing =
      std::ranges::any_of(gone_, [&](const auto& file) { return first_of_.at(file) != Happened::kAppeared; });
  return missing ? *first_ + kLongest : std::min(last_ + kQuiet, *first_ + kLongest);
}

Changes::Taken Changes::take() {
  Taken taken;
  for (const auto& [file, first] : first_of_) {
    const bool came_and_went = first == Happened::kAppeared && gone_.contains(file);
    if (!came_and_went) taken.files.push_back(file);
  }
  taken.unknown = std::exchange(unknown_, false);
  first_of_.clear();
  gone_.clear();
  first_.reset();
  return taken;
}

}  // namespace revenge::author
