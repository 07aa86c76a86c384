// What the server counts about requests. Labels come from fixed sets, whatever a client sends: methods it knows, patterns of
// routes, classes of status. Thread safety: everything from any thread, except that each loop keeps its own KnownSeries.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "http/route.hpp"
#include "observe/metrics.hpp"

namespace revenge::http {

// One request that has ended.
struct Served {
  std::string_view plugin = {};       // whose handler answered; empty: the host itself
  std::optional<Method> method = {};  // nothing: none that the server knows
  std::string_view route = {};        // the pattern; empty: no route matched
  unsigned status = 0;
  std::uint64_t bytes = 0;
  base::Duration took = {};
  const observe::Exemplar* sampled = nullptr;  // its trace, when that is kept
};

// One loop's way to the series, without a lock once they are known.
class KnownSeries {
 private:
  friend class RequestStats;
  struct Kind {
    std::string_view plugin;
    std::string_view route;
    std::uint8_t method;
    std::uint8_t status_class;

    bool operator==(const Kind&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Kind& kind) const;
  };
  struct Entry {
    std::string plugin;  // what the kind's views look at
    std::string route;
    observe::Counter requests;
  };

  std::uint64_t departures_ = 0;
  std::unordered_map<Kind, std::unique_ptr<Entry>, Hash> requests_;
  struct OfPlugin {
    observe::Histogram durations;
    observe::Counter bytes;
  };
  std::map<std::string, OfPlugin, std::less<>> plugins_;
};

class RequestStats {
 public:
  RequestStats(observe::Metrics& metrics, std::string_view server);

  void begun() const { in_flight_.add(1); }
  void ended() const { in_flight_.add(-1); }
  void finished(KnownSeries& known, const Served& served) const;
  void connections(double change) const { connections_.add(change); }
  void refusedConnection() const { refused_.add(); }
  void refusedProxy() const { refused_proxies_.add(); }

 private:
  const observe::Counter& requests(KnownSeries& known, const Served& served) const;
  const KnownSeries::OfPlugin& ofPlugin(KnownSeries& known, std::string_view plugin) const;

  const observe::Metrics& metrics_;
  mutable observe::MetricScope scope_;
  std::string server_;
  observe::Gauge in_flight_;
  observe::Counter bytes_;
  observe::Gauge connections_;
  observe::Counter refused_;
  observe::Counter refused_proxies_;
};

}  // namespace revenge::http
