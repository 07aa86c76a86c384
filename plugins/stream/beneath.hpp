// Root: opens what lies below one folder, and nothing else.
//
// The check is the open itself (openat2 with RESOLVE_BENEATH): the kernel resolves the whole path and refuses one
// that leaves the folder by "..", an absolute path or a link, also when a folder is exchanged for a link
// meanwhile. Links that stay inside are followed, unless they are written as absolute paths.
// Rationale: there is no fallback for kernels without openat2 (before Linux 5.6, or filtered). Walking the path by
// hand is either racy or follows no link at all; such a host serves nothing and says why.
//
// With Wait::kNever nothing is read from a disk or a network: what the kernel has not in its caches is kBusy.
//
// A Root holds its folder open, which keeps a file system from being unmounted: make one for each piece of work.
// Safe from any thread.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include <sys/stat.h>

#include <revenge/file.hpp>

namespace stream {

struct OpenError {
  enum class Why {
    kMissing,      // nothing there, or no longer
    kForbidden,    // the permissions say no
    kOutside,      // it leads out of the folder
    kNotRegular,   // a directory, pipe, socket or device
    kBusy,         // trying again helps, or waiting does
    kUnsupported,  // this kernel has no openat2, or a filter forbids it
    kFailed,       // the system's text says what
  };
  Why why;
  std::string text;
};

template <class T>
using Opened = std::expected<T, OpenError>;

enum class Wait { kAllowed, kNever };

class Root {
 public:
  // `folder` is trusted: it may be a link itself.
  static Opened<Root> open(const std::string& folder, Wait wait = Wait::kAllowed);

  // A regular file, for reading. A pipe, socket or device is refused and never waited for.
  Opened<revenge::File> openFile(const std::string& relative, Wait wait = Wait::kAllowed) const;
  // "" is the folder itself.
  Opened<revenge::File> openFolder(const std::string& relative) const;
  // What a path leads to, without opening it for reading.
  Opened<struct stat> inspect(const std::string& relative) const;

 private:
  explicit Root(revenge::File folder) : folder_(std::move(folder)) {}

  revenge::File folder_;
};

// Whether this system can open files safely at all; the error is made for the operator.
std::expected<void, std::string> checkSystem();

}  // namespace stream
