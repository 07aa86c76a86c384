#include "revenge/packages.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "document/json.hpp"
#include "revenge/build_number.hpp"

namespace revenge::author {

namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;

std::string versionOf(std::string_view manifest, std::string_view file) {
  const auto parsed = document::parseJson(manifest, file);
  const document::Value* const version = parsed ? parsed->find("version") : nullptr;
  return version != nullptr && version->text() != nullptr ? *version->text() : "";
}

// Those beside manifest and library: as often as not there are none.
std::string othersOf(const fs::path& package) {
  std::map<std::string, std::string> others;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(package, failed);
       !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    std::error_code gone;
    if (!entry->is_regular_file(gone) || entry->path().extension() == ".so") continue;
    const std::string name = entry->path().lexically_relative(package).string();
    if (name == "plugin.json") continue;
    others[name] = fmt::format("{:x}", std::hash<std::string>()(readText(entry->path()).value_or("")));
  }
  std::string text;
  for (const auto& [name, hash] : others) text += fmt::format("{} {}\n", name, hash);
  return text;
}

}  // namespace

base::Result<std::string> Packages::fingerprint(const fs::path& package) {
  const auto manifest = readText(package / "plugin.json");
  if (!manifest) return manifest;
  return *manifest + othersOf(package);
}

std::string Packages::numberedCopy(const Product& product, const fs::path& folder) {
  const fs::path file = product.package / "plugin.json";
  const auto built = readText(file);
  const auto copy = readText(folder / "plugin.json");
  if (!built || !copy || othersOf(product.package) != othersOf(folder)) return {};
  const std::string version = versionOf(*copy, "plugin.json");
  const auto same = withVersion(*built, version, file.string());
  return same && *same == *copy && *built != *copy ? version : "";
}

base::Result<Package> Packages::add(const Product& product) {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator entry(folder_, failed); !failed && entry != fs::directory_iterator();
       entry.increment(failed))
    names.push_back(entry->path().filename().string());

  const fs::path file = product.package / "plugin.json";
  const auto manifest = readText(file);
  if (!manifest) return std::unexpected(manifest.error());
  Package package;
  package.number = nextNumber(names);
  package.id = product.id;
  package.version = numbered(versionOf(*manifest, file.string()), package.number);
  package.folder = folder_ / fmt::format("{}", package.number) / product.id;
  const auto said = withVersion(*manifest, package.version, file.string());
  if (!said) return std::unexpected(said.error());

  std::error_code not_copied;
  fs::create_directories(package.folder.parent_path(), not_copied);
  if (!not_copied) fs::copy(product.package, package.folder, fs::copy_options::recursive, not_copied);
  std::ofstream out(package.folder / "plugin.json", std::ios::binary);
  out << *said;
  out.close();
  if (!not_copied && out) return package;
  return fail(Errc::kIo, "{}: cannot be written: {}", package.folder.string(),
              not_copied ? not_copied.message() : "plugin.json");
}

void Packages::keepOnly(const std::set<fs::path>& kept) const {
  std::error_code failed;
  std::vector<fs::path> old;
  for (fs::directory_iterator entry(folder_, failed); !failed && entry != fs::directory_iterator();
       entry.increment(failed)) {
    const bool is_kept = std::ranges::any_of(
        kept, [&](const fs::path& package) { return package.parent_path() == entry->path(); });
    const std::string name = entry->path().filename().string();
    const bool is_number = std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
    if (is_number && !is_kept) old.push_back(entry->path());
  }
  for (const fs::path& folder : old) fs::remove_all(folder, failed);
}

}  // namespace revenge::author
