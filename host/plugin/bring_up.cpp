#include "plugin/bring_up.hpp"

#include <algorithm>
#include <utility>

#include <revenge/abi/version.h>

#include "flags/flags.hpp"
#include "plugin/take_down.hpp"
#include "plugin/undo.hpp"
#include "runtime/lanes.hpp"
#include "service/domain.hpp"

namespace revenge::plugin {

namespace {

const std::string& gateOf(const module::Manifest& manifest) {
  return manifest.flag.empty() ? manifest.id : manifest.flag;
}

bool offers(const module::Manifest& manifest, std::string_view interface) {
  return std::ranges::any_of(manifest.offers,
                             [&](const module::Interface& each) { return each.id == interface; });
}

}  // namespace

base::Result<> BringUp::examine(const std::filesystem::path& folder, const std::string& over,
                                std::span<const module::Manifest* const> beside,
                                std::span<const std::string> leaving) {
  auto candidate = roster_.rooms.loader.examine(folder, record_.id);
  if (!candidate) return std::unexpected(candidate.error());
  candidate_ = std::move(*candidate);
  manifest_ = candidate_->manifest;
  // From now on an operator may kill it, also where no file defines it.
  (void)roster_.rooms.flags.id(gateOf(manifest()));
  if (const auto closed = roster_.rooms.flags.closed(gateOf(manifest()))) {
    failure_ = Event::kDisable;
    return base::fail(base::Errc::kRefused, "plugin '{}' may not run: {}", record_.id,
                      Roster::noteOf(*closed));
  }
  verdict_ = candidate_->verdict;
  if (const auto quarantine = roster_.rooms.crashes.quarantined(record_.id, candidate_->sha256)) {
    failure_ = Event::kQuarantine;
    return base::fail(base::Errc::kRefused, "plugin '{}' {} is quarantined: {}", record_.id,
                      quarantine->version, quarantine->note());
  }
  signature_ = candidate_->signature;
  step("verified");
  if (verdict().grade == module::Grade::kRetired) {
    for (const std::string& reason : verdict().reasons)
      warnings_.push_back(fmt::format("will not unload: {}", reason));
  }
  warnings_.insert(warnings_.end(), verdict().warnings.begin(), verdict().warnings.end());
  if (signature().state != module::Signed::kTrusted && signature().state != module::Signed::kNot) {
    warnings_.push_back(signature().refusal());
    roster_.logger.warn(signature().refusal(), {{"plugin", record_.id}});
  }
  if (auto offered = requirements(beside, leaving); !offered) return offered;
  auto section = roster_.rooms.read_section(manifest(), over);
  if (!section) return std::unexpected(section.error());
  section_ = std::move(*section);
  return {};
}

// Tables of the host, services of a plugin that serves now, or of one that comes with it.
base::Result<> BringUp::requirements(std::span<const module::Manifest* const> beside,
                                     std::span<const std::string> leaving) {
  std::string missing;
  for (const module::Interface& need : manifest().needs) {
    const auto& table = [this](std::string_view id) {
      return roster_.rooms.capabilities.table(id) != nullptr;
    };
    if (need.optional || table(need.id)) continue;
    if (std::ranges::any_of(beside, [&](const module::Manifest* each) { return offers(*each, need.id); }))
      continue;
    constexpr std::uint32_t kNewest = 9;
    for (std::uint32_t revision = kNewest; revision > 0; --revision) {
      if (!table(fmt::format("{}/{}", need.name(), revision))) continue;
      return base::fail(base::Errc::kRefused,
                        "plugin '{}' refused: needs {} revision {}; this host offers {} (host {})",
                        manifest().id, need.name(), need.revision(), revision, REVENGE_VERSION_STRING);
    }
    const Graph serving = roster_.graph(Roster::Whose::kServing);
    const auto provider = std::ranges::find_if(serving.nodes(), [&](const Node& node) {
      return node.id != record_.id && std::ranges::find(leaving, node.id) == leaving.end() &&
             std::ranges::any_of(node.offers,
                                 [&](const module::Interface& each) { return each.id == need.id; });
    });
    std::string why = roster_.absence(record_.id, need);
    if (provider != serving.nodes().end() && why.empty()) continue;
    if (why.empty()) why = fmt::format("needs {}, whose provider leaves in the same step", need.id);
    missing += (missing.empty() ? "" : "; ") + why;
  }
  if (missing.empty()) return {};
  failure_ = Event::kMiss;
  return base::fail(base::Errc::kUnavailable, "plugin '{}' waits: {}", manifest().id, missing);
}

base::Result<> BringUp::judgeState(const Instance* before) const {
  if (before == nullptr || before->manifest().swap.state == module::SwapState::kNone) return {};
  const auto& from = before->manifest();
  const auto& to = manifest();
  if (to.swap.state == module::SwapState::kNone) {
    return base::fail(
        base::Errc::kRefused,
        "plugin '{}': version {} keeps state and {} has none (plugin.json swap.state): it would be "
        "lost; disable and enable the plugin to begin anew",
        record_.id, from.version.text(), to.version.text());
  }
  if (from.version == to.version || module::coversVersion(to.swap.reads, from.version) ||
      module::coversVersion(from.swap.readableBy, to.version)) {
    return {};
  }
  return base::fail(base::Errc::kRefused,
                    "plugin '{}': version {} does not read the state of {} (plugin.json swap.reads)",
                    record_.id, to.version.text(), from.version.text());
}

base::Result<> BringUp::create() {
  if (auto loaded = load(); !loaded) return loaded;
  if (auto created = judge(instance_->create(section_)); !created) return created;
  instance_->apply(Event::kCreate);
  step("configured");
  return {};
}

base::Result<> BringUp::restore(const SavedState& saved) {
  if (auto restored = judge(instance_->restore(saved)); !restored) return restored;
  step("restored");
  return {};
}

base::Result<> BringUp::start() {
  if (auto started = judge(instance_->start()); !started) return started;
  step("started");
  if (auto healthy = judge(instance_->health()); healthy) {
    step("healthy");
  } else if (healthy.error().code == base::Errc::kUnavailable) {
    degraded_ = healthy.error().message;
    warnings_.push_back(degraded_);
  } else {
    return healthy;
  }
  return {};
}

// Before its library was mapped everything was undone already.
void BringUp::undo(const base::Error& why) {
  if (instance_ != nullptr && instance_->isMapped()) TakeDown(roster_, record_, instance_).abandonLoad(why);
  instance_ = nullptr;
}

// Everything up to the point where code of the plugin may hold something of the host.
base::Result<> BringUp::load() {
  const auto& rooms = roster_.rooms;
  module::Candidate& candidate = *candidate_;
  instance_ = std::make_shared<Instance>(rooms, candidate.manifest, candidate.folder, candidate.sha256,
                                         candidate.signature.text());
  instance_->apply(Event::kVerify);
  const std::string package = candidate.copy.folder().string();

  Undo undo;
  auto ref = rooms.domain.instances().open();
  if (!ref) return std::unexpected(ref.error());
  undo.push([&rooms, ref = *ref] {
    rooms.domain.instances().close(ref, service::Door::kShut);
    (void)rooms.domain.instances().release(ref);
  });
  runtime::LaneOptions options;
  options.name = fmt::format("{} {}", record_.id, candidate.manifest.version.text());
  const auto mark = static_cast<base::PluginMark>(ref->index + 1);
  options.plugin = mark;
  options.share = roster_.options.lane_share;
  auto lane = rooms.lanes.openLane(std::move(options));
  if (!lane) return std::unexpected(lane.error());
  undo.push([&rooms, lane = *lane] { rooms.lanes.closeLane(lane); });
  rooms.lanes.restrain(*lane, roster_.holdOn(record_));

  auto image = loadImage(mark, std::move(candidate));
  if (!image) {
    instance_->apply(Event::kRefuse, image.error().message);
    return std::unexpected(image.error());
  }
  revenge_host& host = roster_.newHost(instance_->manifest(), package);
  host.instance = *ref;
  observe::nameMark(host.mark(), build());
  host.lane = *lane;
  host.context = rooms.capabilities.open(host);
  host.api = {sizeof(revenge_host_api),
              REVENGE_ABI_GENERATION,
              {REVENGE_VERSION_STRING, sizeof(REVENGE_VERSION_STRING) - 1},
              &host,
              [](const revenge_host* asking, revenge_view id) -> const void* {
                return asking == nullptr ? nullptr : asking->capabilities->table({id.data, id.size});
              }};
  host.capabilities = &rooms.capabilities;
  instance_->adopt(std::move(*image), host);
  instance_->apply(Event::kLoad);
  step("loaded");
  undo.dismiss();
  return {};
}

// Its static initialisers run here.
base::Result<std::unique_ptr<module::Image>> BringUp::loadImage(base::PluginMark mark,
                                                                module::Candidate candidate) {
  const auto step = roster_.rooms.crashes.begin(build(), "load");
  observe::nameMark(mark, build());
  const base::PluginScope inside(mark);
  const base::ActivityScope activity("load");
  observe::nameImage((candidate.copy.folder() / (record_.id + ".so")).string(), build());
  return roster_.rooms.loader.load(std::move(candidate));
}

observe::PluginBuild BringUp::build() const {
  return {instance_->manifest().id, instance_->versionText(), instance_->sha256()};
}

base::Result<> BringUp::judge(base::Result<> result) {
  if (!result) failure_ = result.error().code == base::Errc::kTimedOut ? Event::kHang : Event::kFail;
  return result;
}

void BringUp::step(std::string name) {
  const base::Instant now = roster_.rooms.clock.now();
  steps_.push_back({std::move(name), now - last_, record_.id});
  last_ = now;
  if (progress_) progress_(steps_.back());
}

}  // namespace revenge::plugin
