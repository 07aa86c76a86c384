#include "wiring/settings.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "pipeline/order.hpp"
#include "wiring/config_tree.hpp"
#include "wiring/policy_keys.hpp"

namespace revenge::resilience {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Failure(Errc::kInvalid, fmt::format("configuration {}: {}", path, why));
}

double numberOf(const ConfigNode& node) {
  if (node.leaf != nullptr && node.leaf->type == REVENGE_CONFIG_INTEGER)
    return static_cast<double>(node.leaf->integer);
  if (node.leaf == nullptr || node.leaf->type != REVENGE_CONFIG_NUMBER)
    refuse(node.path, "expected a number");
  return node.leaf->number;
}

void read(const ConfigNode& node, bool& field) {
  if (node.leaf == nullptr || node.leaf->type != REVENGE_CONFIG_BOOLEAN)
    refuse(node.path, "expected true or false");
  field = node.leaf->integer != 0;
}

template <class Field>
void read(const ConfigNode& node, Field& field) {
  if constexpr (std::is_enum_v<Field>) {
    const auto words = wordsOf(Field());
    const std::string_view given = node.text() != nullptr ? boundary::text(*node.text()) : std::string_view();
    const auto found = std::ranges::find(words, given);
    if (found == words.end()) refuse(node.path, fmt::format("expected one of {}", fmt::join(words, ", ")));
    field = static_cast<Field>(found - words.begin());
  } else if constexpr (std::is_integral_v<Field>) {
    if (node.leaf == nullptr || node.leaf->type != REVENGE_CONFIG_INTEGER ||
        !std::in_range<Field>(node.leaf->integer))
      refuse(node.path, fmt::format("expected an integer from {} to {}", std::numeric_limits<Field>::min(),
                                    std::numeric_limits<Field>::max()));
    field = static_cast<Field>(node.leaf->integer);
  } else if constexpr (std::is_same_v<Field, Duration>) {
    const double unit = node.name.ends_with("_ms") ? 1e6 : 1e9;
    const double ns = numberOf(node) * unit;
    // NaN lies outside of it, too.
    if (!(std::fabs(ns) < 0x1p63)) refuse(node.path, "is no time that can be counted in nanoseconds");
    field = Duration(std::llround(ns));
  } else {
    field = numberOf(node);
    if (std::isnan(field)) refuse(node.path, "is not a number");
  }
}

