#include "scan/signature.hpp"

#include <string_view>

namespace library {

namespace {

std::uint64_t hashed(std::string_view name) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

}  // namespace

Signature signatureOf(std::span<const disk::MediaFile> files) {
  Signature sum{};
  if (files.empty()) return sum;
  for (const disk::MediaFile& file : files) {
    std::uint64_t one = mixed(hashed(file.name) + kNamingRevision);
    one = mixed(one ^ file.bytes);
    one = mixed(one ^ static_cast<std::uint64_t>(file.modified_ns));
    one = mixed(one ^ file.inode);
    sum[0] += one;
    sum[1] += mixed(one);
  }
  sum[0] += files.size();
  return sum;
}

}  // namespace library
