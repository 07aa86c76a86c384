#include "revengectl/show_top.hpp"

#include <fmt/format.h>

namespace revenge::ctl {

namespace {

using document::Value;

std::string rate(double per_second) {
  if (per_second <= 0) return "0";
  return per_second < 10 ? fmt::format("{:.1f}", per_second) : fmt::format("{:.0f}", per_second);
}

// The host tells no more about what is outside its buckets.
constexpr double kFinest = 0.005;
constexpr double kCoarsest = 10;

std::string milliseconds(double seconds) {
  if (seconds <= kFinest) return "< 5 ms";
  if (seconds >= kCoarsest) return "> 10 s";
  const double ms = seconds * 1000;
  return ms < 100 ? fmt::format("{:.1f} ms", ms) : duration(ms);
}

// It has run: what never did has no traffic to speak of.
bool serves(const Value& plugin) {
  const std::string state = textOf(plugin, "state");
  return state == "running" || state == "degraded" || state == "draining" || state == "stuck";
}

std::array<Cell, kTraffic.size()> traffic(const Value& plugin) {
  if (!serves(plugin)) return {{{"-"}, {"-"}, {"-"}, {"-"}}};
  const double errors = numberOf(plugin, "errors_per_s");
  const Value* const slowest = plugin.find("p99_s");
  const bool known = slowest != nullptr && slowest->number().has_value();
  return {{{rate(numberOf(plugin, "requests_per_s"))},
           {rate(errors), errors > 0 ? Tone::kBad : Tone::kPlain},
           {known ? milliseconds(*slowest->number()) : "-"},
           {fmt::format("{:.0f} %", numberOf(plugin, "cpu") * 100)}}};
}

}  // namespace

std::array<Cell, kTraffic.size()> trafficOf(const Value& top, std::string_view plugin) {
  for (const Value& one : arrayOf(top, "plugins")) {
    if (textOf(one, "id") == escaped(plugin)) return traffic(one);
  }
  return {{{"-"}, {"-"}, {"-"}, {"-"}}};
}

std::string showTop(const Value& top, Colours colours) {
  std::vector<std::vector<Cell>> rows(1);
  for (const char* heading :
       {"PLUGIN", "VERSION", "STATE", "REQ/S", "ERR", "P99", "CPU", "THREADS", "INSIDE", "BUDGET"})
    rows.front().push_back({heading, Tone::kFaint});
  for (const Value& plugin : arrayOf(top, "plugins")) {
    const std::string state = textOf(plugin, "state");
    auto& row = rows.emplace_back(
        std::vector<Cell>{{textOf(plugin, "id")}, {textOf(plugin, "version")}, {state, toneOf(state)}});
    for (Cell& cell : traffic(plugin)) row.push_back(std::move(cell));
    row.push_back({fmt::format("{}", integerOf(plugin, "threads"))});
    row.push_back({fmt::format("{}", integerOf(plugin, "inside"))});
    const std::string rung = textOf(plugin, "rung");
    row.push_back({rung, rung == "fine" ? Tone::kFaint : Tone::kBad});
  }
  if (rows.size() == 1) return "  no plugins\n";
  return table(rows, colours) +
         toned(fmt::format("  over the last {:.0f} s", numberOf(top, "over_s")), Tone::kFaint, colours) +
         "\n";
}

}  // namespace revenge::ctl
