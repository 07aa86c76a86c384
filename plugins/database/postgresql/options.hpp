// What libpq makes of a URL; freed at its end.
#pragma once

#include <memory>
#include <string>

#include <libpq-fe.h>

#include <revenge/result.hpp>

namespace database::postgresql {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

// kInvalid: why it is none, without what stands in it.
revenge::Result<Options> parsed(const std::string& url);

}  // namespace database::postgresql
