// The files of the configuration on their way from one content to another: first everything is written beside them, where a
// disk or a permission may refuse, later all of it takes their places. Thread safety: confined to one thread.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "base/replace_file.hpp"
#include "base/result.hpp"
#include "config/sources.hpp"

namespace revenge::app {

class FileChanges {
 public:
  // From what is on disk to `next`; secrets are left alone. A new file has at most the mode `at_most`.
  static base::Result<FileChanges> prepare(const config::Sources& on_disk, const config::Sources& next,
                                           mode_t at_most);
  // A text on disk that is not among these is somebody's work that nobody else has: commit() keeps a copy beside the file.
  void spare(const config::Sources& known);

  // kIo: some could not be put there; those that were are as before again.
  base::Result<> commit();

  const std::vector<std::string>& files() const { return files_; }    // that change or go
  const std::vector<std::string>& copies() const { return copies_; }  // of what would have been lost

 private:
  base::Result<> keepCopy(const config::Source& source);

  struct Put {
    std::string path;
    base::Replacement replacement;
  };
  std::vector<Put> puts_;
  std::vector<std::string> removals_;
  config::Sources on_disk_;
  config::Sources spared_;
  std::vector<std::string> files_;
  std::vector<std::string> copies_;
};

}  // namespace revenge::app
