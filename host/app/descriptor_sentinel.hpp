// A descriptor of the host that nobody uses: when it is gone, so are others, and a host whose reactor or listeners were closed
// under it looks alive and serves nobody. Whoever closes "all" descriptors hits it. Thread safety: any thread.
#pragma once

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace revenge::app {

class DescriptorSentinel {
 public:
  static base::Result<DescriptorSentinel> post();

  // Whether its number still is what it was.
  bool isThere() const;

 private:
  DescriptorSentinel(base::UniqueFd file, dev_t device, ino_t number);

  base::UniqueFd file_;
  dev_t device_;
  ino_t number_;
};

}  // namespace revenge::app