const ConfigNode* findPath(const ConfigNode& node, std::string_view path) {
  const ConfigNode* at = &node;
  while (at != nullptr && !path.empty()) {
    const std::size_t end = std::min(path.find('.'), path.size());
    at = at->find(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return at;
}

void collect(const ConfigNode& node, std::set<const ConfigNode*>& leaves) {
  if (node.members.empty()) leaves.insert(&node);
  for (const ConfigNode& member : node.members) collect(member, leaves);
}

// Reads the keys of `of` beneath `node`. What is there and no key of it is refused.
template <class Of>
void readKeys(const ConfigNode& node, Of& of, std::string* budget) {
  std::set<const ConfigNode*> left;
  for (const ConfigNode& member : node.members) collect(member, left);
  eachKey(of, [&](std::string_view key, auto& field) {
    const ConfigNode* const at = findPath(node, key);
    if (at == nullptr) return false;
    read(*at, field);
    left.erase(at);
    return true;
  });
  if (const ConfigNode* const at = node.find("budget"); at != nullptr && budget != nullptr && at->text()) {
    *budget = boundary::text(*at->text());
    left.erase(at);
  }
  if (!left.empty()) refuse((*left.begin())->path, "is no key of " + node.name);
}

template <class Of>
void check(const ConfigNode& node, const Of& of) {
  if constexpr (!std::is_same_v<Of, FallbackSettings>) {
    const auto found = problem(of);
    if (!found) return;
    LayerSettings holder;
    if constexpr (std::is_constructible_v<LayerSettings, Of>) holder = of;
    const std::string_view other = keyOf(holder, found->other);
    refuse(fmt::format("{}.{}", node.path, keyOf(holder, found->key)),
           fmt::format("{}{}{}", found->why, other.empty() ? "" : " ", other));
  }
}

// {breaker: {...}}, or its word alone.
DeclaredLayer layerOf(const ConfigNode& node, std::string_view word) {
  auto settings = defaultsOf(word);
  if (!settings) refuse(node.path, fmt::format("`{}` is neither a policy nor the name of one", word));
  DeclaredLayer layer{std::string(word), {}, *settings, {}};
  if (const ConfigNode* const keys = node.find(word)) {
    std::string* const budget =
        layer.kind() == LayerKind::kRetry || layer.kind() == LayerKind::kHedge ? &layer.budget : nullptr;
    std::visit([&](auto& of) { readKeys(*keys, of, budget); }, layer.settings);
    std::visit([&](const auto& of) { check(*keys, of); }, layer.settings);
  }
  return layer;
}

DeclaredLayer objectOf(const ConfigNode& node) {
  if (node.members.size() != 1) refuse(node.path, "expected an object of one word, as {breaker: {...}}");
  return layerOf(node, node.members.front().name);
}

using Layers = std::map<std::string, DeclaredLayer>;

Layers policiesOf(const ConfigNode& root) {
  Layers policies;
  const ConfigNode* const all = root.find("policies");
  if (all == nullptr) return policies;
  for (const ConfigNode& node : all->members) {
    if (kindOf(node.name)) refuse(node.path, "is a word of its own; name it otherwise");
    if (node.name.contains('.'))
      refuse(node.path, "has a dot, as the names have that policies get by themselves");
    DeclaredLayer layer = objectOf(node);
    layer.policy = node.name;
    policies.emplace(node.name, std::move(layer));
  }
  return policies;
}

// Of this pipeline alone: "blackbeard.breaker", and with a number where there are several.
std::string ownName(const std::string& pipeline, const std::vector<DeclaredLayer>& before,
                    const DeclaredLayer& layer) {
  const std::string name = pipeline + "." + layer.word;
  const auto several = std::ranges::count_if(before, [&](const DeclaredLayer& one) {
    return one.policy == name || one.policy.starts_with(name + ".");
  });
  return several == 0 ? name : fmt::format("{}.{}", name, several + 1);
}

std::vector<DeclaredLayer> pipelineOf(const ConfigNode& node, const Layers& policies) {
  std::vector<DeclaredLayer> layers;
  for (const ConfigNode& item : node.members) {
    if (item.text() != nullptr) {
      const std::string word(boundary::text(*item.text()));
      if (const auto shared = policies.find(word); shared != policies.end()) {
        layers.push_back(shared->second);
        continue;
      }
      DeclaredLayer layer = layerOf(item, word);
      layer.policy = ownName(node.name, layers, layer);
      layers.push_back(std::move(layer));
    } else {
      DeclaredLayer layer = objectOf(item);
      layer.policy = ownName(node.name, layers, layer);
      layers.push_back(std::move(layer));
    }
  }
  return layers;
}

void checkWhole(const Settings& settings) {
  for (const auto& [name, layers] : settings.pipelines) {
    for (const OrderFinding& found : checkOrder(layers))
      if (found.gravity == Gravity::kRefused)
        refuse(fmt::format("pipelines.{}{}{}", name, found.key.empty() ? "" : ".", found.key), found.why);
    for (std::size_t i = 0; i < layers.size(); ++i)
      if (!layers[i].budget.empty() && !settings.budgets.contains(layers[i].budget))
        refuse(fmt::format("pipelines.{}.{}.{}.budget", name, i, layers[i].word),
               fmt::format("there is no `{}` among budgets", layers[i].budget));
  }
}

}  // namespace

std::string_view keyOf(const LayerSettings& settings, std::string_view domain_key) {
  std::string_view found = domain_key;
  if (domain_key.empty()) return found;
  LayerSettings copy = settings;
  std::visit(
      [&](auto& of) {
        eachKey(of, [&](std::string_view key, auto&) {
          const bool is_it = key.starts_with(domain_key) && (key.substr(domain_key.size()) == "_s" ||
                                                             key.substr(domain_key.size()) == "_ms");
          if (is_it) found = key;
          return false;
        });
      },
      copy);
  return found;
}

Settings readSettings(const revenge_config& config) {
  const ConfigNode root = treeOf(config);
  Settings settings;
  if (const ConfigNode* const hold = root.find("max_hold_s")) {
    std::int64_t seconds = 0;
    read(*hold, seconds);
    if (seconds < 1) refuse(hold->path, "must be at least 1");
    settings.max_hold = std::chrono::seconds(seconds);
  }
  if (const ConfigNode* const budgets = root.find("budgets"))
    for (const ConfigNode& node : budgets->members) {
      RetryBudgetSettings& budget = settings.budgets[node.name];
      readKeys(node, budget, nullptr);
      check(node, budget);
    }
  const Layers policies = policiesOf(root);
  if (const ConfigNode* const pipelines = root.find("pipelines"))
    for (const ConfigNode& node : pipelines->members)
      settings.pipelines.emplace(node.name, pipelineOf(node, policies));
  checkWhole(settings);
  return settings;
}

std::vector<std::string> warningsOf(const Settings& settings) {
  std::vector<std::string> warnings;
  for (const auto& [name, layers] : settings.pipelines) {
    for (const OrderFinding& found : checkOrder(layers))
      if (found.gravity == Gravity::kWarning)
        warnings.push_back(
            fmt::format("pipelines.{}{}{}: {}", name, found.key.empty() ? "" : ".", found.key, found.why));
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const auto* const timeout = std::get_if<TimeoutSettings>(&layers[i].settings);
      const bool is_apart = layers[i].kind() == LayerKind::kHedge || layers[i].kind() == LayerKind::kCoalesce;
      if (is_apart)
        warnings.push_back(
            fmt::format("pipelines.{}.{}: {}: does nothing for plugins, which make one call at a time", name,
                        i, layers[i].word));
      if (timeout != nullptr && timeout->style == TimeoutStyle::kDetached)
        warnings.push_back(
            fmt::format("pipelines.{}.{}: {}: is cooperative for plugins: the permit says until when", name,
                        i, layers[i].word));
    }
  }
  return warnings;
}

}  // namespace revenge::resilience
