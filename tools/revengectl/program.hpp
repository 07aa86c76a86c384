// Another program of this installation, run to its end. Thread safety: confined to one thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace revenge::ctl {

// What the program `name` beside this one prints on standard output; its standard error is ours. Errors: kNotFound (there is
// none), kIo, kFailed (it did not end with 0).
base::Result<std::string> outputOfNeighbour(const std::string& name,
                                            const std::vector<std::string>& arguments);

}  // namespace revenge::ctl
