#include "settings.hpp"

#include <algorithm>

namespace database {

std::string Settings::refusal() const {
  if (!url.empty() && !url.starts_with("postgresql://") && !url.starts_with("postgres://"))
    return "url: expected postgresql://..., or nothing for SQLite";
  if (!url.empty() && !file.empty())
    return "file: it is SQLite's, and url names a PostgreSQL; leave one of them empty";
  if (max_connections > 0 && min_connections > max_connections)
    return "min_connections: more than max_connections";
  return {};
}

Duration Settings::backupEvery() const {
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, std::ratio<3600>>(backup_every_h));
}

DatabaseOptions Settings::options(unsigned cores) const {
  DatabaseOptions options;
  options.max_connections = max_connections > 0 ? max_connections : std::max(4U, cores);
  options.min_connections = min_connections;
  options.acquire_limit = acquire_timeout_ms;
  options.query_limit = query_timeout_ms;
  options.transaction_limit = transaction_timeout_ms;
  options.slow = slow_query_ms;
  options.max_bytes = std::uint64_t{max_result_mib} << 20U;
  options.pool.lifetime = lifetime_s;
  options.pool.idle = idle_s;
  options.pool.leak_after = leak_after_s;
  return options;
}

}  // namespace database
