// walk(): every folder of a library below one of its folders, each once, parents before what is in them. Iterative, one stat
// for each media file; loops end because each folder is known by device and inode. Blocks; on the caller's thread.
//
// Links: what they lead to inside the root is listed by its real path. What lies outside is followed if told so; its paths
// are below the link. Ignored: folders a system keeps for itself, and what .revengeignore (the rules of .gitignore), .ignore (the
// same; empty: everything) and .nomedia say.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "disk/folder.hpp"

namespace library::disk {

class WalkSink {
 public:
  virtual ~WalkSink() = default;
  // Before it is read: what changes from here on may be in what is read, or not.
  virtual void entering(const std::string& path) = 0;
  // False: the walk ends here.
  virtual bool folder(const std::string& path, const std::vector<MediaFile>& files) = 0;
  // It could not be read: nothing is known of what is below.
  virtual void unreadable(const std::string& path, int error) = 0;
  // Not followed: it leads out of the root, or to a folder that was read already.
  virtual void refused(const std::string& link, const std::string& target) = 0;
};

struct WalkOptions {
  bool follow_links = false;  // out of the root
  bool below = true;          // false: the folder alone
};

// Folders that a scan has been in, over all its roots.
using Visited = std::set<FolderId>;

void walk(const Root& root, const std::string& from, const WalkOptions& options, Visited& visited,
          WalkSink& sink);

}  // namespace library::disk
