#include "archive.hpp"

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <sstream>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace database {

namespace {

namespace fs = std::filesystem;
using revenge::Errc;
using revenge::fail;

constexpr std::string_view kBefore = "revenge-";
constexpr std::string_view kTime = "20260131T235959Z";  // its length counts

}  // namespace

std::string Archive::fileFor(std::chrono::system_clock::time_point now) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const std::string name = fmt::format("{}/{}{:%Y%m%dT%H%M%SZ}", folder_, kBefore,
                                       fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
  std::error_code unknown;
  std::string file = name + ending_;
  for (int again = 2; fs::exists(file, unknown); ++again) file = fmt::format("{}-{}{}", name, again, ending_);
  return file;
}

std::optional<Kept> Archive::read(const std::string& name) const {
  if (!name.starts_with(kBefore) || !name.ends_with(ending_) ||
      name.size() < kBefore.size() + kTime.size() + ending_.size())
    return std::nullopt;
  std::tm at{};
  std::istringstream text(name.substr(kBefore.size(), kTime.size()));
  text >> std::get_time(&at, "%Y%m%dT%H%M%SZ");
  if (text.fail()) return std::nullopt;
  const std::string rest = name.substr(kBefore.size() + kTime.size(),
                                       name.size() - kBefore.size() - kTime.size() - ending_.size());
  const bool plain = rest.empty() || (rest[0] == '-' && rest.size() > 1 &&
                                      rest.find_first_not_of("0123456789", 1) == std::string::npos);
  if (!plain) return std::nullopt;
  std::error_code failed;
  const std::string file = folder_ + "/" + name;
  const auto size = fs::file_size(file, failed);
  if (failed) return std::nullopt;
  return Kept{file, size, std::chrono::system_clock::from_time_t(::timegm(&at))};
}

revenge::Result<std::vector<Kept>> Archive::list() const {
  std::error_code failed;
  fs::directory_iterator entries(folder_, failed);
  if (failed) return fail(Errc::kNotFound, folder_ + ": " + failed.message());
  std::vector<Kept> all;
  for (; entries != fs::directory_iterator(); entries.increment(failed)) {
    if (failed) return fail(Errc::kIo, folder_ + ": " + failed.message());
    if (auto kept = read(entries->path().filename())) all.push_back(std::move(*kept));
  }
  // Of the same second: "-10" comes after "-9".
  std::ranges::sort(all, [](const Kept& one, const Kept& other) {
    if (one.made != other.made) return one.made > other.made;
    return one.file.size() != other.file.size() ? one.file.size() > other.file.size() : one.file > other.file;
  });
  return all;
}

revenge::Status Archive::prune(std::size_t keep) const {
  const auto all = list();
  if (!all) return std::unexpected(all.error());
  revenge::Status done;
  for (std::size_t i = std::max<std::size_t>(keep, 1); i < all->size(); ++i) {
    std::error_code failed;
    fs::remove((*all)[i].file, failed);
    if (failed && done) done = fail(Errc::kIo, (*all)[i].file + ": " + failed.message());
  }
  return done;
}

}  // namespace database
