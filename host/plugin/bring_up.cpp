#include "plugin/bring_up.hpp"

#include <utility>

#include <revenge/abi/version.h>

#include "plugin/take_down.hpp"
#include "plugin/undo.hpp"
#include "runtime/lanes.hpp"
#include "service/domain.hpp"

namespace revenge::plugin {

base::Result<std::shared_ptr<Instance>> BringUp::run(const std::filesystem::path& folder, Instance* before) {
  auto candidate = roster_.rooms.loader.examine(folder, record_.id);
  if (!candidate) return std::unexpected(candidate.error());
  step("verified");
  if (candidate->verdict.grade == module::Grade::kRetired) {
    for (const std::string& reason : candidate->verdict.reasons)
      warnings_.push_back(fmt::format("will not unload: {}", reason));
  }
  if (auto offered = requirements(candidate->manifest); !offered) return std::unexpected(offered.error());
  auto section = roster_.rooms.read_section(candidate->manifest);
  if (!section) return std::unexpected(section.error());
  section_ = std::move(*section);

  if (auto prepared = prepareInstance(std::move(*candidate)); !prepared)
    return std::unexpected(prepared.error());
  if (auto alive = enterLife(before); !alive) {
    TakeDown(roster_, record_, instance_).abandonLoad(alive.error());
    return std::unexpected(alive.error());
  }
  return instance_;
}

// Tables of the host, or services of a plugin that serves now.
base::Result<> BringUp::requirements(const module::Manifest& manifest) const {
  const auto offered = [this](const std::string& id) {
    return roster_.rooms.capabilities.table(id) != nullptr || !roster_.provider(id).empty();
  };
  for (const module::Interface& need : manifest.needs) {
    if (need.optional || offered(need.id)) continue;
    constexpr std::uint32_t kNewest = 9;
    for (std::uint32_t revision = kNewest; revision > 0; --revision) {
      if (!offered(fmt::format("{}/{}", need.name(), revision))) continue;
      return base::fail(base::Errc::kRefused,
                        "plugin '{}' refused: needs {} revision {}; this host offers {} (host {})",
                        manifest.id, need.name(), need.revision(), revision, REVENGE_VERSION_STRING);
    }
    return base::fail(
        base::Errc::kRefused,
        "plugin '{}' refused: needs {}, which neither this host ({}) nor a running plugin offers",
        manifest.id, need.id, REVENGE_VERSION_STRING);
  }
  return {};
}

// Everything up to the point where code of the plugin may hold something of the host.
base::Result<> BringUp::prepareInstance(module::Candidate candidate) {
  const auto& rooms = roster_.rooms;
  instance_ = std::make_shared<Instance>(rooms, candidate.manifest, candidate.folder, candidate.sha256);
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
  options.plugin = static_cast<base::PluginMark>(ref->index + 1);
  options.share = roster_.options.lane_share;
  auto lane = rooms.lanes.openLane(std::move(options));
  if (!lane) return std::unexpected(lane.error());
  undo.push([&rooms, lane = *lane] { rooms.lanes.closeLane(lane); });

  auto image = rooms.loader.load(std::move(candidate));
  if (!image) {
    instance_->apply(Event::kRefuse, image.error().message);
    return std::unexpected(image.error());
  }
  revenge_host& host = roster_.newHost(instance_->manifest(), package);
  host.instance = *ref;
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

base::Result<> BringUp::enterLife(Instance* before) {
  if (auto created = judge(instance_->create(section_)); !created) return created;
  instance_->apply(Event::kCreate);
  step("configured");
  if (auto carried = carryState(before); !carried) return carried;
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

base::Result<> BringUp::carryState(Instance* before) {
  const bool declared = instance_->manifest().swap.state != module::SwapState::kNone;
  if (before == nullptr || !declared || before->manifest().swap.state == module::SwapState::kNone) return {};
  const auto& version = before->manifest().version;
  const auto& rules = instance_->manifest().swap;
  if (version != instance_->manifest().version && !module::coversVersion(rules.reads, version) &&
      !module::coversVersion(before->manifest().swap.readableBy, instance_->manifest().version)) {
    return base::fail(base::Errc::kRefused,
                      "plugin '{}': version {} does not read the state of {} (plugin.json swap.reads)",
                      record_.id, instance_->manifest().version.text(), version.text());
  }
  auto saved = before->save();
  if (!saved) {
    failure_ = Event::kFail;
    return std::unexpected(saved.error());
  }
  if (auto restored = judge(instance_->restore(*saved)); !restored) return restored;
  step("restored");
  return {};
}

base::Result<> BringUp::judge(base::Result<> result) {
  if (!result) failure_ = result.error().code == base::Errc::kTimedOut ? Event::kHang : Event::kFail;
  return result;
}

void BringUp::step(std::string name) {
  const base::Instant now = roster_.rooms.clock.now();
  steps_.push_back({std::move(name), now - last_});
  last_ = now;
  if (progress_) progress_(steps_.back());
}

}  // namespace revenge::plugin
