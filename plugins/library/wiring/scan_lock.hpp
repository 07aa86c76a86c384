// ScanLock: one instance of the plugin writes what is on disk into the catalogue, also while two are loaded in a swap. Held
// with the object. One thread.
#pragma once

#include <string>

#include "disk/folder.hpp"

namespace library {

class ScanLock {
 public:
  explicit ScanLock(const std::string& folder) : path_(folder + "/scan.lock") {}
  // False: another instance holds it.
  bool take();

 private:
  std::string path_;
  revenge::File file_;
};

}  // namespace library
