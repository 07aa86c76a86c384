#include "wiring/content.hpp"

#include "media/sample.hpp"

namespace library {

std::string contentSample(const disk::Root& root, const std::string& path, std::uint64_t bytes) {
  const auto file = root.openFile(path);
  if (!file) return {};
  const auto sample = media::sampleOf(file->descriptor(), bytes);
  if (!sample) return {};
  return {reinterpret_cast<const char*>(sample->data()), sample->size()};
}

}  // namespace library
