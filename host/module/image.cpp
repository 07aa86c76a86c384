#include "module/image.hpp"

#include "observe/code_map.hpp"

namespace revenge::module {

using base::Errc;
using base::fail;
using base::Result;

Image::Image(PrivateCopy copy, std::filesystem::path path, Library library, Verdict verdict)
    : copy_(std::move(copy)),
      path_(std::move(path)),
      verdict_(std::move(verdict)),
      library_(std::move(library)) {}

Image::~Image() {
  if (library_.isOpen()) library_.pin();
}

Result<std::unique_ptr<Image>> Image::load(PrivateCopy copy, const std::string& library, Verdict verdict) {
  const auto path = copy.folder() / library;
  const auto threadsBefore = threadsOfThisProcess();
  auto opened = Library::load(path);
  observe::noteImages();
  if (!opened) return std::unexpected(opened.error());
  std::unique_ptr<Image> image(new Image(std::move(copy), path, std::move(*opened), std::move(verdict)));
  image->threadsBefore_ = threadsBefore;
  const auto entry = image->library_.entry();
  const auto shaken = entry ? shakeHands(*entry) : std::unexpected(entry.error());
  if (shaken && image->contains(reinterpret_cast<const void*>(shaken->create))) {
    image->descriptor_ = *shaken;
    return image;
  }
  image->unload([](pid_t) { return false; });
  if (!shaken) return std::unexpected(shaken.error());
  return fail(Errc::kRefused, "the descriptor's create lies outside the library");
}

std::vector<std::string> Image::leftovers(const KnowsThread& knows) const {
  return findLeftovers(library_.range(), threadsBefore_, knows);
}

Unloaded Image::unload(const KnowsThread& knows) {
  if (library_.isOpen()) {
    if (verdict_.grade == Grade::kRetired) return {.unmapped = false, .why = verdict_.reasons};
    if (auto held = leftovers(knows); !held.empty()) return {.unmapped = false, .why = std::move(held)};
    library_.close();
  }
  if (library_.isMapped()) library_.reap();
  if (library_.isMapped()) {
    return {.unmapped = false,
            .why = {"the loader keeps it: a living thread touched one of its thread_local objects with a "
                    "destructor, or "
                    "another library uses it"}};
  }
  observe::noteImages();
  copy_ = {};
  return {.unmapped = true, .why = {}};
}

}  // namespace revenge::module
