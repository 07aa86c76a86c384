// A loaded library. Owned by whoever loaded it; made by Loader::load. Thread safety: everything but path()
// and the other plain readers is serialised by the owner; no I/O thread may call load or unload.
//
// The destructor never unmaps code: only unload() does, after looking for leftovers. An Image that ends while
// still mapped pins the library for the rest of the process, which is always safe.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <revenge/abi/plugin.h>

#include "base/result.hpp"
#include "module/elf_verdict.hpp"
#include "module/handshake.hpp"
#include "module/leftovers.hpp"
#include "module/library.hpp"
#include "module/private_copy.hpp"

namespace revenge::module {

struct Unloaded {
  bool unmapped = false;
  std::vector<std::string> why;  // when not: what holds it, one line each
};

class Image {
 public:
  // Requires: `library` was judged and, when unknown, probed. Shakes hands; on failure the library is
  // unloaded again.
  static base::Result<std::unique_ptr<Image>> load(PrivateCopy copy, const std::string& library,
                                                   Verdict verdict);

  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  ~Image();

  const PluginDescriptor& descriptor() const { return descriptor_; }
  const Verdict& verdict() const { return verdict_; }
  const std::filesystem::path& path() const { return path_; }
  std::size_t bytesMapped() const { return library_.bytesMapped(); }
  bool mapped() const { return library_.isMapped(); }
  // Whether an address lies in this library: crash attribution.
  bool contains(const void* address) const {
    return library_.range().contains(reinterpret_cast<std::uintptr_t>(address));
  }

  // What keeps the library from being unmapped now. Empty: unload() may go on to dlclose.
  std::vector<std::string> leftovers(const KnowsThread& knows) const;

  // Leftovers check, dlclose, proof. May be called again later: a library that stayed because of a thread or
  // a thread_local goes once those ended. Requires: no call runs in the library and nobody will enter it
  // again.
  Unloaded unload(const KnowsThread& knows);

 private:
  Image(PrivateCopy copy, std::filesystem::path path, Library library, Verdict verdict);

  PrivateCopy copy_;
  std::filesystem::path path_;
  Verdict verdict_;
  Library library_;
  PluginDescriptor descriptor_;
  std::set<pid_t> threadsBefore_;
};

}  // namespace revenge::module
