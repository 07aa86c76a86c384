// The wiring: configuration, routes, timers and metrics to the library and its sessions.
#include <revenge/catalogue.hpp>
#include <revenge/plugin.hpp>

#include "escape.hpp"
#include "library.hpp"
#include "listing.hpp"
#include "page.hpp"
#include "sessions.hpp"

namespace stream {

using revenge::Errc;
using revenge::fail;
using revenge::Request;
using revenge::Response;
using revenge::Result;
using revenge::Status;

// The names are the keys of the schema in plugin.json.
struct Config {
  std::vector<std::string> folders;
  std::chrono::seconds rescan_s{60};
  bool hidden = false;
  std::size_t max_files = 100'000;
  std::size_t max_sessions = 1000;

  ScanOptions scanning() const { return {folders, hidden, max_files}; }
};
REVENGE_CONFIG(Config, folders, rescan_s, hidden, max_files, max_sessions)

class Stream : public revenge::Plugin<Config> {
 public:
  explicit Stream(revenge::Host& host) : library_(config().scanning()), sessions_(config().max_sessions) {
    revenge::orThrow(Stream::check(config()));
    serve("/", [this](const Request& request) { return home(request); });
    serve("/stream", [this](const Request& request) { return list(request); });
    // Mostly the kernel has the path in its caches: no thread is worth waking then.
    const revenge::RouteOptions quick{.run = revenge::Run::kInline};
    serve("/stream/{id}", [this](const Request& request) { return play(request); }, quick);
    serve("/stream/{id}/info", [this](const Request& request) { return info(request); }, quick);
    host.http().onFinished([this](const revenge::Finished& finished) {
      sessions_.finished(finished.session, clock_());
      sentBytes_.add(static_cast<double>(finished.bytesSent));
    });
    host.timers().every([this] { return config().rescan_s; },
                        [this](const revenge::Call& call) { scan(call); });
    host.timers().every(std::chrono::seconds(5), [this] { countSessions(); });
  }

  Status start() override {
    if (auto able = checkSystem(); !able) return fail(Errc::kUnavailable, able.error());
    scanSoon();
    return {};
  }
  Status health() override {
    std::string reasons;
    for (const std::string& problem : library_.problems()) reasons += (reasons.empty() ? "" : "; ") + problem;
    return reasons.empty() ? Status() : fail(Errc::kUnavailable, reasons);
  }
  Status check(const Config& next) override { return checkFolders(next.folders); }
  void configure(const Config& next) override {
    library_.use(next.scanning());
    sessions_.limitTo(next.max_sessions);
    scanSoon();
  }

  Result<std::string> save() override {
    StateWriter out;
    out.text(kState);
    sessions_.save(out, clock_());
    library_.save(out);
    return out.take();
  }
  Status restore(std::string_view state, std::string_view version) override {
    StateReader in(state);
    const bool restored =
        in.text() == kState && sessions_.restore(in, clock_()) && library_.restore(in) && in.atEnd();
    if (!restored)
      return fail(Errc::kInvalid, "the state saved by " + std::string(version) + " cannot be read");
    countSessions();
    return {};
  }

 private:
  static constexpr std::string_view kState = "stream state 1";
  static constexpr std::chrono::milliseconds kPatience{1000};  // for the first scan

  struct Found {
    CataloguePtr catalogue;
    const Entry* entry;
  };

  template <class Handler>
  void serve(std::string_view pattern, Handler handler, revenge::RouteOptions options = {}) {
    const auto marked = [handler = std::move(handler)](const Request& request) -> Result<Response> {
      static_cast<void>(request.addHeader("revenge-plugin", REVENGE_PLUGIN_ID "/" REVENGE_PLUGIN_VERSION));
      static_cast<void>(request.addHeader("x-content-type-options", "nosniff"));
      return handler(request);
    };
    host().http().get(pattern, marked, options);
  }

  Progress progress() const { return library_.isComplete() ? Progress::kComplete : Progress::kScanning; }

