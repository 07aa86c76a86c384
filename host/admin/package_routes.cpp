// Packages of this host: installed from the body of a request, listed, removed.
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/ranges.h>

#include "admin/control_table.hpp"
#include "admin/json.hpp"
#include "admin/request.hpp"
#include "admin/views.hpp"

namespace revenge::admin {

namespace {

using base::Errc;
using base::fail;

// As long as a slow line takes for a large package; one that stands still ends sooner.
constexpr std::chrono::minutes kPatience{10};

// The body piece by piece, on a thread that may wait.
class BodyPieces {
 public:
  explicit BodyPieces(http::Exchange& exchange) : exchange_(exchange) {}

  // Valid until the next call; empty: the end.
  base::Result<std::string_view> next() {
    const auto pending = std::make_shared<Pending>();
    std::string_view piece;
    revenge_status status = exchange_.exchanges().bodyRead(
        exchange_.owner(), exchange_.handle(), piece, [pending](revenge_status came, std::string_view bytes) {
          {
            const std::lock_guard lock(pending->mutex);
            pending->status = came;
            pending->piece = bytes;
          }
          pending->changed.notify_one();
        });
    if (status == REVENGE_PENDING) {
      std::unique_lock lock(pending->mutex);
      pending->changed.wait(lock, [&] { return pending->status != REVENGE_PENDING; });
      status = pending->status;
      piece = pending->piece;
      last_ = pending;
    }
    if (status == REVENGE_OK) return piece;
    if (status == REVENGE_END) return std::string_view();
    if (status == REVENGE_LIMIT)
      return fail(Errc::kLimit, "package refused: larger than {} bytes", plugin::kMaxPackageFileBytes);
    return fail(Errc::kCancelled, "package refused: its bytes did not arrive");
  }

 private:
  struct Pending {  // outlives a read that is given up
    std::mutex mutex;
    std::condition_variable changed;
    revenge_status status = REVENGE_PENDING;
    std::string piece;
  };
  http::Exchange& exchange_;
  std::shared_ptr<Pending> last_;  // holds the piece that was given
};

std::string describe(const plugin::Installed& installed, const plugin::InstallWish& wish) {
  Json json;
  json.object().key("id").text(installed.id).key("version").text(installed.version);
  json.key("folder").text(installed.folder.string()).key("signature").text(installed.signature);
  json.key("outcome").text(plugin::name(installed.outcome)).key("ran").text(installed.runs);
  json.key("anew").boolean(installed.anew).key("dry_run").boolean(wish.dry_run);
  json.key("removed").texts(installed.removed).key("warnings").texts(installed.warnings);
  json.key("report");
  if (installed.report) {
    json.raw(admin::describe(*installed.report));
  } else {
    json.null();
  }
  json.end();
  return json.take();
}

std::string describe(const plugin::Removal& removal) {
  Json json;
  json.object().key("id").text(removal.id).key("versions").texts(removal.versions);
  json.key("disabled").boolean(removal.disabled).end();
  return json.take();
}

std::string describe(const std::vector<plugin::PackageView>& packages) {
  Json json;
  json.object().key("packages").array();
  for (const plugin::PackageView& each : packages) {
    json.object().key("id").text(each.id).key("version").text(each.version);
    json.key("folder").text(each.folder.string()).key("serves").boolean(each.serves);
    json.key("chosen").boolean(each.chosen).key("way_back").boolean(each.way_back).end();
  }
  json.end().end();
  return json.take();
}

base::Result<plugin::Installed> install(plugin::Packages& packages, http::Exchange& exchange,
                                        const plugin::InstallWish& wish) {
  auto incoming = packages.receive();
  if (!incoming) return std::unexpected(incoming.error());
  BodyPieces pieces(exchange);
  while (true) {
    const auto piece = pieces.next();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) break;
    if (auto taken = incoming->take(*piece); !taken)
      return fail(taken.error().code, "package refused: {}", taken.error().message);
  }
  return packages.install(std::move(*incoming), wish);
}

// The body is read before the answer begins: a client that still sends does not listen.
revenge_status install(plugin::Packages& packages, http::Exchange& exchange, Deed& deed) {
  const plugin::InstallWish wish{queryParameter(exchange, "enable") == "1",
                                 queryParameter(exchange, "dry_run") == "1"};
  const auto installed = install(packages, exchange, wish);
  deed.what = "install";
  if (!installed) {
    deed.failure = installed.error();
    return refuse(exchange, installed.error());
  }
  if (wish.dry_run) {
    deed.what.clear();
  } else {
    deed = {fmt::format("install {} {}", installed->id, installed->version),
            installed->runs,
            std::string(plugin::name(installed->outcome)),
            {}};
  }
  return answer(exchange, 200, describe(*installed, wish));
}

revenge_status remove(plugin::Packages& packages, http::Exchange& exchange, std::string_view version,
                      Deed& deed) {
  const std::string id(pathParameter(exchange, "id"));
  const bool dry_run = queryParameter(exchange, "dry_run") == "1";
  const auto removal = packages.remove(id, version, queryParameter(exchange, "force") == "1", dry_run);
  const std::string what = fmt::format("remove {}{}{}", id, version.empty() ? "" : "@", version);
  if (!removal) {
    deed.what = what;
    deed.failure = removal.error();
    return refuse(exchange, removal.error());
  }
  if (!dry_run) deed = {what, fmt::format("{}", fmt::join(removal->versions, ", ")), {}, {}};
  return answer(exchange, 200, describe(*removal));
}

}  // namespace

void addPackageRoutes(ControlTable& table, const SharedRooms& rooms) {
  using enum http::Method;
  if (rooms->packages == nullptr) return;
  plugin::Packages& packages = *rooms->packages;
  table.look(kGet, "/v1/packages", [&packages](http::Exchange& exchange) {
    return answer(exchange, 200, describe(packages.list()));
  });
  table.look(kGet, "/v1/packages/{id}", [&packages](http::Exchange& exchange) {
    const std::string id(pathParameter(exchange, "id"));
    return answer(exchange, 200, describe(packages.list(id)));
  });
  http::Route& route = table.change(kPost, "/v1/packages", [&packages](http::Exchange& exchange, Deed& deed) {
    return install(packages, exchange, deed);
  });
  route.body = http::BodyMode::kStream;
  route.max_body_bytes = plugin::kMaxPackageFileBytes;
  route.timeout = kPatience;
  table.change(kDelete, "/v1/packages/{id}", [&packages](http::Exchange& exchange, Deed& deed) {
    return remove(packages, exchange, "", deed);
  });
  table.change(kDelete, "/v1/packages/{id}/{version}", [&packages](http::Exchange& exchange, Deed& deed) {
    return remove(packages, exchange, pathParameter(exchange, "version"), deed);
  });
}

}  // namespace revenge::admin
