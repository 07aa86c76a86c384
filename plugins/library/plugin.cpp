// The wiring: which threads there are, and what is told to whom.
#include <optional>

#include <revenge/plugin.hpp>

#include "wiring/catalogue_service.hpp"
#include "wiring/cursor_key.hpp"
#include "wiring/operator_commands.hpp"
#include "wiring/probing.hpp"
#include "wiring/routes.hpp"
#include "wiring/scan_lock.hpp"
#include "wiring/scan_queue.hpp"
#include "wiring/schema.hpp"

namespace library {

using revenge::Errc;
using revenge::fail;

// The names are the keys of the schema in plugin.json.
struct Config {
  std::vector<std::string> folders_within{"/"};
  bool watch = true;
  std::int64_t rescan_s = 3600;
  std::int64_t poll_s = 60;
  bool follow_links = false;
  std::int64_t keep_missing_days = 30;
  std::string ffprobe = "ffprobe";
  std::size_t probes = 2;
  std::int64_t probe_timeout_s = 60;

  ScanQueueOptions scanning() const {
    constexpr std::int64_t kSecond = 1000;
    constexpr std::int64_t kDayUs = std::int64_t{86'400} * 1'000'000;
    return {.rescan_ms = rescan_s * kSecond,
            .poll_ms = poll_s * kSecond,
            .watch = watch,
            .scanner = {.follow_links = follow_links, .keep_missing_us = keep_missing_days * kDayUs}};
  }
};
REVENGE_CONFIG(Config, folders_within, watch, rescan_s, poll_s, follow_links, keep_missing_days, ffprobe,
               probes, probe_timeout_s)

class LibraryPlugin : public revenge::Plugin<Config> {
 public:
  explicit LibraryPlugin(revenge::Host& host)
      : sql_(host.sql()),
        catalogue_(host, sql_, config().follow_links),
        probing_(host, sql_, {config().ffprobe, std::chrono::seconds(config().probe_timeout_s)},
                 [this](std::int64_t root, std::int64_t folder) { scans_.touch(root, folder); }),
        scans_(host, sql_, config().scanning(), [this] { probing_.wake(); }),
        routes_(host, sql_, scans_,
                {.allowed = config().folders_within, .cursor_key = cursorKey(host.paths().state())}),
        commands_(host, sql_, scans_, config().scanning().scanner.keep_missing_us),
        lock_(host.paths().state()) {
    host.services().provide(CatalogueService::table(), &catalogue_);
    host.health().check("library", [this](const revenge::Call&) { return told(); });
    constexpr int kStopAccepting = 0;
    host.spawn().onShutdown("library: stop scanning", [this] { close(); }, {.priority = kStopAccepting});
  }

  revenge::Status start() override {
    if (revenge::Status migrated = migrate(sql_, host().call()); !migrated) return migrated;
    host().spawn().thread("scan", [this](const revenge::StopToken& stop, const revenge::Call& call) {
      while (!lock_.take())
        if (!stop.sleep(std::chrono::milliseconds(200))) return;
      scans_.scanAll(stop, call);
    });
    host().spawn().thread("watch", [this](const revenge::StopToken& stop) { scans_.watchAll(stop); });
    for (std::size_t i = 0; i < config().probes; ++i) {
      host().spawn().thread("probe", [this](const revenge::StopToken& stop, const revenge::Call& call) {
        probing_.run(stop, call);
      });
    }
    return {};
  }
  revenge::Status stop() override {
    close();
    return {};
  }

 private:
  void close() {
    scans_.close();
    probing_.close();
  }
  revenge::Status told() const {
    std::string trouble = scans_.trouble();
    if (const std::string probing = probing_.trouble(); !probing.empty())
      trouble += (trouble.empty() ? "" : "; ") + probing;
    return trouble.empty() ? revenge::Status() : fail(Errc::kUnavailable, trouble);
  }

  revenge::Sql sql_;
  CatalogueService catalogue_;
  Probing probing_;
  ScanQueue scans_;
  Routes routes_;
  OperatorCommands commands_;
  ScanLock lock_;
};

}  // namespace library

REVENGE_PLUGIN(library::LibraryPlugin)
