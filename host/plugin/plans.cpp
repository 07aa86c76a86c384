#include <algorithm>
#include <array>
#include <utility>

#include <fmt/ranges.h>

#include "plugin/plugins_impl.hpp"

namespace revenge::plugin {

namespace {

constexpr std::array kVerbs{"enable", "disable", "swap", "rollback", "reload"};

// Where a plan's configuration is to be none at all.
bool isEmptyObject(std::string_view json) {
  return std::ranges::all_of(json, [](char c) { return c == '{' || c == '}' || c == ' ' || c == '\n'; });
}

std::unexpected<base::Error> switchedOff(std::string_view id) {
  return base::fail(base::Errc::kRefused, "plugin '{}' is switched off; revengectl enable {}", id, id);
}

std::string verdictOf(const module::Verdict& verdict) {
  if (verdict.grade == module::Grade::kUnloadable) return "unloadable";
  return fmt::format("will be retired: {}", fmt::join(verdict.reasons, "; "));
}

// The way back is open when the older version can read what the newer one saves.
std::string wayBack(const Instance* before, const module::Manifest& to) {
  if (before == nullptr) return "nothing serves now";
  const auto& from = before->manifest();
  if (to.swap.state == module::SwapState::kNone || from.version == to.version) return {};
  if (from.swap.state == module::SwapState::kNone)
    return fmt::format("{} keeps state and {} has none", to.version.text(), from.version.text());
  if (module::coversVersion(from.swap.reads, to.version) ||
      module::coversVersion(to.swap.readableBy, from.version))
    return {};
  return fmt::format("{} does not read the state of {} (plugin.json swap.readable_by)", from.version.text(),
                     to.version.text());
}

}  // namespace

std::string_view name(Verb verb) { return kVerbs.at(static_cast<std::size_t>(verb)); }

// The generation first: what was decided on another one is not even looked at.
base::Result<std::vector<Roster::Hold>> Plugins::Impl::holdFor(const Plan& plan, std::string_view operation) {
  if (plan.intents.empty()) return base::fail(base::Errc::kInvalid, "the plan changes nothing");
  std::vector<std::string> ids;
  for (const Intent& intent : plan.intents) {
    if (std::ranges::find(ids, intent.id) != ids.end())
      return base::fail(base::Errc::kInvalid, "plugin '{}' stands in the plan twice", intent.id);
    ids.push_back(intent.id);
  }
  auto holds = holdFor(std::span(plan.intents), operation);
  if (!holds) return holds;
  if (auto still = roster.checkStill(plan.generation); !still) return std::unexpected(still.error());
  return holds;
}

// What is swapped in may be a plugin that no plugin folder has, as long as its folder says that it is the one.
base::Result<std::vector<Roster::Hold>> Plugins::Impl::holdFor(std::span<const Intent> intents,
                                                               std::string_view operation) {
  std::vector<std::string> ids;
  std::vector<std::string> taken;
  std::string others;
  for (const Intent& intent : intents) {
    ids.push_back(intent.id);
    if (intent.verb != Verb::kSwap) continue;
    const auto manifest = module::readManifest(intent.folder, intent.id);
    if (manifest) taken.push_back(intent.id);
    if (!manifest) others += fmt::format("; {}", manifest.error().message);
  }
  auto holds = roster.holdAll(ids, operation, taken);
  if (!holds && holds.error().code == base::Errc::kNotFound)
    return base::fail(base::Errc::kNotFound, "{}{}", holds.error().message, others);
  return holds;
}

// `after` is the wish that stands when it has succeeded.
base::Result<Target> Plugins::Impl::targetOf(const Intent& intent, const Roster::Hold& hold,
                                             Wish& after) const {
  Record& record = hold.record();
  const Wish now = roster.desired.of(intent.id);
  after = now;
  if (intent.config) after.config = isEmptyObject(*intent.config) ? "" : *intent.config;
  const auto here = folderOf(record);
  switch (intent.verb) {
    case Verb::kDisable:
      after.on = false;
      return Target{&record, std::nullopt, {}};
    case Verb::kEnable:
      if (record.current != nullptr)
        return base::fail(base::Errc::kExists, "plugin '{}' is already running {}", intent.id,
                          versionOf(record.current));
      after.on = true;
      return Target{&record, here, after.config};
    case Verb::kReload:
      if (!now.on) return switchedOff(intent.id);
      return Target{&record, here, after.config};
    case Verb::kSwap: {
      if (!now.on && !hold.triesNew()) return switchedOff(intent.id);
      std::error_code failed;
      const auto folder = std::filesystem::canonical(intent.folder, failed);
      if (failed)
        return base::fail(base::Errc::kNotFound, "plugin '{}': {}: {}", intent.id, intent.folder.string(),
                          failed.message());
      after.on = true;
      after.folder = folder;
      // The way back is to what has run together; the folder it runs from already is none.
      if (folder != here) {
        after.previous = here;
        after.previous_config = now.config;
      }
      return Target{&record, folder, after.config};
    }
    case Verb::kRollback:
      if (now.previous.empty())
        return base::fail(base::Errc::kNotFound, "plugin '{}': no earlier version to go back to", intent.id);
      after = {true, now.previous, here, intent.config ? after.config : now.previous_config, now.config};
      return Target{&record, now.previous, after.config};
  }
  return base::fail(base::Errc::kInvalid, "plugin '{}': no such verb", intent.id);
}

base::Result<Outlook> Plugins::plan(const Plan& plan) {
  Impl& impl = *impl_;
  auto holds = impl.holdFor(plan, Roster::kLooking);
  if (!holds) return std::unexpected(holds.error());
  std::vector<Target> targets;
  std::map<std::string, Verb, std::less<>> verbs;
  for (std::size_t i = 0; i < plan.intents.size(); ++i) {
    Wish after;
    auto target = impl.targetOf(plan.intents[i], (*holds)[i], after);
    if (!target) return std::unexpected(target.error());
    targets.push_back(std::move(*target));
    verbs.emplace(plan.intents[i].id, plan.intents[i].verb);
  }
  Outlook outlook;
  outlook.generation = impl.roster.generation();
  outlook.waiting = impl.willWait(targets);
  const Progress silent;
  Transition transition(impl.roster, std::move(targets), silent);
  outlook.feasible = transition.examine().has_value();
  for (Transition::Part& part : transition.parts())
    outlook.items.push_back(impl.itemOf(part, verbs.at(part.target.record->id)));
  return outlook;
}

Outlook::Item Plugins::Impl::itemOf(Transition::Part& part, Verb verb) const {
  Outlook::Item item;
  item.id = part.target.record->id;
  item.verb = verb;
  item.from = versionOf(part.before);
  if (part.refused) item.refusal = part.refused->message;
  const auto gone = [&](std::string what) { item.vanishing.push_back(std::move(what)); };
  if (!part.target.folder) {
    if (part.before == nullptr) return item;
    for (const auto& offer : part.before->manifest().offers) gone(fmt::format("service {}", offer.id));
    for (const auto& [kind, count] : roster.rooms.capabilities.registrations(part.before->host())) {
      if (kind == "routes" && count > 0) gone(fmt::format("{} route{}", count, count == 1 ? "" : "s"));
    }
    return item;
  }
  if (!part.up.isExamined()) return item;
  const module::Manifest& to = part.up.manifest();
  item.to = to.version.text();
  item.verdict = verdictOf(part.up.verdict());
  item.mode = module::name(to.swap.mode);
  item.state = module::name(to.swap.state);
  item.signature = part.up.signature().text();
  item.way_back = wayBack(part.before.get(), to);
  if (part.before == nullptr) return item;
  item.downgrade = to.version < part.before->manifest().version;
  for (const auto& offer : part.before->manifest().offers) {
    if (std::ranges::find(to.offers, offer.id, &module::Interface::id) == to.offers.end())
      gone(fmt::format("service {}", offer.id));
  }
  return item;
}

base::Result<std::vector<Report>> Plugins::apply(const Plan& plan, const Progress& progress) {
  Impl& impl = *impl_;
  auto holds = impl.holdFor(plan, "apply");
  if (!holds) return std::unexpected(holds.error());
  if (const bool reloads =
          std::ranges::any_of(plan.intents, [](const Intent& each) { return each.verb == Verb::kReload; });
      reloads) {
    if (auto read = impl.roster.rooms.reread_configuration(); !read) return std::unexpected(read.error());
  }
  std::vector<Target> targets;
  Wishes wishes;
  for (std::size_t i = 0; i < plan.intents.size(); ++i) {
    auto target = impl.targetOf(plan.intents[i], (*holds)[i], wishes[plan.intents[i].id]);
    if (!target) return std::unexpected(target.error());
    targets.push_back(std::move(*target));
  }
  auto reports = impl.change(std::move(targets), progress, plan.generation);
  if (!reports) return reports;
  if (auto kept = impl.roster.desired.set(wishes); !kept)
    reports->front().warnings.push_back(
        fmt::format("not remembered over a restart: {}", kept.error().message));
  for (Roster::Hold& hold : *holds) impl.roster.lookBack(hold.record());
  return reports;
}

}  // namespace revenge::plugin
