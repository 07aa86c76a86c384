#include "wiring/directory.hpp"

#include <bit>
#include <utility>

namespace revenge::resilience {

Directory::Directory(std::vector<std::shared_ptr<const Pipeline>> pipelines) {
  entries_.reserve(pipelines.size());
  for (std::shared_ptr<const Pipeline>& pipeline : pipelines) entries_.emplace_back(std::move(pipeline));
  places_.resize(std::bit_ceil(2 * entries_.size() + 1));
  mask_ = places_.size() - 1;
  for (const Entry& entry : entries_) {
    const std::string_view name = entry.pipeline->name();
    std::size_t i = mixOf(name) & mask_;
    while (places_[i].entry != nullptr) i = (i + 1) & mask_;
    places_[i] = {name, &entry};
  }
}

}  // namespace revenge::resilience
