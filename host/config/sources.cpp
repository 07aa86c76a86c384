#include "config/sources.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "document/limits.hpp"

namespace revenge::config {
namespace {

namespace fs = std::filesystem;

// "config/revenge" of "config/revenge.yaml".
std::string stemOf(const std::string& main) { return fs::path(main).replace_extension().string(); }

struct Text {
  std::string text;
  int error = 0;  // errno
};

Text readText(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (!file) return {{}, errno};
  std::string text(document::Limits().maxBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return {{}, errno};
  return {std::move(text), 0};
}

void add(Sources& sources, SourceKind kind, const std::string& path, Need need, std::string_view remedy) {
  auto [text, error] = readText(path);
  if (error == ENOENT && need == Need::kOptional) return;
  Source source{kind, path, std::move(text), {}};
  if (error != 0) {
    source.trouble = fmt::format("{}: {}; {}", path, base::errnoText(error),
                                 error == EISDIR ? std::string_view("expected a file") : remedy);
  }
  sources.push_back(std::move(source));
}

void addDropIns(Sources& sources, const std::string& folder) {
  std::error_code failed;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
    std::string name = entry->path().filename().string();
    if (!name.starts_with('.') && name.ends_with(".yaml")) names.push_back(std::move(name));
  }
  if (failed && failed.value() != ENOENT) {
    sources.push_back(
        {SourceKind::kDropIn,
         folder,
         {},
         fmt::format("{}: {}; expected a folder of files named *.yaml", folder, failed.message())});
    return;
  }
  if (names.size() > kMaxDropIns) {
    sources.push_back({SourceKind::kDropIn,
                       folder,
                       {},
                       fmt::format("{}: more than {} files named *.yaml", folder, kMaxDropIns)});
    return;
  }
  std::ranges::sort(names);
  // One that went after the folder was listed is one that is not there.
  for (const std::string& name : names)
    add(sources, SourceKind::kDropIn, (fs::path(folder) / name).string(), Need::kOptional,
        "give the host's user read access");
}

}  // namespace

std::string Places::local() const { return stemOf(*main) + ".local.yaml"; }
std::string Places::dropIns() const { return stemOf(*main) + ".d"; }

Sources readSources(const Places& places) {
  Sources sources;
  if (places.main) {
    add(sources, SourceKind::kMain, *places.main, places.need,
        places.beside == Beside::kLayers ? "give another file with --config"
                                         : "make it readable or name another file");
  }
  if (places.main && places.beside == Beside::kLayers) {
    add(sources, SourceKind::kLocal, places.local(), Need::kOptional, "give the host's user read access");
    addDropIns(sources, places.dropIns());
  }
  for (const SecretFile& secret : places.secrets) {
    add(sources, SourceKind::kSecret, secret.path, Need::kRequired,
        "expected the file that holds the secret");
    sources.back().variable = secret.variable;
  }
  return sources;
}

}  // namespace revenge::config
