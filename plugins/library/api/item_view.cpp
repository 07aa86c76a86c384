#include "api/item_view.hpp"

#include "api/json_writer.hpp"

namespace library::api {

namespace {

constexpr std::string_view kSubtitle = "subtitle", kNfo = "nfo";

void optional(JsonWriter& out, std::string_view key, const std::optional<std::int64_t>& value) {
  if (value) out.number(key, *value);
}
void optional(JsonWriter& out, std::string_view key, std::string_view value) {
  if (!value.empty()) out.text(key, value);
}

void writeIds(JsonWriter& out, const TitleView& title) {
  out.beginObject("ids");
  optional(out, "tmdb", title.tmdb);
  optional(out, "imdb", title.imdb);
  optional(out, "tvdb", title.tvdb);
  out.endObject();
}

void writeMembers(JsonWriter& out, const ItemView& item) {
  out.text("id", text(item.id));
  out.text("library_id", text(item.library));
  out.text("kind", item.kind);
  out.beginObject("title");
  out.text("id", text(item.title.id));
  out.text("name", item.title.name);
  optional(out, "year", item.title.year);
  writeIds(out, item.title);
  out.endObject();
  out.text("name", item.name);
  optional(out, "year", item.year);
  optional(out, "season", item.season);
  optional(out, "episode", item.episode);
  optional(out, "episode_last", item.episode_last);
  optional(out, "air_date", item.air_date);
  optional(out, "disc", item.disc);
  optional(out, "track", item.track);
  out.number("files", item.files);
  out.boolean("missing", item.files == 0);
  out.moment("added_at", item.added_us);
}

void writeFile(JsonWriter& out, const FileView& file) {
  constexpr std::int64_t kNanosecondsPerMicrosecond = 1000;
  out.text("id", text(file.id));
  out.text("name", file.name);
  if (file.part > 0) out.number("part", file.part);
  out.number("bytes", file.bytes);
  out.moment("modified_at", file.modified_ns / kNanosecondsPerMicrosecond);
  if (file.missing_us) out.moment("missing_since", *file.missing_us);
}

void writeProbe(JsonWriter& out, const FileView& file) {
  out.text("probe", file.probe);
  optional(out, "probe_error", file.probe_error);
  optional(out, "duration_ms", file.duration_ms);
  if (!file.facts.empty()) out.raw("facts", file.facts);
}

bool isPlayed(const FileView& file) { return file.kind != kSubtitle && file.kind != kNfo; }
bool isMain(const FileView& file) { return isPlayed(file) && file.extra.empty(); }

void writeVersions(JsonWriter& out, const std::vector<FileView>& files) {
  out.beginArray("versions");
  const FileView* of = nullptr;  // the first file of the version that is open
  for (const FileView& file : files) {
    if (!isMain(file)) continue;
    if (of == nullptr || of->version != file.version) {
      if (of != nullptr) {
        out.endArray();
        out.endObject();
      }
      of = &file;
      out.beginObject();
      optional(out, "label", file.label);
      optional(out, "resolution", file.resolution);
      out.beginArray("files");
    }
    out.beginObject();
    writeFile(out, file);
    writeProbe(out, file);
    out.endObject();
  }
  if (of != nullptr) {
    out.endArray();
    out.endObject();
  }
  out.endArray();
}

void writeExtras(JsonWriter& out, const std::vector<FileView>& files) {
  out.beginArray("extras");
  for (const FileView& file : files) {
    if (file.extra.empty() || !isPlayed(file)) continue;
    out.beginObject();
    out.text("type", file.extra);
    writeFile(out, file);
    writeProbe(out, file);
    out.endObject();
  }
  out.endArray();
}

void writeSubtitles(JsonWriter& out, const std::vector<FileView>& files) {
  out.beginArray("subtitles");
  for (const FileView& file : files) {
    if (file.kind != kSubtitle) continue;
    out.beginObject();
    writeFile(out, file);
    optional(out, "language", file.label);
    if (!file.facts.empty()) out.raw("facts", file.facts);
    out.endObject();
  }
  out.endArray();
}

void writeSidecars(JsonWriter& out, const std::vector<FileView>& files) {
  out.beginArray("sidecars");
  for (const FileView& file : files) {
    if (file.kind != kNfo) continue;
    out.beginObject();
    writeFile(out, file);
    out.text("probe", file.probe);
    optional(out, "probe_error", file.probe_error);
    out.endObject();
  }
  out.endArray();
}

void writeMembers(JsonWriter& out, const TitleView& title) {
  out.text("id", text(title.id));
  out.text("library_id", text(title.library));
  out.text("kind", title.kind);
  out.text("name", title.name);
  optional(out, "year", title.year);
  optional(out, "artist", title.artist);
  writeIds(out, title);
  if (title.kind == "show") out.number("seasons", title.seasons);
  out.number("items", title.items);
  out.number("files", title.files);
  out.moment("added_at", title.added_us);
}

void writeMetadata(JsonWriter& out, std::string_view metadata) {
  if (!metadata.empty()) out.raw("metadata", metadata);
}

}  // namespace

void write(JsonWriter& out, const TitleView& title) {
  out.beginObject();
  writeMembers(out, title);
  out.endObject();
}

void write(JsonWriter& out, const ItemView& item) {
  out.beginObject();
  writeMembers(out, item);
  out.endObject();
}

std::string itemJson(const ItemView& item, const std::vector<FileView>& files, std::string_view metadata) {
  JsonWriter out;
  out.beginObject();
  writeMembers(out, item);
  writeMetadata(out, metadata);
  writeVersions(out, files);
  writeExtras(out, files);
  writeSubtitles(out, files);
  writeSidecars(out, files);
  out.endObject();
  return out.take();
}

std::string titleJson(const TitleView& title, const std::vector<FileView>& files, std::string_view metadata) {
  JsonWriter out;
  out.beginObject();
  writeMembers(out, title);
  writeMetadata(out, metadata);
  writeSidecars(out, files);
  out.endObject();
  return out.take();
}

}  // namespace library::api
