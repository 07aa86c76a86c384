#include <fcntl.h>
#include <unistd.h>

#include "module/package_finder.hpp"
#include "module/sha256.hpp"
#include "plugin/plugins_impl.hpp"

namespace revenge::plugin {

namespace {

// Of the library as it is on disk now; empty when it cannot be told, which then is for the loader to explain.
std::string hashOnDisk(const std::filesystem::path& folder, std::string_view id) {
  const auto manifest = module::readManifest(folder, id);
  if (!manifest) return {};
  const int fd = ::open((folder / manifest->library).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return {};
  const auto hash = module::Sha256::ofDescriptor(fd);
  ::close(fd);
  return hash.value_or("");
}

}  // namespace

base::Result<Report> Plugins::enable(std::string_view id, const Progress& progress) {
  auto hold = impl_->roster.hold(id, "enable");
  if (!hold) return std::unexpected(hold.error());
  Record& record = hold->record();
  if (record.current != nullptr)
    return base::fail(base::Errc::kExists, "plugin '{}' is already running {}", id,
                      versionOf(record.current));
  Wish wish = impl_->roster.desired.of(id);
  wish.on = true;
  if (auto kept = impl_->roster.want(record, wish); !kept) return std::unexpected(kept.error());
  impl_->roster.apply(record, Event::kEnable, "");
  if (const auto closed = impl_->roster.closed(record)) {
    impl_->roster.disableByFlag(record, *closed);
    Report report{record.id, {}, {}, impl_->roster.generation(), {}, {}, {}, {}, {}, {}};
    report.warnings.push_back(
        fmt::format("it starts when its flag lets somebody in: {}", Roster::noteOf(*closed)));
    return report;
  }
  return impl_->load(record, progress);
}

base::Result<Report> Plugins::disable(std::string_view id, const Progress& progress) {
  auto hold = impl_->roster.hold(id, "disable");
  if (!hold) return std::unexpected(hold.error());
  Record& record = hold->record();
  Wish wish = impl_->roster.desired.of(id);
  wish.on = false;
  if (auto kept = impl_->roster.want(record, wish); !kept) return std::unexpected(kept.error());
  return impl_->change({&record, std::nullopt, {}}, progress);
}

base::Result<Report> Plugins::reload(std::string_view id, const Progress& progress) {
  auto hold = impl_->roster.hold(id, "reload");
  if (!hold) return std::unexpected(hold.error());
  if (auto read = impl_->roster.rooms.reread_configuration(); !read) return std::unexpected(read.error());
  Record& record = hold->record();
  const auto folder = impl_->folderOf(record);
  if (record.current == nullptr) {
    if (!impl_->roster.desired.of(id).on)
      return base::fail(base::Errc::kRefused, "plugin '{}' is switched off; revengectl enable {}", id, id);
    impl_->roster.apply(record, Event::kEnable, "");
    return impl_->load(record, progress);
  }
  const bool same_bytes = hashOnDisk(folder, id) == record.current->sha256();
  if (same_bytes && record.current->configuresLive()) return impl_->configure(record, progress);
  return impl_->load(record, progress);
}

base::Result<Report> Plugins::swap(std::string_view id, const std::filesystem::path& folder,
                                   const Progress& progress, WhenOff when_off) {
  const Intent intent{std::string(id), Verb::kSwap, folder};
  const auto held = impl_->holdFor(std::span(&intent, 1), "swap");
  if (!held) return std::unexpected(held.error());
  const Roster::Hold& hold = held->front();
  Record& record = hold.record();
  const bool off = !impl_->roster.desired.of(id).on;
  if (off && !hold.triesNew() && when_off == WhenOff::kRefuse)
    return base::fail(base::Errc::kRefused, "plugin '{}' is switched off; revengectl enable {}", id, id);
  std::error_code failed;
  const auto absolute = std::filesystem::canonical(folder, failed);
  if (failed) return base::fail(base::Errc::kNotFound, "{}: {}", folder.string(), failed.message());
  if (record.current == nullptr) impl_->roster.apply(record, Event::kEnable, "");
  const auto left = impl_->folderOf(record);
  const Wish wish = impl_->roster.desired.of(id);
  auto report = impl_->change({&record, absolute, wish.config}, progress);
  if (!report) {
    if (off) impl_->roster.apply(record, Event::kDisable, report.error().message);
    return report;
  }
  if (absolute == left && !off) return report;
  if (auto kept = impl_->roster.want(record, Wish{true, absolute, left, wish.config, wish.config}); !kept) {
    report->warnings.push_back(fmt::format("not remembered over a restart: {}", kept.error().message));
  }
  return report;
}

base::Result<Report> Plugins::rollback(std::string_view id, const Progress& progress) {
  auto hold = impl_->roster.hold(id, "rollback");
  if (!hold) return std::unexpected(hold.error());
  Record& record = hold->record();
  const Wish wish = impl_->roster.desired.of(id);
  if (wish.previous.empty())
    return base::fail(base::Errc::kNotFound, "plugin '{}': no earlier version to go back to", id);
  if (record.current == nullptr) impl_->roster.apply(record, Event::kEnable, "");
  auto report = impl_->change({&record, wish.previous, wish.previous_config}, progress);
  if (!report) return report;
  const Wish back{true, wish.previous, impl_->folderOf(record), wish.previous_config, wish.config};
  if (auto kept = impl_->roster.want(record, back); !kept) {
    report->warnings.push_back(fmt::format("not remembered over a restart: {}", kept.error().message));
  }
  return report;
}

base::Result<Report> Plugins::release(std::string_view id, const Progress& progress) {
  auto hold = impl_->roster.hold(id, "release");
  if (!hold) return std::unexpected(hold.error());
  Record& record = hold->record();
  const auto released = impl_->roster.rooms.crashes.release(id);
  if (!released) return std::unexpected(released.error());
  if (!*released) return base::fail(base::Errc::kRefused, "plugin '{}' is not in quarantine", id);
  if (impl_->roster.rooms.conduct != nullptr) impl_->roster.rooms.conduct->forgive(id);
  Report report{record.id, {}, {}, impl_->roster.generation(), {}, {}, {}, {}, {}, {}};
  // Another build of it may serve meanwhile.
  if (record.current != nullptr || !impl_->roster.desired.of(id).on) return report;
  impl_->roster.apply(record, Event::kEnable, "released");
  return impl_->load(record, progress);
}

void Plugins::quarantine(std::string_view id, const std::string& why) {
  impl_->inBackground([impl = impl_.get(), &record = impl_->roster.add(std::string(id)), why] {
    impl->quarantine(record, why);
  });
}

// Looks again once the record is its own: it may have left meanwhile.
void Plugins::Impl::quarantine(Record& record, const std::string& why) {
  const auto hold = roster.holdPatiently(record, "quarantine");
  if (roster.stopping || record.current == nullptr) return;
  Quarantine made{.plugin = record.id,
                  .version = versionOf(record.current),
                  .sha256 = record.current->sha256(),
                  .since = roster.rooms.clock.wall(),
                  .what = why};
  const std::string note = made.note();
  roster.logger.error("quarantined", {{"plugin", record.id}, {"version", made.version}, {"reason", why}});
  if (const auto kept = roster.rooms.crashes.quarantine(std::move(made)); !kept)
    roster.logger.error("a quarantine will not outlive this run",
                        {{"plugin", record.id}, {"reason", kept.error().message}});
  if (const auto report = change({&record, std::nullopt, {}, note, Event::kQuarantine}, {}); !report)
    roster.logger.error(report.error().message, {{"plugin", record.id}});
}

void Plugins::restrain(std::string_view id, runtime::Lanes::Hold hold) { impl_->roster.restrain(id, hold); }

}  // namespace revenge::plugin
