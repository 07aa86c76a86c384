#include "api/library_view.hpp"

#include <algorithm>

#include "api/json_writer.hpp"

namespace library::api {

namespace {

constexpr std::string_view kOffline = "offline";

std::string_view stateOf(const LibraryView& library) {
  const bool any =
      std::ranges::any_of(library.roots, [](const RootView& root) { return root.state == kOffline; });
  return any ? kOffline : "online";
}

}  // namespace

LibrarySettings LibraryView::settings() const {
  LibrarySettings settings{.name = name, .type = type};
  for (const RootView& root : roots) settings.paths.push_back(root.path);
  return settings;
}

void write(JsonWriter& out, std::string_view key, const LibraryView& library) {
  out.beginObject(key);
  out.text("id", text(library.id));
  out.text("name", library.name);
  out.text("type", library.type);
  out.beginArray("paths");
  for (const RootView& root : library.roots) out.text({}, root.path);
  out.endArray();
  out.text("state", stateOf(library));
  out.beginArray("roots");
  for (const RootView& root : library.roots) {
    out.beginObject();
    out.text("path", root.path);
    out.text("state", root.state);
    if (!root.reason.empty()) out.text("reason", root.reason);
    out.endObject();
  }
  out.endArray();
  out.number("items", library.items);
  out.number("files", library.files);
  out.moment("created_at", library.created_us);
  out.moment("updated_at", library.updated_us);
  if (library.scanned_us) out.moment("last_scan_at", *library.scanned_us);
  out.endObject();
}

std::string libraryJson(const LibraryView& library) {
  JsonWriter out;
  write(out, {}, library);
  return out.take();
}

}  // namespace library::api
