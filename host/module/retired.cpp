#include "module/retired.hpp"

#include <algorithm>
#include <utility>

namespace revenge::module {

RetiredImage Retired::Entry::describe() const {
  return {.id = image->descriptor().id,
          .version = image->descriptor().version,
          .path = image->path(),
          .bytesMapped = image->bytesMapped(),
          .why = why};
}

void Retired::add(std::unique_ptr<Image> image, std::vector<std::string> why) {
  const std::lock_guard lock(mutex_);
  entries_.push_back({.image = std::move(image), .why = std::move(why)});
}

std::vector<RetiredImage> Retired::sweep(const KnowsThread& knows) {
  const std::lock_guard sweeping(sweeping_);
  std::vector<Image*> images;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_) images.push_back(entry.image.get());
  }
  std::vector<RetiredImage> gone;
  for (auto* image : images) {
    auto result = image->unload(knows);
    const std::lock_guard lock(mutex_);
    const auto entry = std::ranges::find(entries_, image, [](const Entry& each) { return each.image.get(); });
    entry->why = std::move(result.why);
    if (!result.unmapped) continue;
    gone.push_back(entry->describe());
    entries_.erase(entry);
  }
  return gone;
}

std::vector<RetiredImage> Retired::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<RetiredImage> result;
  result.reserve(entries_.size());
  for (const auto& entry : entries_) result.push_back(entry.describe());
  return result;
}

std::size_t Retired::count() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::size_t Retired::bytesMapped() const {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  for (const auto& entry : entries_) bytes += entry.image->bytesMapped();
  return bytes;
}

}  // namespace revenge::module
