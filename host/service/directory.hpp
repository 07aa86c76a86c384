// Who provides what and which slot requires it: plain data, and the resolver that turns it into bindings.
// Thread safety: a value, none of its own; copy it, change the copy, publish what resolve() answers. The
// plugin room keeps one and publishes a copy as a facet.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "service/generations.hpp"

namespace revenge::service {

// "revenge.sql/1": the id is all before the last slash, the revision the number behind it.
struct InterfaceId {
  std::string name;
  std::uint32_t revision = 0;

  static base::Result<InterfaceId> parse(std::string_view text);
  std::string text() const { return fmt::format("{}/{}", name, revision); }
  auto operator<=>(const InterfaceId&) const = default;
};

enum class Need : std::uint8_t { kRequired, kOptional };

// Whether an instance takes part in the resolution of others' slots.
enum class Standing : std::uint8_t {
  kVisible,  // in the running generation
  kHidden,   // starting, or replaced and draining: seen only by slots that are pinned to it
};

struct Provision {
  InterfaceId interface;
  Provider provider;
};

struct Requirement {
  InterfaceId interface;
  Need need = Need::kRequired;
  SlotRef slot;
  InstanceRef consumer;
  // Set: this slot stays with that instance, whoever else is visible. A set of plugins that is replaced
  // together pins the slots of its old consumers to its old providers, and of its new consumers to its new
  // ones.
  InstanceRef pinned;
};

// One slot, resolved. An empty provider leaves it unbound, and `why` says why, for people.
struct Resolved {
  Requirement requirement;
  Provider provider;
  std::string why;

  bool bound() const { return provider.table != nullptr; }
};

class Directory {
 public:
  // `name` is what people know the instance by ("database 0.1.0").
  void add(InstanceRef instance, std::string name, Standing standing);
  void setStanding(InstanceRef instance, Standing standing);
  // With all it provides and requires.
  void remove(InstanceRef instance);

  // kNotFound: unknown instance; kExists: it provides that revision already.
  base::Result<> provide(InstanceRef instance, const InterfaceId& interface, const void* table, void* self);
  base::Result<> withdraw(InstanceRef instance, const InterfaceId& interface);
  base::Result<> require(InstanceRef consumer, const InterfaceId& interface, Need need, SlotRef slot);
  // A none `provider` lets the slot follow the visible one again.
  base::Result<> pin(SlotRef slot, InstanceRef provider);
  // All slots of `consumer` whose interface `provider` offers.
  void pinAll(InstanceRef consumer, InstanceRef provider);

  // What every slot is to lead to: the pinned instance; else the one visible instance that provides exactly
  // that revision. None, or two: unbound and explained. An instance never resolves to itself.
  std::vector<Resolved> resolve() const;
  // The same for one slot; nothing when it is not here.
  std::optional<Resolved> resolve(SlotRef slot) const;
  // Required slots of `consumer` that are unbound; empty: it can run.
  std::vector<Resolved> missing(InstanceRef consumer) const;
  // Consumers that a disappearance of `provider` would leave waiting: required slots that lead to it alone.
  std::vector<InstanceRef> dependents(InstanceRef provider) const;

  // What `instance` itself provides, visible or not; null table: nothing of that name.
  Provider provisionOf(InstanceRef instance, const InterfaceId& interface) const;
  std::vector<InterfaceId> providedBy(InstanceRef instance) const;
  const std::string& nameOf(InstanceRef instance) const;

 private:
  struct Member {
    InstanceRef instance;
    std::string name;
    Standing standing = Standing::kHidden;
    std::vector<Provision> provides;
  };

  const Member* find(InstanceRef instance) const;
  Member* find(InstanceRef instance);
  Resolved resolve(const Requirement& requirement) const;
  std::string absence(const Requirement& requirement) const;

  std::vector<Member> members_;
  std::vector<Requirement> requirements_;
};

// Binds every slot as resolved; the rest of the builder's changes are the caller's.
void bindAll(GenerationBuilder& builder, std::span<const Resolved> resolved);

}  // namespace revenge::service
