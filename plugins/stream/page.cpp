#include "page.hpp"

#include <array>
#include <initializer_list>

#include "escape.hpp"

namespace stream {

namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Library</title>
<style>
:root { color-scheme: dark; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: #14161a; color: #e8e6e3;
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; font-weight: 600; margin: 0 0 1rem; }
h1 small, .from, .what { color: #9a9894; font-weight: 400; font-size: .85rem; }
a { color: inherit; text-decoration: none; }
video, audio { width: 100%; border-radius: .5rem; display: block; }
video { max-height: 70vh; background: #000; }
figure { margin: 0 0 1.5rem; }
figcaption { margin-top: .5rem; overflow-wrap: anywhere; }
ul { list-style: none; margin: 0; padding: 0; }
li a { display: flex; gap: 1rem; padding: .5rem .75rem; border-radius: .4rem; }
li a:hover, li a:focus-visible { background: #23262d; }
li a[aria-current] { background: #2b3a55; }
.name { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.from { display: block; }
.what { white-space: nowrap; font-variant-numeric: tabular-nums; }
nav { display: flex; justify-content: space-between; margin-top: 1.5rem; color: #9db7e8; }
</style>
)";

void append(std::string& out, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) out += part;
}

void appendHref(std::string& out, const Page& page, std::size_t offset) {
  append(out, {"href=\"/?offset=", std::to_string(offset), "&amp;limit=", std::to_string(page.limit)});
}

void appendPlayer(std::string& out, const Entry& entry) {
  const std::string id = text(entry.id);
  const std::string name = htmlText(entry.name());
  out += "<figure>\n";
  if (entry.type->kind == Kind::kVideo)
    append(out,
           {"<video controls autoplay playsinline preload=\"metadata\" src=\"/stream/", id, "\"></video>\n"});
  else if (entry.type->kind == Kind::kAudio)
    append(out, {"<audio controls autoplay preload=\"metadata\" src=\"/stream/", id, "\"></audio>\n"});
  append(out, {"<figcaption><bdi>", name, "</bdi> <a class=\"what\" href=\"/stream/", id, "\" download=\"",
               name, "\">download</a></figcaption>\n</figure>\n"});
}

// Names stand in <bdi>, so that one written from right to left does not turn the row around.
void appendRow(std::string& out, const Entry& entry, const Page& page, const Entry* playing) {
  out += "<li><a ";
  appendHref(out, page, page.offset);
  append(out, {"&amp;play=", text(entry.id), "\"", &entry == playing ? " aria-current=\"true\"" : "",
               "><span class=\"name\"><bdi>", htmlText(entry.name()), "</bdi>"});
  if (const std::size_t slash = entry.path.rfind('/'); slash != std::string::npos)
    append(out, {"<span class=\"from\"><bdi>", htmlText(entry.path.substr(0, slash)), "</bdi></span>"});
  append(out, {"</span><span class=\"what\">", name(entry.type->kind), " &middot; ", readableSize(entry.size),
               "</span></a></li>\n"});
}

void appendPager(std::string& out, const Page& page, std::size_t total) {
  out += "<nav>";
  if (page.offset > 0) {
    out += "<a rel=\"prev\" ";
    appendHref(out, page, page.offset > page.limit ? page.offset - page.limit : 0);
    out += "\">&larr; Previous</a>";
  }
  out += "<span></span>";
  if (page.offset + page.limit < total) {
    out += "<a rel=\"next\" ";
    appendHref(out, page, page.offset + page.limit);
    out += "\">Next &rarr;</a>";
  }
  out += "</nav>\n";
}

}  // namespace

std::string readableSize(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  constexpr std::uint64_t kStep = 1024;
  std::size_t unit = 0;
  std::uint64_t tenths = bytes < kStep ? bytes * 10 : bytes;
  for (; unit + 1 < kUnits.size() && bytes >= kStep; ++unit) {
    tenths = bytes / kStep * 10 + bytes % kStep * 10 / kStep;
    bytes /= kStep;
  }
  std::string out;
  append(out, {std::to_string(tenths / 10), unit > 0 ? "." : "", unit > 0 ? std::to_string(tenths % 10) : "",
               " ", kUnits[unit]});
  return out;
}

std::string homePage(const Catalogue& catalogue, const Page& page, const Entry* playing, Progress progress) {
  const bool scanning = progress == Progress::kScanning;
  const std::size_t total = catalogue.entries().size();
  std::string out(kHead);
  if (scanning) out += "<meta http-equiv=\"refresh\" content=\"2\">\n";
  append(out, {"<h1>Library <small>", std::to_string(total), total == 1 ? " file" : " files",
               scanning ? ", still looking" : "", "</small></h1>\n"});
  if (playing != nullptr) appendPlayer(out, *playing);
  if (total == 0 && !scanning)
    out +=
        "<p>No media files here yet. They appear by themselves once they lie in one of the configured "
        "folders.</p>\n";
  out += "<ul>\n";
  for (const Entry& entry : entriesOf(catalogue, page)) appendRow(out, entry, page, playing);
  out += "</ul>\n";
  appendPager(out, page, total);
  return out += "</html>\n";
}

}  // namespace stream
