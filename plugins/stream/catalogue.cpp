#include "catalogue.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace stream {

Fingerprint idOf(std::string_view folder, std::string_view path) { return fingerprintOf({folder, path}); }

Catalogue::Catalogue(std::vector<std::string> folders, std::vector<Entry> entries)
    : folders_(std::move(folders)), entries_(std::move(entries)), byId_(entries_.size()) {
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    return std::tie(a.path, a.folder) < std::tie(b.path, b.folder);
  });
  std::iota(byId_.begin(), byId_.end(), 0U);
  std::ranges::sort(byId_, {}, [this](std::uint32_t index) { return entries_[index].id; });
}

const Entry* Catalogue::find(const Fingerprint& id) const {
  const auto found =
      std::ranges::lower_bound(byId_, id, {}, [this](std::uint32_t index) { return entries_[index].id; });
  if (found == byId_.end() || entries_[*found].id != id) return nullptr;
  return &entries_[*found];
}

}  // namespace stream
