// The upkeep of an SQLite file, by SQLite's own means.
#pragma once

#include <functional>
#include <memory>

#include "pool.hpp"
#include "sqlite/session.hpp"
#include "upkeep.hpp"

namespace database::sqlite {

// `hold_writes` gives the connection that writes: as long as it is held, no plugin's write is under way.
std::unique_ptr<Upkeep> upkeep(Settings settings, Time& time,
                               std::function<Result<Pool::Lent>(const Limit&)> hold_writes);

}  // namespace database::sqlite
