// Libraries that were stopped but are still mapped: never called, counted, shown with the reason. Thread
// safety: any thread; sweeping serialises. The owner caps it by asking count() before it loads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "module/image.hpp"

namespace revenge::module {

struct RetiredImage {
  std::string id;
  std::string version;
  std::filesystem::path path;
  std::size_t bytesMapped = 0;
  std::vector<std::string> why;
};

class Retired {
 public:
  void add(std::unique_ptr<Image> image, std::vector<std::string> why);
  // Tries again to unload each; returns those that went. For every swap and a slow timer; `knows` must not sweep.
  std::vector<RetiredImage> sweep(const KnowsThread& knows);

  std::vector<RetiredImage> list() const;
  std::size_t count() const;
  std::size_t bytesMapped() const;

 private:
  struct Entry {
    std::unique_ptr<Image> image;
    std::vector<std::string> why;
    RetiredImage describe() const;
  };

  std::mutex
      sweeping_;  // only a sweep removes entries; held while destructors of a plugin run, never by readers
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace revenge::module
