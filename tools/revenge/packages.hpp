// The numbered packages that were handed to a host: <build>/dev/<number>/<id>, each whole and never changed again, so that
// the host finds what it was told to run, and what it may go back to, when it starts again. Thread safety: confined to one
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include "base/result.hpp"
#include "revenge/project.hpp"

namespace revenge::author {

struct Package {
  std::uint64_t number = 0;
  std::string id;
  std::string version;           // with the number
  std::filesystem::path folder;  // absolute
};

class Packages {
 public:
  explicit Packages(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // A copy of what was built, under the next number.
  base::Result<Package> add(const Product& product);
  // What tells one build from another: the manifest, which has the library's hash, and the other files.
  static base::Result<std::string> fingerprint(const std::filesystem::path& package);
  // Whether `folder` is a numbered copy of what is built now; its version then, else empty.
  static std::string numberedCopy(const Product& product, const std::filesystem::path& folder);
  // All but those.
  void keepOnly(const std::set<std::filesystem::path>& kept) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace revenge::author
