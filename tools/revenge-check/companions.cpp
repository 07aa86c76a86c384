#include "revenge-check/companions.hpp"

#include <algorithm>
#include <set>

#include <revenge/testing/hostile_host.hpp>

namespace revenge::check {
namespace {

namespace fs = std::filesystem;

bool offersInterface(const module::Manifest& manifest, std::string_view id) {
  return std::ranges::find(manifest.offers, id, &module::Interface::id) != manifest.offers.end();
}

class Search {
 public:
  Search(const Package& package, const ReadPackage& read) : read_(read) { chosen_.insert(package.id); }

  void take(const fs::path& folder) {
    Package package = read_(folder);
    if (!package.probe || !chosen_.insert(package.id).second) return;
    require(package);
    found_.push_back(std::move(package));
  }
  void require(const Package& package) {
    const fs::path beside = fs::absolute(package.folder / ".").lexically_normal().parent_path().parent_path();
    for (const auto& need : package.manifest->needs) {
      if (need.optional || host_.offers(need.id) || isProvided(need.id)) continue;
      if (const auto provider = providerIn(beside, need.id); !provider.empty()) take(provider);
    }
  }
  std::vector<Package> found() && { return std::move(found_); }

 private:
  bool isProvided(std::string_view id) const {
    return std::ranges::any_of(found_, [&](const auto& each) { return offersInterface(*each.manifest, id); });
  }
  fs::path providerIn(const fs::path& folder, std::string_view id) const {
    std::set<fs::path> packages;  // in an order that does not change from run to run
    std::error_code ignored;
    for (fs::directory_iterator each(folder, ignored), end; !ignored && each != end; each.increment(ignored))
      if (fs::is_regular_file(each->path() / "plugin.json", ignored)) packages.insert(each->path());
    for (const auto& package : packages) {
      const auto manifest = module::readManifest(package);
      if (manifest && !chosen_.contains(manifest->id) && offersInterface(*manifest, id)) return package;
    }
    return {};
  }

  const ReadPackage& read_;
  const testing::HostileHost host_;
  std::set<std::string> chosen_;
  std::vector<Package> found_;
};

}  // namespace

std::vector<Package> findCompanions(const Package& package, std::span<const fs::path> with,
                                    const ReadPackage& read) {
  if (!package.probe) return {};  // nothing of it is going to run
  Search search(package, read);
  for (const auto& folder : with) search.take(folder);
  search.require(package);
  return std::move(search).found();
}

}  // namespace revenge::check