  Result<Response> home(const Request& request) {
    const auto page = parsePage(request.query("offset"), request.query("limit"));
    if (!page) return fail(Errc::kInvalid, page.error());
    const CataloguePtr catalogue = library_.catalogueSoon(kPatience);
    const auto id = parseFingerprint(request.query("play").value_or(""));
    return revenge::html(homePage(*catalogue, *page, id ? catalogue->find(*id) : nullptr, progress()))
        .withHeader("content-security-policy", kPagePolicy)
        .withHeader("cache-control", "no-cache");
  }
  Result<Response> list(const Request& request) {
    const auto page = parsePage(request.query("offset"), request.query("limit"));
    if (!page) return fail(Errc::kInvalid, page.error());
    const CataloguePtr catalogue = library_.catalogueSoon(kPatience);
    return revenge::json(listJson(*catalogue, *page, progress())).withHeader("cache-control", "no-cache");
  }
  Result<Response> info(const Request& request) {
    const Result<Found> found = find(request);
    if (!found) return std::unexpected(found.error());
    return revenge::json(infoJson(*found->entry)).withHeader("cache-control", "no-cache");
  }
  Result<Response> play(const Request& request) {
    constexpr std::size_t kItemIdSize = 36;  // a UUID; ours are shorter
    if (request.param("id").size() == kItemIdSize) return playItem(request);
    const Result<Found> found = find(request);
    if (!found) return std::unexpected(found.error());
    const Wait wait = request.mayBlock() ? Wait::kAllowed : Wait::kNever;
    Opened<revenge::File> opened = Library::open(*found->catalogue, *found->entry, wait);
    if (!opened && wait == Wait::kNever) return fail(Errc::kBusy, "to be opened where waiting is allowed");
    if (!opened)
      return refused(request, found->catalogue->folderOf(*found->entry) + "/" + found->entry->path,
                     opened.error());
    return begin(request, std::move(*opened), found->entry->id, *found->entry->type);
  }
  // Of an item of the catalogue; ?file= chooses among its files.
  Result<Response> playItem(const Request& request) {
    if (!request.mayBlock()) return fail(Errc::kBusy, "the catalogue is asked where waiting is allowed");
    const std::string_view which = request.query("file").value_or("");
    const auto located = items_.locate(request.call(), request.param("id"), which);
    if (!located) {
      if (located.error().code == Errc::kUnavailable)
        static_cast<void>(request.addHeader("retry-after", "5"));
      return std::unexpected(located.error());
    }
    const MediaType* const type = mediaTypeOf(located->path);
    if (type == nullptr) return fail(Errc::kNotFound, "the file is of no type that is played");
    const std::string path = located->root + "/" + located->path;
    const Opened<Root> root = Root::open(located->root);
    if (!root) return refused(request, path, root.error());
    Opened<revenge::File> opened = root->openFile(located->path);
    if (!opened) return refused(request, path, opened.error());
    return begin(request, std::move(*opened), fingerprintOf({"item", request.param("id"), which}), *type);
  }
  Result<Response> begin(const Request& request, revenge::File opened, const Fingerprint& id,
                         const MediaType& type) {
    std::string session;
    if (request.method() == revenge::Method::kGet) {
      auto play =
          sessions_.begin(request.remoteAddress(), request.header("user-agent").value_or(""), id, clock_());
      if (!play) return tooMany(request);
      if (play->isNew) sessionsTotal_.add();
      sessionsActive_.set(static_cast<double>(sessions_.active()));
      session = std::move(play->session);
    }
    return revenge::file(std::move(opened), std::string(type.mime)).withSession(std::move(session));
  }

  Result<Found> find(const Request& request) {
    if (!request.mayBlock() && !library_.isComplete()) return fail(Errc::kBusy, "the first scan is awaited");
    CataloguePtr catalogue = library_.catalogueSoon(kPatience);
    const auto id = parseFingerprint(request.param("id"));
    if (const Entry* entry = id ? catalogue->find(*id) : nullptr) return Found{std::move(catalogue), entry};
    if (library_.isComplete()) return fail(Errc::kNotFound, "no such file in the library");
    static_cast<void>(request.addHeader("retry-after", "1"));
    return fail(Errc::kUnavailable, "the library is still being read");
  }
  Result<Response> tooMany(const Request& request) {
    static_cast<void>(request.addHeader("retry-after", "10"));
    return fail(Errc::kUnavailable, "too many playback sessions (max_sessions)");
  }
  // The client learns that it cannot have the file; why is for the operator.
  Result<Response> refused(const Request& request, const std::string& path, const OpenError& error) {
    host().log().during(request.call()).warn("cannot serve " + printable(path) + ": " + error.text);
    if (error.why == OpenError::Why::kForbidden) return fail(Errc::kRefused, "the file is not readable");
    if (error.why == OpenError::Why::kBusy) return fail(Errc::kUnavailable, "the file is busy");
    const bool internal = error.why == OpenError::Why::kFailed || error.why == OpenError::Why::kUnsupported;
    return fail(internal ? Errc::kIo : Errc::kNotFound, "the file is no longer there");
  }

  void scanSoon() {
    const Status queued = host().timers().submit([this](const revenge::Call& call) { scan(call); });
    if (!queued) host().log().warn("the scan waits for the next rescan: " + queued.error().message);
  }
  void scan(const revenge::Call& call) {
    const auto began = clock_();
    const auto scanned = library_.scan([&call] { return call.cancelled(); });
    if (!scanned) return;
    const std::size_t files = scanned->catalogue->entries().size();
    files_.set(static_cast<double>(files));
    for (const std::string& problem : scanned->problems) host().log().warn(problem);
    for (const std::string& refusal : scanned->refusals) host().log().info("not followed: " + refusal);
    host().log().debug("scanned", {{"files", files}, {"took", clock_() - began}});
  }
  void countSessions() { sessionsActive_.set(static_cast<double>(sessions_.expire(clock_()))); }

  const revenge::Clock clock_ = host().clock();
  const revenge::Counter sessionsTotal_ =
      host().metrics().counter("sessions_total", "Playback sessions begun.");
  const revenge::Gauge sessionsActive_ = host().metrics().gauge("sessions_active", "Playback sessions now.");
  const revenge::Counter sentBytes_ =
      host().metrics().counter("sent_bytes_total", "Bytes of media files sent.");
  const revenge::Gauge files_ = host().metrics().gauge("files", "Media files in the library.");
  const revenge::Catalogue items_{host()};
  Library library_;
  Sessions sessions_;
};

}  // namespace stream

REVENGE_PLUGIN(stream::Stream)
