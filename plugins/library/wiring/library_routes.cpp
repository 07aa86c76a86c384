#include "wiring/library_routes.hpp"

#include <algorithm>
#include <array>

#include "api/etag.hpp"
#include "api/json_writer.hpp"
#include "wiring/list.hpp"
#include "wiring/list_answer.hpp"

namespace library {

namespace {

using api::Json;
using api::JsonWriter;
using api::LibrarySettings;
using api::LibraryView;
using api::Problem;
using revenge::Errc;
using revenge::Request;

constexpr std::array kKeys{ListShape::Key{"name", "l.name", true}, ListShape::Key{"created", "l.created_us"}};

std::string locationOf(const Id& id) { return std::string(Api::kPrefix) + "/libraries/" + text(id); }

std::expected<Json, Problem> parsed(std::string_view body) {
  auto json = api::parseJson(body);
  if (json) return *std::move(json);
  const api::SyntaxError& error = json.error();
  const auto line = static_cast<std::int64_t>(error.line);
  const auto column = static_cast<std::int64_t>(error.column);
  return refuse(
      {.status = 400,
       .code = "MALFORMED_JSON",
       .message = "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + error.what,
       .facts = {{"line", line}, {"column", column}}});
}

Problem stale() {
  return {.status = 412,
          .code = "PRECONDITION_FAILED",
          .message = "the library has been changed since; read it again"};
}

}  // namespace

LibraryRoutes::LibraryRoutes(Api& api, revenge::Sql sql, Scans& scans, std::vector<std::string> allowed,
                             const api::CursorSeal& seal)
    : api_(api), sql_(sql), scans_(scans), allowed_(std::move(allowed)), seal_(seal), store_(sql) {
  api.get("/libraries", [this](const Request& r) { return list(r); });
  api.post("/libraries", Api::Takes::kJson, [this](const Request& r) { return create(r); });
  api.get("/libraries/{id}", [this](const Request& r) { return show(r); });
  api.put("/libraries/{id}", [this](const Request& r) { return put(r); });
  api.patch("/libraries/{id}", [this](const Request& r) { return patch(r); });
  api.del("/libraries/{id}", [this](const Request& r) { return remove(r); });
  api.get("/libraries/{id}/scan", [this](const Request& r) { return showScan(r); });
  api.post("/libraries/{id}/scan", Api::Takes::kNothing, [this](const Request& r) { return startScan(r); });
  api.del("/libraries/{id}/scan", [this](const Request& r) { return stopScan(r); });
}

Answer LibraryRoutes::list(const Request& request) const {
  const ListShape shape{.columns = LibraryStore::columns(),
                        .table = "library_library l",
                        .joined = "",
                        .id = "l.id",
                        .keys = kKeys};
  ListAnswer list(request, shape);
  auto rows = list.read(sql_, seal_);
  if (!rows) return refuse(std::move(rows.error()));
  std::vector<LibraryView> libraries;
  libraries.reserve(rows->size);
  for (std::uint64_t i = 0; i < rows->size; ++i) libraries.push_back(LibraryStore::rowOf(rows->rows[i]));
  if (const auto read = store_.complete(request.call(), libraries); !read)
    return refuse(problemOf(read.error()));
  return list.answer(*rows, [&](JsonWriter& out, std::uint64_t i) { write(out, {}, libraries[i]); });
}

LibraryRoutes::Changed LibraryRoutes::read(const Json& body, const LibraryView* before) const {
  const std::vector<std::string> kept =
      before == nullptr ? std::vector<std::string>() : before->settings().paths;
  auto settings = api::readLibrary(body, {.allowed = allowed_, .kept = kept});
  if (!settings) return refuse(api::invalid(std::move(settings.error())));
  if (before != nullptr && settings->type != before->type)
    return refuse(api::invalid({{"/type", "NOT_CHANGEABLE", "stays as it is; make another library"}}));
  return *std::move(settings);
}

// The name may have been taken, or the library changed, by somebody else in the meantime.
Problem LibraryRoutes::refusedChange(const Request& request, const revenge::Error& error,
                                     std::string_view name) const {
  if (error.code == Errc::kNotFound) return stale();
  if (error.code != Errc::kExists) return problemOf(error);
  const auto other = store_.named(request.call(), name);
  if (!other) return problemOf(other.error());
  Problem problem{.status = 409, .code = "NAME_TAKEN", .message = "another library has this name"};
  if (*other) problem.facts.emplace_back("id", text(**other));
  return problem;
}

Answer LibraryRoutes::create(const Request& request) {
  const auto body = parsed(request.body());
  if (!body) return refuse(body.error());
  const auto settings = read(*body, nullptr);
  if (!settings) return refuse(settings.error());
  const auto id = store_.create(request.call(), *settings, api_.nowUs());
  if (!id) return refuse(refusedChange(request, id.error(), settings->name));
  Answer answer = shown(request, *id, 201);
  if (answer) answer->headers.emplace_back("location", locationOf(*id));
  scans_.reconsider(*id);
  scans_.start(*id);
  return answer;
}

std::expected<LibraryView, Problem> LibraryRoutes::found(const Request& request) const {
  const auto id = parseId(request.param("id"));
  if (!id) return refuse(notFound("library"));
  auto library = store_.find(request.call(), *id);
  if (!library) return refuse(problemOf(library.error()));
  if (!*library) return refuse(notFound("library"));
  return **std::move(library);
}

std::expected<Id, Problem> LibraryRoutes::named(const Request& request) const {
  const auto id = parseId(request.param("id"));
  if (!id) return refuse(notFound("library"));
  const auto exists = store_.exists(request.call(), *id);
  if (!exists) return refuse(problemOf(exists.error()));
  if (!*exists) return refuse(notFound("library"));
  return *id;
}

std::expected<LibraryView, Problem> LibraryRoutes::unchanged(const Request& request) const {
  auto library = found(request);
  if (!library) return library;
  const std::string wanted = fieldOf(request, "if-match");
  if (wanted.empty())
    return refuse({.status = 428,
                   .code = "PRECONDITION_REQUIRED",
                   .message = "say by If-Match which state of the library is meant"});
  if (!api::namesRevision(wanted, library->revision)) return refuse(stale());
  return library;
}

Answer LibraryRoutes::shown(const Request& request, const Id& id, int status) const {
  const auto library = store_.find(request.call(), id);
  if (!library) return refuse(problemOf(library.error()));
  if (!*library) return refuse(notFound("library"));
  std::string body = libraryJson(**library);
  std::string etag = api::revisionEtag((*library)->revision, body);
  return revenge::json(std::move(body))
      .withStatus(status)
      .withEtag(std::move(etag))
      .withHeader("cache-control", "private, no-cache");
}

Answer LibraryRoutes::show(const Request& request) const {
  const auto id = parseId(request.param("id"));
  if (!id) return refuse(notFound("library"));
  return shown(request, *id, 200);
}

Answer LibraryRoutes::change(const Request& request, const LibraryView& before, const Json& body) {
  const auto settings = read(body, &before);
  if (!settings) return refuse(settings.error());
  const auto changed = store_.change(request.call(), before, *settings, api_.nowUs());
  if (!changed) return refuse(refusedChange(request, changed.error(), settings->name));
  Answer answer = shown(request, before.id, 200);
  if (settings->paths != before.settings().paths) {
    scans_.reconsider(before.id);
    scans_.start(before.id);
  }
  return answer;
}

Answer LibraryRoutes::put(const Request& request) {
  const auto before = unchanged(request);
  if (!before) return refuse(before.error());
  const auto body = parsed(request.body());
  if (!body) return refuse(body.error());
  return change(request, *before, *body);
}

Answer LibraryRoutes::patch(const Request& request) {
  const auto before = unchanged(request);
  if (!before) return refuse(before.error());
  const auto body = parsed(request.body());
  if (!body) return refuse(body.error());
  return change(request, *before, api::merged(jsonOf(before->settings()), *body));
}

Answer LibraryRoutes::remove(const Request& request) {
  const auto library = unchanged(request);
  if (!library) return refuse(library.error());
  scans_.stop(library->id);
  const auto removed = store_.remove(request.call(), library->id, library->revision);
  if (!removed) return refuse(refusedChange(request, removed.error(), {}));
  scans_.reconsider(library->id);
  return revenge::empty();
}

std::string LibraryRoutes::scanJson(const Id& id) const {
  constexpr std::array<std::string_view, 3> kStates{"idle", "queued", "running"};
  constexpr std::int64_t kMicrosecondsPerMillisecond = 1000;
  const ScanReport report = scans_.report(id);
  JsonWriter out;
  out.beginObject();
  out.text("library_id", text(id));
  out.text("state", kStates.at(static_cast<std::size_t>(report.state)));
  const auto count = [&out](std::string_view key, std::uint64_t value) {
    out.number(key, static_cast<std::int64_t>(value));
  };
  count("number", report.number);
  count("folders", report.folders);
  count("files", report.files);
  count("added", report.added);
  count("changed", report.changed);
  count("moved", report.moved);
  count("missing", report.missing);
  count("waiting", report.waiting);
  count("failed", report.failed);
  out.beginArray("problems");
  for (const std::string& problem : report.problems) out.text({}, problem);
  out.endArray();
  if (report.began_us != 0) {
    const bool is_running = report.state == ScanState::kRunning;
    const std::int64_t until = is_running || report.ended_us == 0 ? api_.nowUs() : report.ended_us;
    out.moment("began_at", report.began_us);
    if (!is_running && report.ended_us != 0) out.moment("ended_at", report.ended_us);
    out.number("took_ms", std::max<std::int64_t>(0, until - report.began_us) / kMicrosecondsPerMillisecond);
  }
  out.boolean("complete", report.complete);
  out.boolean("cancelled", report.cancelled);
  out.endObject();
  return out.take();
}

Answer LibraryRoutes::showScan(const Request& request) const {
  const auto library = named(request);
  if (!library) return refuse(library.error());
  return revenge::json(scanJson(*library)).withHeader("cache-control", "no-store");
}

Answer LibraryRoutes::startScan(const Request& request) {
  const auto library = named(request);
  if (!library) return refuse(library.error());
  scans_.start(*library);
  return revenge::json(scanJson(*library))
      .withStatus(202)
      .withHeader("location", locationOf(*library) + "/scan")
      .withHeader("cache-control", "no-store");
}

Answer LibraryRoutes::stopScan(const Request& request) {
  const auto library = named(request);
  if (!library) return refuse(library.error());
  if (!scans_.stop(*library)) return refuse(notFound("scan"));
  return revenge::empty();
}

}  // namespace library
