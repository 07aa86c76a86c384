// Programs of PostgreSQL as children of the host.
#pragma once

#include <revenge/plugin.hpp>

#include "postgresql/dumps.hpp"

namespace database {

// `host` outlives what is returned. Not on an I/O thread.
postgresql::RunProgram runsOn(revenge::Host& host, Time& time);

}  // namespace database
