// Who needs whom among the records, what is missing to whom, and why.
#include <algorithm>

#include <fmt/ranges.h>

#include "plugin/roster.hpp"

namespace revenge::plugin {

Graph Roster::graph(Whose whose) const {
  std::vector<Node> nodes;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, record] : records_) {
    const bool wanted = record->standing == Standing::kKnown && desired.of(id).on;
    const bool counts = whose == Whose::kServing ? record->current != nullptr : wanted;
    if (counts) nodes.push_back({id, record->offers, record->needs});
  }
  return Graph(std::move(nodes));
}

std::string Roster::absence(std::string_view consumer, const module::Interface& interface) const {
  std::vector<std::string> serving;
  std::vector<std::string> others;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, record] : records_) {
    if (id == consumer) continue;
    for (const module::Interface& offer : record->offers) {
      if (offer.name() != interface.name()) continue;
      if (offer.id != interface.id) {
        others.push_back(fmt::format("{} {} offers {}", id, record->version, offer.id));
      } else if (record->current != nullptr) {
        serving.push_back(fmt::format("{} {}", id, record->version));
      } else if (record->state == State::kDisabled && record->gated) {
        others.push_back(fmt::format("{} {} is disabled by flag '{}'", id, record->version, gateOf(*record)));
      } else {
        others.push_back(fmt::format("{} {} is {}{}{}", id, record->version, name(record->state),
                                     record->note.empty() ? "" : ": ", record->note));
      }
    }
  }
  if (serving.size() == 1) return {};
  if (serving.size() > 1)
    return fmt::format("needs {}, which {} offer; disable all but one", interface.id,
                       fmt::join(serving, " and "));
  if (others.empty()) return fmt::format("needs {}, which no installed plugin offers", interface.id);
  return fmt::format("needs {}: {}", interface.id, fmt::join(others, "; "));
}

std::vector<Roster::Lack> Roster::lacks(std::string_view id) const {
  std::vector<module::Interface> needs;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = records_.find(id); found != records_.end()) needs = found->second->needs;
  }
  std::vector<Lack> lacks;
  for (const module::Interface& need : needs) {
    if (need.optional) continue;
    Lack lack{absence(id, need), {}};
    if (lack.why.empty()) continue;
    const std::lock_guard lock(mutex_);
    for (const auto& [other, record] : records_) {
      if (other != id &&
          std::ranges::find(record->offers, need.id, &module::Interface::id) != record->offers.end())
        lack.candidates.push_back(other);
    }
    lacks.push_back(std::move(lack));
  }
  return lacks;
}

std::vector<GraphView::Link> Roster::links() const {
  std::vector<GraphView::Link> links;
  const Graph serving = graph(Whose::kServing);
  for (const std::string& id : ids()) {
    std::vector<module::Interface> needs;
    {
      const std::lock_guard lock(mutex_);
      needs = records_.find(id)->second->needs;
    }
    for (const module::Interface& need : needs) {
      GraphView::Link link{id, {}, need.id, need.optional, absence(id, need)};
      for (const Node& node : serving.nodes()) {
        if (link.why.empty() && node.id != id &&
            std::ranges::find(node.offers, need.id, &module::Interface::id) != node.offers.end())
          link.provider = node.id;
      }
      links.push_back(std::move(link));
    }
  }
  return links;
}

std::vector<std::string> Roster::pinnedBy(std::uint64_t load) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> consumers;
  for (const Pin& pin : pins_) {
    if (pin.provider->load == load)
      consumers.push_back(fmt::format("{} {}", pin.consumer->id, pin.consumer->version));
  }
  return consumers;
}

std::vector<std::string> Roster::settleDependents() {
  std::vector<std::string> startable;
  for (const std::string& id : ids()) {
    std::vector<module::Interface> needs;
    std::shared_ptr<Instance> current;
    bool waits = false;
    {
      const std::lock_guard lock(mutex_);
      const Record& record = *records_.find(id)->second;
      needs = record.needs;
      current = record.current;
      waits = current == nullptr && record.state == State::kWaiting;
    }
    std::string missing;
    for (const module::Interface& need : needs) {
      if (need.optional) continue;
      if (const std::string why = absence(id, need); !why.empty())
        missing += (missing.empty() ? "" : "; ") + why;
    }
    if (waits && missing.empty()) startable.push_back(id);
    if (current == nullptr) continue;
    const State state = current->state();
    if (state == State::kWaiting && missing.empty()) current->apply(Event::kRecover);
    if ((state == State::kRunning || state == State::kDegraded) && !missing.empty())
      current->apply(Event::kMiss, missing);
  }
  return startable;
}

}  // namespace revenge::plugin
