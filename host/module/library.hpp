// A dynamic library in this process: the only place that knows Boost.DLL. Thread safety: confine each object to its
// owner; the loader itself serialises. Nothing here decides: see Image.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include <revenge/abi/plugin.h>

#include "base/result.hpp"
#include "module/leftovers.hpp"

namespace revenge::module {

class Library {
 public:
  // RTLD_NOW | RTLD_LOCAL. `path` must be absolute and never used before. The message is the loader's own.
  static base::Result<Library> load(const std::filesystem::path& path);

  Library(Library&&) noexcept;
  Library& operator=(Library&&) noexcept;
  ~Library();  // closes, unless pinned

  base::Result<revenge_plugin_entry_fn> entry() const;
  const AddressRange& range() const { return range_; }
  std::size_t bytesMapped() const { return bytesMapped_; }

  bool isOpen() const;
  void close();
  // The proof: whether the loader still lists the path.
  bool isMapped() const;
  // glibc frees a library that a thread_local held only at a later close after that thread ended: this is such a close.
  void reap();
  // Keeps the library mapped for the rest of the process.
  void pin();

 private:
  struct Handle;
  Library(std::filesystem::path path, std::unique_ptr<Handle> handle);

  std::filesystem::path path_;
  std::unique_ptr<Handle> handle_;
  AddressRange range_;
  std::size_t bytesMapped_ = 0;
};

// Loads a third-party library that a plugin is linked with, to stay: plugins come and go, what they leave inside such a
// library does not. Fails when it is not installed.
base::Result<> keepResident(const std::string& soname);

}  // namespace revenge::module
