#include "observe/code_map.hpp"

#include <mutex>

#include <link.h>

#include "observe/build_id.hpp"

namespace revenge::observe {

namespace {

constexpr std::size_t kMostImages = 1024;
constexpr std::size_t kMostMarks = 512;

// Names of images that are still to be loaded, found again by their path.
struct Named {
  FixedText<256> path{};
  CodeOwner plugin{};
};

struct State {
  std::mutex mutex;  // of who names; handlers take none
  std::array<CodeImage, kMostImages> images{};
  std::atomic<std::size_t> images_used{0};
  std::array<CodeOwner, kMostMarks> marks{};
  std::array<Named, 64> named{};  // guarded by mutex; the oldest is written over
  std::size_t next_named = 0;     // guarded by mutex
};
constinit State state;

CodeImage* freeImage() {
  const std::size_t used = state.images_used.load();
  for (std::size_t i = 0; i < used; ++i)
    if (state.images[i].begin.load() == 0) return &state.images[i];
  if (used == kMostImages) return nullptr;
  state.images_used.store(used + 1, std::memory_order_release);
  return &state.images[used];
}

// Requires: mutex.
int noteImage(dl_phdr_info* info, std::size_t, void*) {
  std::uintptr_t begin = UINTPTR_MAX;
  std::uintptr_t end = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    begin = std::min<std::uintptr_t>(begin, info->dlpi_addr + segment.p_vaddr);
    end = std::max<std::uintptr_t>(end, info->dlpi_addr + segment.p_vaddr + segment.p_memsz);
  }
  if (end == 0) return 0;
  const std::string_view path = info->dlpi_name == nullptr ? "" : info->dlpi_name;
  const std::size_t used = state.images_used.load();
  for (std::size_t i = 0; i < used; ++i) {
    CodeImage& image = state.images[i];
    if (image.begin.load() == begin && image.path.view() == path.substr(0, 255)) {
      image.seen = true;
      return 0;
    }
  }
  CodeImage* const image = freeImage();
  if (image == nullptr) return 0;
  image->end = end;
  image->bias = info->dlpi_addr;
  image->path.set(path);
  BuildIdText build{};
  image->build.set(buildIdOf(*info, build));
  image->plugin = {};
  for (const Named& one : state.named)
    if (!path.empty() && one.path.view() == path) image->plugin = one.plugin;
  image->seen = true;
  image->begin.store(begin, std::memory_order_release);
  return 0;
}

}  // namespace

void nameMark(base::PluginMark mark, const PluginBuild& plugin) {
  const auto index = static_cast<std::size_t>(mark);
  if (index >= kMostMarks) return;
  const std::lock_guard lock(state.mutex);
  state.marks[index].set(plugin);
}

void nameImage(std::string_view path, const PluginBuild& plugin) {
  const std::lock_guard lock(state.mutex);
  Named& one = state.named[state.next_named++ % state.named.size()];
  one.path.set(path);
  one.plugin.set(plugin);
}

void noteImages() {
  const std::lock_guard lock(state.mutex);
  const std::size_t used = state.images_used.load();
  for (std::size_t i = 0; i < used; ++i) state.images[i].seen = false;
  ::dl_iterate_phdr(&noteImage, nullptr);
  for (std::size_t i = 0; i < state.images_used.load(); ++i)
    if (!state.images[i].seen) state.images[i].begin.store(0, std::memory_order_release);
}

const CodeImage* imageAt(std::uintptr_t address) {
  const std::size_t used = state.images_used.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < used; ++i) {
    const CodeImage& image = state.images[i];
    const std::uintptr_t begin = image.begin.load(std::memory_order_acquire);
    if (begin != 0 && address >= begin && address < image.end) return &image;
  }
  return nullptr;
}

const CodeOwner* ownerOf(base::PluginMark mark) {
  const auto index = static_cast<std::size_t>(mark);
  return index == 0 || index >= kMostMarks ? nullptr : &state.marks[index];
}

void forEachImage(void (*each)(const CodeImage& image, void* argument), void* argument) {
  const std::size_t used = state.images_used.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < used; ++i) {
    if (state.images[i].begin.load(std::memory_order_acquire) != 0) each(state.images[i], argument);
  }
}

StackFrame frameAt(std::uintptr_t address) {
  const CodeImage* const image = imageAt(address);
  if (image == nullptr) return {.offset = address};
  return {.build_id = std::string(image->build.view()),
          .offset = address - image->bias,
          .plugin = std::string(image->plugin.id.view()),
          .path = std::string(image->path.view())};
}

}  // namespace revenge::observe
