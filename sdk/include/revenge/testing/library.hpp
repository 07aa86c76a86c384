// Library: the library of a package, mapped into the test as a host maps it, so that a test runs what was really built.
//
//   const revenge::testing::Library library(REVENGE_PLUGIN_LIBRARY);
//   revenge::testing::FakeHost host;
//   auto plugin = host.load(library);
//
// It must outlive the host and what was loaded from it.
#pragma once

#include <stdexcept>
#include <string>

#include <dlfcn.h>

#include <revenge/abi/plugin.h>

namespace revenge::testing {

class Library {
 public:
  // Throws std::runtime_error with the loader's reason.
  explicit Library(const std::string& file) : handle_(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) throw std::runtime_error(reason(file));
    entry_ = reinterpret_cast<revenge_plugin_entry_fn>(dlsym(handle_, REVENGE_PLUGIN_ENTRY));
    if (entry_ != nullptr) return;
    dlclose(handle_);
    throw std::runtime_error(file + ": exports no " REVENGE_PLUGIN_ENTRY);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { dlclose(handle_); }

  revenge_plugin_entry_fn entry() const { return entry_; }

 private:
  static std::string reason(const std::string& file) {
    const char* const why = dlerror();  // NOLINT(concurrency-mt-unsafe): per thread in glibc
    return why == nullptr ? file + ": cannot be loaded" : why;
  }

  void* handle_;
  revenge_plugin_entry_fn entry_ = nullptr;
};

}  // namespace revenge::testing
