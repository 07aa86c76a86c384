#include "service/directory.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/ranges.h>

namespace revenge::service {

base::Result<InterfaceId> InterfaceId::parse(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  std::uint32_t revision = 0;
  if (slash != std::string_view::npos && slash > 0) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, revision);
    if (error == std::errc{} && stop == end && revision > 0)
      return InterfaceId{std::string(text.substr(0, slash)), revision};
  }
  return base::fail(base::Errc::kInvalid,
                    "interface '{}': expected a name and a revision, like revenge.sql/1", text);
}

const Directory::Member* Directory::find(InstanceRef instance) const {
  const auto at = std::ranges::find(members_, instance, &Member::instance);
  return at == members_.end() ? nullptr : &*at;
}
Directory::Member* Directory::find(InstanceRef instance) {
  return const_cast<Member*>(std::as_const(*this).find(instance));
}

const std::string& Directory::nameOf(InstanceRef instance) const {
  static const std::string kUnknown = "an instance that is gone";
  const Member* member = find(instance);
  return member == nullptr ? kUnknown : member->name;
}

void Directory::add(InstanceRef instance, std::string name, Standing standing) {
  members_.push_back({instance, std::move(name), standing, {}});
}

void Directory::setStanding(InstanceRef instance, Standing standing) {
  if (Member* member = find(instance)) member->standing = standing;
}

void Directory::remove(InstanceRef instance) {
  std::erase_if(members_, [&](const Member& each) { return each.instance == instance; });
  std::erase_if(requirements_, [&](const Requirement& each) { return each.consumer == instance; });
}

base::Result<> Directory::provide(InstanceRef instance, const InterfaceId& interface, const void* table,
                                  void* self) {
  Member* member = find(instance);
  if (member == nullptr)
    return base::fail(base::Errc::kNotFound, "{} is to be offered by {}", interface.text(), nameOf(instance));
  if (provisionOf(instance, interface).table != nullptr) {
    return base::fail(base::Errc::kExists, "{} offers {} already", member->name, interface.text());
  }
  member->provides.push_back({interface, {instance, table, self}});
  return {};
}

base::Result<> Directory::withdraw(InstanceRef instance, const InterfaceId& interface) {
  Member* member = find(instance);
  if (member != nullptr &&
      std::erase_if(member->provides, [&](const Provision& each) { return each.interface == interface; }) > 0)
    return {};
  return base::fail(base::Errc::kNotFound, "{} does not offer {}", nameOf(instance), interface.text());
}

base::Result<> Directory::require(InstanceRef consumer, const InterfaceId& interface, Need need,
                                  SlotRef slot) {
  if (find(consumer) == nullptr) {
    return base::fail(base::Errc::kNotFound, "{} is to be required by {}", interface.text(),
                      nameOf(consumer));
  }
  if (std::ranges::find(requirements_, slot, &Requirement::slot) != requirements_.end()) {
    return base::fail(base::Errc::kExists, "slot {}.{} is in use already", slot.index, slot.generation);
  }
  requirements_.push_back({interface, need, slot, consumer, {}});
  return {};
}

base::Result<> Directory::pin(SlotRef slot, InstanceRef provider) {
  const auto at = std::ranges::find(requirements_, slot, &Requirement::slot);
  if (at == requirements_.end()) {
    return base::fail(base::Errc::kNotFound, "slot {}.{} is not in the directory", slot.index,
                      slot.generation);
  }
  at->pinned = provider;
  return {};
}

void Directory::pinAll(InstanceRef consumer, InstanceRef provider) {
  for (Requirement& each : requirements_) {
    if (each.consumer == consumer && provisionOf(provider, each.interface).table != nullptr)
      each.pinned = provider;
  }
}

Provider Directory::provisionOf(InstanceRef instance, const InterfaceId& interface) const {
  const Member* member = find(instance);
  if (member == nullptr) return {};
  const auto at = std::ranges::find(member->provides, interface, &Provision::interface);
  return at == member->provides.end() ? Provider{} : at->provider;
}

std::vector<InterfaceId> Directory::providedBy(InstanceRef instance) const {
  std::vector<InterfaceId> ids;
  if (const Member* member = find(instance)) {
    ids.reserve(member->provides.size());
    for (const Provision& each : member->provides) ids.push_back(each.interface);
  }
  return ids;
}

// Why nobody visible provides it, as exactly as the members can tell.
std::string Directory::absence(const Requirement& requirement) const {
  const std::string wanted = requirement.interface.text();
  for (const Member& member : members_) {
    if (member.instance == requirement.consumer) continue;
    for (const Provision& each : member.provides) {
      if (each.interface.name != requirement.interface.name) continue;
      if (each.interface == requirement.interface) {
        return fmt::format("{} is offered by {}, which does not serve", wanted, member.name);
      }
      return fmt::format("{} is not offered; {} offers {}", wanted, member.name, each.interface.text());
    }
  }
  return fmt::format("{} is offered by nobody", wanted);
}

Resolved Directory::resolve(const Requirement& requirement) const {
  const std::string& consumer = nameOf(requirement.consumer);
  if (requirement.pinned) {
    const Provider provider = provisionOf(requirement.pinned, requirement.interface);
    if (provider.table != nullptr) return {requirement, provider, {}};
    return {requirement,
            {},
            fmt::format("{}: its {} stays with {}, which does not offer it", consumer,
                        requirement.interface.text(), nameOf(requirement.pinned))};
  }
  std::vector<Provider> found;
  std::vector<std::string_view> names;
  for (const Member& member : members_) {
    if (member.standing != Standing::kVisible || member.instance == requirement.consumer) continue;
    if (const Provider provider = provisionOf(member.instance, requirement.interface);
        provider.table != nullptr) {
      found.push_back(provider);
      names.push_back(member.name);
    }
  }
  if (found.size() == 1) return {requirement, found.front(), {}};
  if (found.empty()) return {requirement, {}, fmt::format("{}: {}", consumer, absence(requirement))};
  return {requirement,
          {},
          fmt::format("{}: {} is offered by {}; disable all but one", consumer, requirement.interface.text(),
                      fmt::join(names, " and "))};
}

std::vector<Resolved> Directory::resolve() const {
  std::vector<Resolved> resolved;
  resolved.reserve(requirements_.size());
  for (const Requirement& each : requirements_) resolved.push_back(resolve(each));
  return resolved;
}

std::optional<Resolved> Directory::resolve(SlotRef slot) const {
  const auto at = std::ranges::find(requirements_, slot, &Requirement::slot);
  if (at == requirements_.end()) return std::nullopt;
  return resolve(*at);
}

std::vector<Resolved> Directory::missing(InstanceRef consumer) const {
  std::vector<Resolved> out;
  for (const Requirement& each : requirements_) {
    if (each.consumer != consumer || each.need == Need::kOptional) continue;
    if (Resolved resolved = resolve(each); !resolved.bound()) out.push_back(std::move(resolved));
  }
  return out;
}

std::vector<InstanceRef> Directory::dependents(InstanceRef provider) const {
  std::vector<InstanceRef> out;
  for (const Requirement& each : requirements_) {
    if (each.need == Need::kOptional || resolve(each).provider.instance != provider) continue;
    if (std::ranges::find(out, each.consumer) == out.end()) out.push_back(each.consumer);
  }
  return out;
}

void bindAll(GenerationBuilder& builder, std::span<const Resolved> resolved) {
  for (const Resolved& each : resolved) builder.bind(each.requirement.slot, each.provider);
}

}  // namespace revenge::service
