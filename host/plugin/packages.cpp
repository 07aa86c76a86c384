#include "plugin/packages.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <span>
#include <utility>

#include <fmt/ranges.h>

namespace revenge::plugin {

namespace {

using base::Errc;
using base::fail;
namespace fs = std::filesystem;
using Outcome = Installed::Outcome;

constexpr std::array kOutcomes{"kept", "swapped", "started", "runs"};

bool serves(const std::optional<PluginView>& plugin) {
  return plugin && std::ranges::any_of(plugin->instances, [](const InstanceView& each) {
           return each.state == State::kRunning || each.state == State::kDegraded ||
                  each.state == State::kWaiting;
         });
}

bool contains(std::span<const fs::path> folders, const fs::path& folder) {
  return std::ranges::find(folders, folder) != folders.end();
}

bool isUsed(const Plugins::Places& places, const fs::path& folder) {
  return folder == places.serves || folder == places.chosen || folder == places.way_back;
}

}  // namespace

std::string_view name(Outcome outcome) { return kOutcomes.at(static_cast<std::size_t>(outcome)); }

// An update never switches anything on; a wish of the operator that stands already is one.
Outcome Packages::outcomeOf(const std::optional<PluginView>& before, const module::Manifest& manifest,
                            const InstallWish& wish) {
  if (!serves(before)) return wish.enable || (before && before->wanted) ? Outcome::kStarted : Outcome::kKept;
  const auto runs = module::Semver::parse(before->version);
  return wish.enable || (runs && manifest.version > *runs) ? Outcome::kSwapped : Outcome::kKept;
}

base::Result<Installed> Packages::install(module::PackageStore::Incoming incoming, const InstallWish& wish,
                                          const Progress& progress) {
  const auto manifest = incoming.finish();
  if (!manifest) return fail(manifest.error().code, "package refused: {}", manifest.error().message);
  Installed installed;
  installed.id = manifest->id;
  installed.version = manifest->version.text();
  {
    const auto candidate = rooms_.loader.examine(incoming.folder(), manifest->id);
    if (!candidate) return std::unexpected(candidate.error());
    installed.signature = candidate->signature.text();
  }
  if (progress) progress({"verified", {}, installed.id});
  auto view = rooms_.plugins.show(installed.id);
  const auto before = view ? std::optional(std::move(*view)) : std::nullopt;
  if (serves(before)) installed.runs = before->version;
  installed.outcome = outcomeOf(before, *manifest, wish);
  if (installed.outcome == Outcome::kKept && !installed.runs.empty() && installed.runs != installed.version) {
    installed.warnings.push_back(
        fmt::format("{} runs, which is newer; --enable swaps to the older one", installed.runs));
  }
  if (wish.dry_run) {
    installed.folder = rooms_.store.folderOf(*manifest);
    if (!serves(before)) return installed;
    const auto outlook = rooms_.plugins.plan({{}, {{installed.id, Verb::kSwap, incoming.folder()}}});
    if (!outlook) return std::unexpected(outlook.error());
    if (!outlook->feasible) return fail(Errc::kRefused, "{}", outlook->items.front().refusal);
    return installed;
  }
  auto kept = rooms_.store.keep(std::move(incoming), *manifest);
  if (!kept) return std::unexpected(kept.error());
  installed.folder = kept->folder;
  installed.anew = kept->anew;
  if (progress) progress({"kept", {}, installed.id});
  if (auto ran = run(installed, wish, before, progress); !ran) {
    if (kept->anew && !isUsed(rooms_.plugins.placesOf(installed.id), kept->folder))
      (void)rooms_.store.remove(kept->folder);
    return std::unexpected(ran.error());
  }
  installed.removed = prune(installed.id, installed.folder);
  return installed;
}

base::Result<> Packages::run(Installed& installed, const InstallWish& wish,
                             const std::optional<PluginView>& before, const Progress& progress) {
  Plugins& plugins = rooms_.plugins;
  if (serves(before) && plugins.placesOf(installed.id).serves == installed.folder) {
    installed.outcome = Outcome::kRuns;
    return {};
  }
  if (installed.outcome == Outcome::kKept && serves(before)) return {};
  if (installed.outcome == Outcome::kKept) return plugins.place(installed.id, installed.folder);
  // It was to run before this and did not: that it still does not is no reason to be without the package.
  if (installed.outcome == Outcome::kStarted && before && before->wanted && !wish.enable) {
    if (auto placed = plugins.place(installed.id, installed.folder); !placed) return placed;
    auto report = plugins.enable(installed.id, progress);
    if (!report) {
      installed.outcome = Outcome::kKept;
      installed.warnings.push_back(report.error().message);
      return {};
    }
    installed.report = std::move(*report);
    return {};
  }
  auto report = plugins.swap(installed.id, installed.folder, progress, WhenOff::kStart);
  if (!report) return std::unexpected(report.error());
  installed.report = std::move(*report);
  return {};
}

// The lowest go first; what is in use, and what has just come, does not count.
std::vector<std::string> Packages::prune(std::string_view id, const fs::path& newest) {
  const auto used = rooms_.plugins.placesOf(id);
  std::vector<std::string> removed;
  std::size_t others = 0;
  for (const auto& package : rooms_.store.versions(id)) {
    if (package.folder == newest || isUsed(used, package.folder) || ++others <= keep_) continue;
    if (rooms_.store.remove(package.folder)) removed.push_back(package.version.text());
  }
  return removed;
}

base::Result<Removal> Packages::remove(std::string_view id, std::string_view version, bool even_so,
                                       bool dry_run) {
  Removal removal{std::string(id), {}, false};
  std::vector<fs::path> folders;
  std::string known;
  for (const auto& package : rooms_.store.versions(id)) {
    known += (known.empty() ? "" : ", ") + package.version.text();
    if (!version.empty() && package.version.text() != version) continue;
    folders.push_back(package.folder);
    removal.versions.push_back(package.version.text());
  }
  if (folders.empty()) {
    return fail(Errc::kNotFound, "no installed package {}{}{}; installed: {}", id, version.empty() ? "" : "@",
                version, known.empty() ? "none" : known);
  }
  const auto known_plugin = rooms_.plugins.show(id);
  const auto serves_from = [&] {
    return std::ranges::any_of(
        list(id), [&](const PackageView& each) { return each.serves && contains(folders, each.folder); });
  };
  if (dry_run) {
    for (const PackageView& each : list(id)) {
      if (!even_so && contains(folders, each.folder) && (each.serves || each.way_back)) {
        return fail(
            Errc::kRefused, "{}@{} {}", each.id, each.version,
            each.serves ? "runs; --force stops it first" : "is what rollback returns to; --force removes it");
      }
    }
    removal.disabled = serves_from();
    return removal;
  }
  if (even_so && serves_from()) {
    if (auto stopped = rooms_.plugins.disable(id); !stopped) return std::unexpected(stopped.error());
    removal.disabled = true;
  }
  if (known_plugin) {
    if (auto forgotten = rooms_.plugins.forget(id, folders, even_so); !forgotten)
      return std::unexpected(forgotten.error());
  }
  for (const fs::path& folder : folders) {
    if (auto removed = rooms_.store.remove(folder); !removed) return std::unexpected(removed.error());
  }
  return removal;
}

std::vector<PackageView> Packages::list(std::string_view id) const {
  std::vector<PackageView> views;
  const auto ids = id.empty() ? rooms_.store.ids() : std::vector{std::string(id)};
  for (const std::string& each : ids) {
    const auto places = rooms_.plugins.placesOf(each);
    for (const auto& package : rooms_.store.versions(each)) {
      views.push_back({each, package.version.text(), package.folder, package.folder == places.serves,
                       package.folder == places.chosen, package.folder == places.way_back});
    }
  }
  return views;
}

}  // namespace revenge::plugin
