#include "observe/plugin_figures.hpp"

#include <chrono>

namespace revenge::observe {

namespace {

double seconds(base::Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

PluginFigures::PluginFigures(Metrics& metrics) : scope_(metrics.hostScope()) {
  arrived(base::PluginMark::kHost, {});
  host_ = by_mark_[0].load();
}

void PluginFigures::arrived(base::PluginMark mark, std::string_view plugin) {
  const std::lock_guard lock(mutex_);
  Figures& made = figures_.emplace_back();
  made.cpu =
      scope_
          .counter({.name = "revenge_cpu_seconds_total",
                    .help = "CPU time in code of a plugin, without the label in the host's own; sampled.",
                    .about = plugin})
          .value_or(Counter());
  made.wait = scope_
                  .histogram({.name = "revenge_worker_wait_seconds",
                              .help = "How long jobs waited for a worker: handlers, timers, own jobs.",
                              .about = plugin})
                  .value_or(Histogram());
  by_mark_[static_cast<std::size_t>(mark) % kMarks].store(&made, std::memory_order_release);
}

void PluginFigures::left(base::PluginMark mark) {
  by_mark_[static_cast<std::size_t>(mark) % kMarks].store(nullptr, std::memory_order_release);
}

const PluginFigures::Figures& PluginFigures::of(base::PluginMark mark) const {
  const Figures* const known =
      by_mark_[static_cast<std::size_t>(mark) % kMarks].load(std::memory_order_acquire);
  return known != nullptr ? *known : *host_;
}

void PluginFigures::spent(base::PluginMark mark, base::Duration cpu) const { of(mark).cpu.add(seconds(cpu)); }

void PluginFigures::waited(base::PluginMark mark, base::Duration wait) const {
  of(mark).wait.observe(seconds(wait));
}

}  // namespace revenge::observe
