#include "app/config_desk.hpp"

#include <algorithm>
#include <utility>

#include <fmt/ranges.h>

#include "app/file_changes.hpp"
#include "config/key_path.hpp"
#include "config/override.hpp"
#include "document/json.hpp"
#include "document/yaml_edit.hpp"

namespace revenge::app {

namespace {

using base::Errc;
using config::Effect;
using config::Source;
using config::SourceKind;

constexpr mode_t kMode = 0640;
constexpr mode_t kSecretMode = 0600;
constexpr std::string_view kHeader = "# Written by revengectl config; comments and layout are yours.\n";

base::Error causes(const config::Problems& problems) {
  return {Errc::kInvalid, fmt::format("{}", fmt::join(problems, "\n"))};
}

Effect effectOf(plugin::Configurable::Takes takes) {
  if (takes == plugin::Configurable::Takes::kLive) return Effect::kLive;
  return takes == plugin::Configurable::Takes::kAnew ? Effect::kPluginAnew : Effect::kNotServing;
}

// The local layer, made empty where there is none; behind the main file, before the drop-ins.
Source& localOf(config::Sources& sources, const config::Places& places) {
  const auto there = std::ranges::find(sources, SourceKind::kLocal, &Source::kind);
  if (there != sources.end()) return *there;
  const auto behind =
      std::ranges::find_if(sources, [](const Source& each) { return each.kind != SourceKind::kMain; });
  return *sources.insert(behind, Source{SourceKind::kLocal, places.local(), std::string(kHeader), {}});
}

}  // namespace

std::vector<config::PluginPart> ConfigDesk::parts() const {
  std::vector<config::PluginPart> parts;
  for (plugin::Configurable& each : plugins_.configurables()) {
    config::PluginPart part{each.manifest.id, each.manifest.version.text(), each.manifest.config,
                            std::move(each.over), effectOf(each.takes)};
    for (const module::Manifest& other : plugins_.versionsAtHand(part.id)) {
      if (other.config) part.others.push_back(*other.config);
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

std::expected<config::Picture, config::Problems> ConfigDesk::picture(const config::Sources& sources,
                                                                     config::Problems& warnings) const {
  auto candidate = configuration_.candidate(sources);
  if (!candidate) return std::unexpected(candidate.error());
  warnings = candidate->warnings;
  config::Picture picture(std::move(candidate->snapshot), parts());
  warnings.insert(warnings.end(), picture.warnings().begin(), picture.warnings().end());
  return picture;
}

base::Result<std::vector<config::Entry>> ConfigDesk::get(std::string_view key) const {
  const config::Picture now = running();
  if (key.empty()) return now.entries("");
  const auto steps = config::stepsOfKey(key);
  if (!steps) return std::unexpected(steps.error());
  if (!now.knows(*steps)) return base::fail(Errc::kNotFound, "{}", now.unknown(*steps));
  return now.entries(config::pointerTo(*steps));
}

base::Result<config::Explained> ConfigDesk::explain(std::string_view key) const {
  const auto steps = config::stepsOfKey(key);
  if (!steps) return std::unexpected(steps.error());
  const config::Picture now = running();
  if (!now.knows(*steps)) return base::fail(Errc::kNotFound, "{}", now.unknown(*steps));
  config::Explained told = now.explain(*steps);
  const document::Value* const began = configuration_.atStart()->values().at(config::pointerTo(*steps));
  const bool waits =
      told.effect == Effect::kHostRestart && began != nullptr && !told.secret && !(*began == told.value);
  if (waits) told.waits = document::writeJson(*began);
  return told;
}

config::Sources ConfigDesk::with(const std::optional<config::Draft>& draft) const {
  config::Sources sources = config::readSources(configuration_.places());
  if (!draft) return sources;
  std::erase_if(sources, [](const Source& source) { return source.kind == SourceKind::kMain; });
  sources.insert(sources.begin(), Source{SourceKind::kMain, draft->name, draft->text, {}});
  return sources;
}

base::Result<std::vector<config::Difference>> ConfigDesk::diff(
    const std::optional<config::Draft>& draft) const {
  config::Problems warnings;
  const auto next = picture(with(draft), warnings);
  if (!next) return std::unexpected(causes(next.error()));
  if (!next->problems().empty()) return std::unexpected(causes(next->problems()));
  return config::differences(running(), *next);
}

config::Verdict ConfigDesk::validate(const config::Draft& draft) const {
  config::Verdict verdict;
  const config::Sources sources = with(draft);
  if (const auto next = picture(sources, verdict.warnings)) {
    verdict.problems = next->problems();
    return verdict;
  }
  config::PluginSchemas schemas;
  for (config::PluginPart& part : parts()) {
    if (part.schema) schemas.insert_or_assign(part.id, std::move(*part.schema));
  }
  const auto all = configuration_.candidate(sources, std::move(schemas));
  if (!all) verdict.problems = all.error();
  return verdict;
}

config::HistoryView ConfigDesk::history() const {
  return {history_.number(), history_.kept(), history_.refused(), history_.trouble()};
}

base::Result<> ConfigDesk::checkStill(const config::Asked& asked) const {
  const std::uint64_t runs = plugins_.generation();
  if (!asked.decided_on || *asked.decided_on == runs) return {};
  return base::fail(Errc::kStale,
                    "decided on generation {}, but {} runs; look again (revengectl config diff)",
                    *asked.decided_on, runs);
}

base::Result<config::Outcome> ConfigDesk::set(std::string_view key, std::string_view yaml,
                                              const config::Asked& asked) {
  const auto steps = config::stepsOfKey(key);
  if (!steps) return std::unexpected(steps.error());
  const auto value = config::parseOneLine(yaml, config::keyOf(*steps));
  if (!value) return std::unexpected(value.error());
  auto outcome = editLocal(
      *steps,
      [&](const Source& local) { return document::withValue(local.text, local.path, *steps, *value); },
      asked);
  if (!outcome) return outcome;
  const std::string pointer = config::pointerTo(*steps);
  // Of a dry run nothing stands above yet.
  const config::Picture now = running();
  const document::Value* const stands = now.values().at(pointer);
  if (asked.run == config::Run::kReal && stands != nullptr && !(*stands == *value) &&
      value->object() == nullptr)
    outcome->applied.warnings.push_back(
        fmt::format("{}: {} stands above the local file; its value is in force", config::keyOf(*steps),
                    now.originOf(pointer)));
  return outcome;
}

base::Result<config::Outcome> ConfigDesk::unset(std::string_view key, const config::Asked& asked) {
  const auto steps = config::stepsOfKey(key);
  if (!steps) return std::unexpected(steps.error());
  return editLocal(
      *steps,
      [&](const Source& local) -> base::Result<std::string> {
        auto text = document::withoutValue(local.text, local.path, *steps);
        if (!text && text.error().code == Errc::kNotFound) {
          return base::fail(Errc::kNotFound, "{}: {} is not set there; what is in force comes from: {}",
                            local.path, config::keyOf(*steps), running().originOf(config::pointerTo(*steps)));
        }
        if (text && text->empty()) return std::string(kHeader);
        return text;
      },
      asked);
}

base::Result<config::Outcome> ConfigDesk::editLocal(const std::vector<std::string>& steps,
                                                    const EditText& edit, const config::Asked& asked) {
  const auto turn = reloader_.turn();
  if (auto still = checkStill(asked); !still) return std::unexpected(still.error());
  const config::Sources on_disk = config::readSources(configuration_.places());
  config::Sources next = on_disk;
  Source& local = localOf(next, configuration_.places());
  if (!local.trouble.empty()) return base::fail(Errc::kIo, "{}", local.trouble);
  auto text = edit(local);
  if (!text) return std::unexpected(text.error());
  local.text = std::move(*text);
  const mode_t mode = running().isSecret(steps) ? kSecretMode : kMode;
  return change(on_disk, next, mode, OnDisk::kTaken, asked, turn);
}

base::Result<config::Outcome> ConfigDesk::rollback(std::uint64_t number, const config::Asked& asked) {
  const auto turn = reloader_.turn();
  if (auto still = checkStill(asked); !still) return std::unexpected(still.error());
  const auto kept = history_.of(number);
  if (!kept) {
    return base::fail(Errc::kNotFound,
                      "no configuration {} is kept; revengectl config history lists the last {}", number,
                      config::History::kKept);
  }
  const config::Sources on_disk = config::readSources(configuration_.places());
  config::Sources next = config::sourcesOf(kept->files, configuration_.places());
  std::ranges::copy_if(on_disk, std::back_inserter(next),
                       [](const Source& source) { return source.kind == SourceKind::kSecret; });
  return change(on_disk, next, kMode, OnDisk::kReplaced, asked, turn);
}

base::Result<config::Outcome> ConfigDesk::change(const config::Sources& on_disk, const config::Sources& next,
                                                 mode_t at_most, OnDisk unseen, const config::Asked& asked,
                                                 const Turn& turn) {
  config::Outcome outcome;
  outcome.run = asked.run;
  outcome.applied.generation = plugins_.generation();
  outcome.applied.number = history_.number();
  config::Problems warnings;
  const config::Picture before = running();
  const auto after = picture(next, warnings);
  if (!after) return std::unexpected(causes(after.error()));
  // What was wrong before costs its plugin alone, and may be what is being mended.
  config::Problems made = after->problems();
  std::erase_if(made, [&](const std::string& problem) {
    return std::ranges::find(before.problems(), problem) != before.problems().end();
  });
  if (!made.empty()) return std::unexpected(causes(made));
  outcome.differences = config::differences(before, *after);
  if (asked.run == config::Run::kDry) {
    for (const config::Difference& each : outcome.differences) {
      outcome.applied.changed.push_back(each.key);
      if (each.effect == Effect::kHostRestart) outcome.applied.restart.push_back(each.key);
    }
    outcome.applied.warnings = std::move(warnings);
    return outcome;
  }
  auto files = FileChanges::prepare(on_disk, next, at_most);
  if (!files) return std::unexpected(files.error());
  if (unseen == OnDisk::kReplaced) files->spare(reloader_.inForce(turn));
  auto applied = reloader_.apply(
      {next, config::Whom::kChanged, asked.by, asked.decided_on, [&files] { return files->commit(); }}, turn);
  if (!applied) return std::unexpected(applied.error());
  outcome.applied = std::move(*applied);
  outcome.files = files->files();
  for (const std::string& copy : files->copies())
    outcome.applied.warnings.push_back(fmt::format("{}: what stood on disk and was not in force", copy));
  return outcome;
}

base::Result<config::Applied> ConfigDesk::reload(config::Whom whom, const config::Asked& asked) {
  return reloader_.reload(whom, asked.by, asked.decided_on);
}

}  // namespace revenge::app
