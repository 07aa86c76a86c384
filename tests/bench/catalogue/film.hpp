// The table that is asked, and a row of it decoded, which both sides do in full. Constants and a value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

inline constexpr std::int64_t kFilms = 10'000;

struct Film {
  std::int64_t id = 0;
  std::string title = {};
  std::string folder = {};
  std::int64_t year = 0;
  double rating = 0;

  bool operator==(const Film&) const = default;
};

using Films = std::vector<Film>;

// $1: an id.
inline constexpr const char* kPoint = "SELECT id, title, folder, year, rating FROM bench_film WHERE id = $1";
inline constexpr const char* kPage =
    "SELECT id, title, folder, year, rating FROM bench_film WHERE id >= $1 ORDER BY id LIMIT 100";

// A client library with this table, on the same database as the service; its statements are prepared once. One thread.
class Client {
 public:
  virtual ~Client() = default;
  virtual void ask(const char* statement, std::int64_t id, Films& films) = 0;  // films replaced; throws
};

}  // namespace bench
