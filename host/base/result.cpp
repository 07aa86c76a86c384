#include "base/result.hpp"

#include <system_error>

namespace revenge::base {

std::string errnoText(int error) { return std::generic_category().message(error); }

}  // namespace revenge::base
