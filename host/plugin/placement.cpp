// Where a plugin is loaded from when it starts next, and what is forgotten when a folder goes.
#include <algorithm>

#include "plugin/plugins_impl.hpp"

namespace revenge::plugin {

namespace {

using Folders = std::span<const std::filesystem::path>;

bool contains(Folders folders, const std::filesystem::path& folder) {
  return !folder.empty() && std::ranges::find(folders, folder) != folders.end();
}

}  // namespace

base::Result<> Plugins::place(std::string_view id, const std::filesystem::path& folder) {
  Roster& roster = impl_->roster;
  const Intent intent{std::string(id), Verb::kSwap, folder};
  auto held = impl_->holdFor(std::span(&intent, 1), "install");
  if (!held) return std::unexpected(held.error());
  Record& record = held->front().record();
  if (record.current != nullptr)
    return base::fail(base::Errc::kExists, "plugin '{}' is running {}", id, versionOf(record.current));
  const auto manifest = module::readManifest(folder, id);
  if (!manifest) return std::unexpected(manifest.error());
  const bool newcomer = held->front().triesNew();
  Wish wish = roster.desired.of(id);
  const auto left = impl_->folderOf(record);
  if (newcomer) wish.on = false;
  if (left != folder) {
    wish.previous = left;
    wish.previous_config = wish.config;
  }
  wish.folder = folder;
  if (auto kept = roster.want(record, wish); !kept) return kept;
  roster.learn(record, *manifest);
  if (newcomer) {
    roster.admit(record);
    roster.apply(record, Event::kDisable, fmt::format("installed; revengectl enable {} starts it", id));
  }
  return {};
}

base::Result<> Plugins::forget(std::string_view id, Folders folders, bool even_so) {
  Roster& roster = impl_->roster;
  auto hold = roster.hold(id, "remove");
  if (!hold) return std::unexpected(hold.error());
  Record& record = hold->record();
  if (record.current != nullptr && contains(folders, record.current->folder())) {
    return base::fail(base::Errc::kRefused, "plugin '{}' runs {} from there; revengectl disable {} first", id,
                      versionOf(record.current), id);
  }
  Wish wish = roster.desired.of(id);
  const bool chosen = contains(folders, wish.folder);
  if (chosen && wish.on && !even_so)
    return base::fail(base::Errc::kRefused, "plugin '{}' starts from there; revengectl disable {} first", id,
                      id);
  const bool way_back = contains(folders, wish.previous);
  if (way_back && !chosen && !even_so) {
    return base::fail(base::Errc::kRefused,
                      "plugin '{}': rollback returns to it; --force removes it all the same", id);
  }
  if (!chosen && !way_back) return {};
  // What it would have returned to is what is left of it.
  if (chosen) wish.folder = way_back ? std::filesystem::path() : wish.previous;
  if (chosen && !way_back) wish.config = wish.previous_config;
  wish.previous.clear();
  wish.previous_config.clear();
  if (auto kept = roster.want(record, wish); !kept) return kept;
  if (record.current != nullptr) return {};
  if (!impl_->folderOf(record).empty()) {
    impl_->look(record);
    return {};
  }
  roster.dismiss(record);
  // Its routes are nobody's now, not those of somebody who is away.
  if (auto published = roster.publish(); !published) return std::unexpected(published.error());
  return {};
}

Plugins::Places Plugins::placesOf(std::string_view id) const {
  Wish wish = impl_->roster.desired.of(id);
  Places places{{}, std::move(wish.folder), std::move(wish.previous)};
  if (const auto serving = impl_->roster.serving(id)) places.serves = serving->folder();
  return places;
}

}  // namespace revenge::plugin
