#include "app/config_reference.hpp"

#include <filesystem>

#include "config/host_schema.hpp"
#include "document/json.hpp"
#include "module/manifest.hpp"
#include "module/package_finder.hpp"

namespace revenge::app {

namespace {

// A bar would end the cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string table(const document::Schema& schema, const std::string& prefix, std::string_view otherwise) {
  std::string text = "| key | default | value | a change takes effect | meaning |\n|---|---|---|---|---|\n";
  for (const document::KeyDoc& key : document::describeKeys(schema)) {
    const bool free_key = key.path.contains('<');
    if (key.section || free_key) continue;
    const std::string fallback =
        key.fallback != nullptr ? fmt::format("`{}`", document::writeJson(*key.fallback)) : "none";
    text += fmt::format("| `{}{}` | {} | {} | {} | {}{} |\n", prefix, key.path, cell(fallback),
                        cell(key.type), key.live ? std::string_view("at once") : otherwise,
                        cell(key.description), key.secret ? " Never shown." : "");
  }
  return text;
}

}  // namespace

base::Result<std::string> configReference(const std::vector<std::string>& plugin_folders) {
  std::string text = "## The host\n\n" + table(config::hostSchema(), "", "at the next start");
  const std::vector<std::filesystem::path> folders(plugin_folders.begin(), plugin_folders.end());
  for (const module::Package& package : module::findPackages(folders).packages) {
    if (package.shadowedBy) continue;
    const auto manifest = module::readManifest(package.folder, package.id);
    if (!manifest) return std::unexpected(manifest.error());
    text += fmt::format("\n## The plugin {}\n{}\n\n", manifest->id, manifest->description);
    text += manifest->config ? table(*manifest->config, fmt::format("plugins.{}.", manifest->id),
                                     "at once, by a new instance")
                             : std::string("It has no keys.\n");
  }
  return text;
}

}  // namespace revenge::app
