// A file that is written beside its place and put there when it is whole; until then, and when it never is, there is none.
// Thread safety: confined to one thread.
#pragma once

#include <string>

#include <revenge/result.hpp>

namespace database {

class PartFile {
 public:
  // kNotFound: its folder is missing; kExists: something is there already. Both name it.
  static revenge::Status mayBegin(const std::string& file);

  explicit PartFile(std::string file) : file_(std::move(file)), part_(file_ + ".part") { remove(); }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile() { remove(); }

  const std::string& name() const { return part_; }
  // On the disk, with its name, before this returns. kExists: somebody else was there meanwhile.
  revenge::Status put();

 private:
  void remove() const;

  const std::string file_;
  const std::string part_;
};

}  // namespace database
