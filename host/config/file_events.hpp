// Tells that something may have changed at or on the way to some paths: inotify on every folder that a look-up of each
// passes through, over symbolic links, and on the file at its end. Which event it was says little (editors rename, write
// in place, swap links), so all of them say the same; but in a folder only the names that the look-up asks for count, since
// it may be a busy one, such as /tmp. Thread safety: confined to one thread. One inotify instance.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>

#include "base/unique_fd.hpp"

namespace revenge::config {

class FileEvents {
 public:
  using Open = int (*)();  // inotify_init1, or what a test puts in its place
  explicit FileEvents(Open open = &openInotify);

  // Follows each path as it leads now; to be called again after every event, since folders and links may be others then.
  // Without an instance it asks for one first.
  void arm(std::span<const std::string> paths);
  // Whether anything happened to them since the last call; an overflow of the queue may hide it, and counts. Never waits.
  bool drain();

  int descriptor() const {
    return inotify_.get();
  }  // readable when drain() has something to say; -1: there is none
  const std::string& trouble() const {
    return trouble_;
  }  // why some changes will not be told; empty: all will be

 private:
  static int openInotify();
  bool concerns(int watch, const char* name) const;

  using Names = std::set<std::string, std::less<>>;  // in a folder; empty: all, and the thing itself

  const Open open_;
  base::UniqueFd inotify_;
  std::map<int, Names> watches_;
  std::string trouble_;
};

}  // namespace revenge::config
