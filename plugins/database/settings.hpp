// The plugin's configuration, by the names and defaults of plugin.json, and what follows from it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "database.hpp"

namespace database {

struct Settings {
  std::string url;
  std::string file;
  std::uint32_t max_connections = 0;
  std::uint32_t min_connections = 2;
  std::chrono::seconds lifetime_s{3600};
  std::chrono::seconds idle_s{1800};
  std::chrono::milliseconds acquire_timeout_ms{5000};
  std::chrono::milliseconds query_timeout_ms{5000};
  std::chrono::milliseconds transaction_timeout_ms{30'000};
  std::chrono::seconds leak_after_s{30};
  std::chrono::milliseconds slow_query_ms{500};
  std::uint32_t max_result_mib = 16;
  std::uint32_t statements = 256;
  std::string backup_folder;
  double backup_every_h = 0;
  std::uint32_t backup_keep = 7;

  // Why it cannot be used; empty: it can.
  std::string refusal() const;
  bool isPostgresql() const { return !url.empty(); }
  DatabaseOptions options(unsigned cores) const;
  // Between two backups; zero: none are made by themselves.
  Duration backupEvery() const;
};

}  // namespace database
