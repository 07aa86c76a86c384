#include "wiring/catalogue_service.hpp"

#include "catalogue/id.hpp"
#include "disk/folder.hpp"
#include "wiring/sql_store.hpp"

namespace library {

using revenge::Errc;
using revenge::fail;

namespace {

// $2: the file asked for; $3: none is, so the first of those that are there.
constexpr std::string_view kFileOfItem =
    "SELECT r.path, d.path, f.name, f.bytes, f.modified_ns, "
    "CASE WHEN f.missing_us IS NULL AND r.state <> 'offline' THEN 1 ELSE 0 END "
    "FROM library_file f JOIN library_folder d ON d.id = f.folder JOIN library_root r ON r.id = d.root "
    "WHERE f.item = $1 AND f.kind <> 'nfo' AND (f.id = $2 OR ($3 AND f.extra = '' AND f.kind <> 'subtitle')) "
    "ORDER BY CASE WHEN f.missing_us IS NULL AND r.state <> 'offline' THEN 0 ELSE 1 END, f.version, f.part, "
    "f.id LIMIT 1";

std::string answer(std::string_view root, std::string_view path, const revenge::SqlRow& row) {
  auto head = revenge::boundary::sized<revenge_catalogue_file>();
  head.bytes = static_cast<std::uint64_t>(row.integer(3));
  head.modified_ns = row.integer(4);
  head.root_at = sizeof head;
  head.root_length = root.size();
  head.path_at = head.root_at + root.size();
  head.path_length = path.size();
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  bytes += root;
  bytes += path;
  return bytes;
}

}  // namespace

std::optional<CatalogueService::Asked> CatalogueService::read(std::string_view item, std::string_view which) {
  const auto id = parseId(item);
  const auto file = which.empty() ? std::optional<Id>(Id()) : parseId(which);
  if (!id || !file) return std::nullopt;
  return Asked{*id, *file};
}

auto CatalogueService::ask(const revenge::Call& call, const Asked& asked) const {
  return sql_.query(call, kFileOfItem, blob(asked.item), blob(asked.which), asked.which.isNone());
}

revenge::Result<std::string> CatalogueService::answerOf(
    const revenge::Result<revenge::SqlRows>& found) const {
  if (!found) return std::unexpected(found.error());
  if (found->empty()) return fail(Errc::kNotFound, "no such item");
  const revenge::SqlRow row = (*found)[0];
  if (!row.boolean(5)) return fail(Errc::kUnavailable, "the file is not there now");
  const std::string path = disk::joined(row.text(1), row.text(2));
  if (follows_links_) {
    const auto root = disk::Root::open(std::string(row.text(0)));
    const auto target = root ? root->follow(path) : std::unexpected(0);
    if (target && !disk::isWithin(target->path, root->real()))
      return answer("/", target->path.substr(1), row);
  }
  return answer(row.text(0), path, row);
}

revenge::Task<void> CatalogueService::locateLater(revenge::Call call, Asked asked,
                                                  revenge::Completion completion) const {
  // Begun before this function waits for the first time: the call it was made in is used only then.
  const auto found = co_await ask(call, asked);
  static_cast<void>(
      completion.finish(answerOf(found)));  // nobody waits any more: then there is nobody to tell
}

revenge::Result<std::string> CatalogueService::locate(const revenge_call* call, std::string_view item,
                                                      std::string_view which, revenge_handle done) const {
  const auto asked = read(item, which);
  if (!asked) return fail(Errc::kNotFound, "no such item");
  const revenge::Call own(host_, call);
  if (done == 0) return answerOf(ask(own, *asked).wait());
  revenge::run(host_, locateLater(own, *asked, host_.services().accept(done, [] {})));
  return std::string();
}

const revenge_catalogue& CatalogueService::table() {
  static constexpr revenge_catalogue kTable{
      sizeof(revenge_catalogue), 0,
      [](void* self, const revenge_call* call, revenge_view item, revenge_view which, revenge_handle done,
         revenge_buffer* file, revenge_error* error) {
        const revenge_status status = revenge::boundary::guarded(error, [&]() -> revenge::Status {
          if (done == 0 && file == nullptr) return fail(Errc::kInvalid, "file is NULL");
          const auto& service = *static_cast<const CatalogueService*>(self);
          auto located =
              service.locate(call, revenge::boundary::text(item), revenge::boundary::text(which), done);
          if (!located) return std::unexpected(std::move(located.error()));
          if (done == 0) *file = revenge::boundary::give(std::move(*located));
          return {};
        });
        return status == REVENGE_OK && done != 0 ? revenge_status{REVENGE_PENDING} : status;
      }};
  return kTable;
}

}  // namespace library
