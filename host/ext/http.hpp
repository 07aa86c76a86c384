// Adapter of revenge.http/1 over room http: keeps what instances registered, builds the router of each generation from
// it, and passes requests across the boundary. Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include <revenge/abi/http.h>

#include "ext/finished_reports.hpp"
#include "flags/kept_answers.hpp"
#include "http/exchange.hpp"
#include "http/route.hpp"
#include "http/router.hpp"
#include "plugin/capabilities.hpp"
#include "runtime/lanes.hpp"
#include "service/domain.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class HttpAdapter {
 public:
  struct Parts {
    service::Domain& domain;
    runtime::Lanes& lanes;
    base::Scheduler& scheduler;
    service::Facet<http::Router> router;
    service::Facet<Listeners> listeners;
    std::vector<http::Route> host_routes;  // /health, /metrics
    flags::KeptAnswers* who_is_in =
        nullptr;  // what the flags of routes said; null: every route takes everybody
  };
  explicit HttpAdapter(Parts parts)
      : parts_(std::move(parts)),
        reports_(parts_.domain, parts_.lanes, parts_.scheduler, parts_.listeners),
        registered_(kHandleKind) {}
  static const revenge_http& table();

  // Once, before the first plugin is loaded: the server that carries the answers.
  void serveThrough(http::Exchanges& exchanges) { exchanges_ = &exchanges; }
  http::CallState stateOf(revenge_handle cancel) const { return exchanges_->state(cancel); }
  // To be called by the server when a response with a session has ended. On an I/O thread.
  void finished(const http::Finished& finished) { reports_.add(finished); }
  // To be called by the server when a request is over whose end was asked for. On an I/O thread; false: it lost its loop.
  bool ended(const http::RequestEnd& end);

  base::Result<> contribute(service::GenerationBuilder& next, const plugin::Scene& scene);
  std::vector<std::string> withdraw(const revenge_host& host);
  std::size_t count(const revenge_host& host) const { return registered_.count(host.instance); }

 private:
  friend struct HttpTable;
  using Registration = std::variant<http::Route, http::Middleware, revenge_http_listener>;
  static constexpr std::uint8_t kHandleKind = 11;
  static constexpr std::size_t kMaxRegistrations = 1000;  // of one instance

  struct Registered {
    const revenge_host* host;
    Registration what;
  };

  // The routes and middleware of a plugin that is away: its absence policies answer for it.
  struct Remembered {
    std::vector<http::Route> routes;
    std::vector<http::Middleware> middleware;
  };

  http::Owner ownerOf(const revenge_host& host) const;
  base::Result<> gate(http::Route& route, std::string_view flag) const;
  Remembered lastOf(const std::string& id);
  static Remembered awayFrom(const std::vector<Registered>& registered);

  Parts parts_;
  FinishedReports reports_;
  http::Exchanges* exchanges_ = nullptr;
  service::HandleTable<Registered> registered_;
  std::mutex mutex_;
  std::map<std::string, Remembered, std::less<>> remembered_;  // by plugin id; guarded by mutex_
};

}  // namespace revenge::ext
