#include <algorithm>
#include <ranges>

#include "plugin/plugins_impl.hpp"

namespace revenge::plugin {

// Providers first. `readable` says whose section is wrong under its schema.
std::vector<Consumer> Plugins::Impl::consumers(config::Whom whom, base::Result<>& readable) const {
  std::vector<Consumer> found;
  for (const std::string& id : roster.graph(Roster::Whose::kServing).order()) {
    const std::shared_ptr<Instance> instance = roster.serving(id);
    if (instance == nullptr) continue;
    auto next = roster.rooms.read_section(instance->manifest(), roster.desired.of(id).config);
    if (!next) {
      readable = std::unexpected(next.error());
      return {};
    }
    if (whom == config::Whom::kAll || !(*next)->saysTheSame(*instance->section()))
      found.push_back({instance, std::move(*next)});
  }
  return found;
}

base::Result<> Plugins::Impl::prepareAll(std::span<const Consumer> live) {
  for (std::size_t i = 0; i < live.size(); ++i) {
    auto prepared = live[i].instance->prepare(live[i].next);
    if (prepared) continue;
    for (const Consumer& each : live.first(i + 1) | std::views::reverse) (void)each.instance->abort();
    return prepared;
  }
  return {};
}

// A commit that does not return is the plugin's fault, and no reason to take it back from the others.
void Plugins::Impl::commitAll(std::span<const Consumer> live) {
  for (const Consumer& each : live) {
    const auto committed = each.instance->commit();
    if (committed) continue;
    each.instance->apply(Event::kDegrade, committed.error().message);
  }
}

// What was wrong with them may have been their section.
void Plugins::tryRefusedAgain() {
  for (const PluginView& view : impl_->roster.list().plugins) {
    if (view.state != State::kRefused || !view.wanted) continue;
    impl_->inBackground([impl = impl_.get(), &record = impl_->roster.add(view.id)] {
      const auto hold = impl->roster.hold(record.id, "start");
      if (!hold || record.current != nullptr || record.state != State::kRefused) return;
      impl->roster.apply(record, Event::kEnable, "the configuration has changed");
      (void)impl->load(record, {});
    });
  }
}

std::uint64_t Plugins::generation() const { return impl_->roster.generation(); }

std::vector<Configurable> Plugins::configurables() const {
  std::vector<Configurable> found;
  for (const std::string& id : impl_->roster.ids()) {
    std::string over = impl_->roster.desired.of(id).config;
    if (const auto instance = impl_->roster.serving(id)) {
      const bool live = instance->configuresLive();
      found.push_back({instance->manifest(), std::move(over),
                       live ? Configurable::Takes::kLive : Configurable::Takes::kAnew});
      continue;
    }
    const auto view = impl_->roster.show(id);
    if (!view || view->folder.empty()) continue;
    if (auto manifest = module::readManifest(view->folder, id))
      found.push_back({std::move(*manifest), std::move(over), Configurable::Takes::kWhenItStarts});
  }
  return found;
}

std::vector<module::Manifest> Plugins::versionsAtHand(std::string_view id) const {
  std::vector<module::Manifest> found;
  if (const auto instance = impl_->roster.serving(id)) found.push_back(instance->manifest());
  const Wish wish = impl_->roster.desired.of(id);
  for (const std::filesystem::path& folder : {wish.folder, wish.previous, impl_->roster.found(id)}) {
    if (folder.empty()) continue;
    if (auto manifest = module::readManifest(folder, id)) found.push_back(std::move(*manifest));
  }
  return found;
}

base::Result<Reconfigured> Plugins::reconfigure(config::Whom whom, std::optional<std::uint64_t> decided_on) {
  Impl& impl = *impl_;
  Roster& roster = impl.roster;
  if (auto still = roster.checkStill(decided_on); !still) return std::unexpected(still.error());
  if (roster.stopping) return base::fail(base::Errc::kUnavailable, "the host is stopping");
  base::Result<> readable;
  std::vector<Consumer> consumers = impl.consumers(whom, readable);
  if (!readable) return std::unexpected(readable.error());
  std::vector<std::string> ids;
  ids.reserve(consumers.size());
  for (const Consumer& each : consumers) ids.push_back(each.id());
  auto holds = roster.holdAll(ids, "configure");
  if (!holds) return std::unexpected(holds.error());
  for (const Consumer& each : consumers) {
    if (roster.serving(each.id()) != each.instance)
      return base::fail(base::Errc::kBusy, "plugin '{}' was replaced meanwhile", each.id());
  }
  const auto fixed = std::ranges::stable_partition(
      consumers, [](const Consumer& each) { return each.instance->configuresLive(); });
  const std::span live(consumers.begin(), fixed.begin());
  Reconfigured done{roster.generation(), {}, {}, {}};
  if (consumers.empty()) return done;
  std::vector<Target> targets;
  for (const Consumer& each : live) done.configured.push_back(each.id());
  for (const Consumer& each : fixed) {
    done.reloaded.push_back(each.id());
    // From where it runs: what a package has become since is for `reload`.
    targets.push_back({&roster.add(each.id()), each.instance->folder(), roster.desired.of(each.id()).config});
  }

  if (auto prepared = impl.prepareAll(live); !prepared) return std::unexpected(prepared.error());
  if (targets.empty()) {
    const auto published = roster.publish(std::span<const Roster::Change>(), decided_on);
    if (!published) {
      for (const Consumer& each : live | std::views::reverse) (void)each.instance->abort();
      return std::unexpected(published.error());
    }
    done.generation = *published;
  } else {
    const auto reports = impl.change(std::move(targets), {}, decided_on);
    if (!reports) {
      for (const Consumer& each : live | std::views::reverse) (void)each.instance->abort();
      return std::unexpected(reports.error());
    }
    for (const Report& report : *reports)
      done.warnings.insert(done.warnings.end(), report.warnings.begin(), report.warnings.end());
    done.generation = reports->front().generation;
  }
  impl.commitAll(live);
  return done;
}

}  // namespace revenge::plugin
