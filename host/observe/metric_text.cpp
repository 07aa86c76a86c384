#include "observe/metric_text.hpp"

#include <chrono>
#include <cmath>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "observe/trace_context.hpp"

namespace revenge::observe {

namespace {

enum class Dialect : std::uint8_t { kPrometheus, kOpenMetrics };

constexpr std::string_view kTotal = "_total";

void appendNumber(std::string& out, double value) {
  const auto to = std::back_inserter(out);
  if (std::isnan(value))
    out += "NaN";
  else if (std::isinf(value))
    out += value > 0 ? "+Inf" : "-Inf";
  else if (std::abs(value) < 1e15 && std::trunc(value) == value)
    fmt::format_to(to, "{}", static_cast<std::int64_t>(value));
  else
    fmt::format_to(to, "{}", value);
}

// One family; what is the same for all its series is written once.
class FamilyText {
 public:
  FamilyText(std::string& out, const FamilyView& family, Dialect dialect)
      : out_(out), family_(family), dialect_(dialect), name_(family.name), counted_(family.name) {
    if (dialect == Dialect::kOpenMetrics && family.kind == MetricKind::kCounter)
      name_.remove_suffix(kTotal.size());
    if (family.kind != MetricKind::kHistogram) return;
    for (const double bound : family.bounds) {
      std::string& limit = limits_.emplace_back();
      appendNumber(limit, bound);
      // "le as floats": a reader takes "1" and "1.0" for two buckets.
      if (dialect == Dialect::kOpenMetrics && limit.find_first_not_of("-0123456789") == std::string::npos)
        limit += ".0";
    }
    limits_.emplace_back("+Inf");
  }

  void append() {
    appendHead();
    for (const SeriesView& series : family_.series) {
      if (family_.kind == MetricKind::kHistogram) {
        appendHistogram(series);
      } else {
        appendSample(counted_, {}, series.labels->text, series.value);
        appendExample(series, 0);
        out_ += '\n';
      }
    }
  }

 private:
  void appendHead() {
    const bool open = dialect_ == Dialect::kOpenMetrics;
    const auto help = [&] {
      out_.append("# HELP ").append(name_).append(" ");
      appendEscaped(out_, family_.help, open ? Escape::kQuoted : Escape::kPlain);
      out_ += '\n';
    };
    if (!open) help();
    out_.append("# TYPE ").append(name_).append(" ").append(typeName(family_.kind)).append("\n");
    if (!open) return;
    if (!family_.unit.empty())
      out_.append("# UNIT ").append(name_).append(" ").append(family_.unit).append("\n");
    help();
  }

  void appendSample(std::string_view name, std::string_view suffix, std::string_view labels, double value) {
    out_.append(name).append(suffix);
    if (!labels.empty()) out_.append("{").append(labels).append("}");
    out_ += ' ';
    appendNumber(out_, value);
  }

  void appendHistogram(const SeriesView& series) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < series.buckets.size(); ++i) {
      total += series.buckets[i];
      out_.append(name_).append("_bucket{").append(series.labels->text);
      if (!series.labels->text.empty()) out_ += ',';
      fmt::format_to(std::back_inserter(out_), "le=\"{}\"}} {}", limits_[i], total);
      appendExample(series, i);
      out_ += '\n';
    }
    appendSample(name_, "_sum", series.labels->text, series.sum);
    out_ += '\n';
    appendSample(name_, "_count", series.labels->text, static_cast<double>(series.count));
    out_ += '\n';
  }

  void appendExample(const SeriesView& series, std::size_t bucket) {
    if (dialect_ == Dialect::kPrometheus) return;
    for (const auto& [in, seen] : series.examples) {
      if (in != bucket) continue;
      const auto trace = formatTraceId(seen.trace_id_high, seen.trace_id_low);
      fmt::format_to(std::back_inserter(out_), " # {{trace_id=\"{}\",span_id=\"{:016x}\"}} ",
                     std::string_view(trace.data(), trace.size()), seen.span_id);
      appendNumber(out_, seen.value);
      if (!seen.at) continue;
      fmt::format_to(std::back_inserter(out_), " {:.3f}",
                     std::chrono::duration<double>(seen.at->time_since_epoch()).count());
    }
  }

  std::string& out_;
  const FamilyView& family_;
  const Dialect dialect_;
  std::string_view name_;     // of the family
  std::string_view counted_;  // of a counter's or gauge's sample
  std::vector<std::string> limits_;
};

std::string text(const MetricsView& view, Dialect dialect) {
  std::size_t lines = 0;
  for (const FamilyView& family : view.families)
    lines += 2 + family.series.size() * (family.bounds.size() + 1);
  std::string out;
  out.reserve(lines * 96);
  for (const FamilyView& family : view.families) FamilyText(out, family, dialect).append();
  return out;
}

}  // namespace

std::string prometheusText(const MetricsView& view) { return text(view, Dialect::kPrometheus); }

std::string openMetricsText(const MetricsView& view) { return text(view, Dialect::kOpenMetrics) + "# EOF\n"; }

std::string_view typeName(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kGauge:
      return "gauge";
    case MetricKind::kHistogram:
      return "histogram";
  }
  return "unknown";
}

void appendEscaped(std::string& out, std::string_view text, Escape escape) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (c == '"' && escape == Escape::kQuoted)) out += '\\';
    out += c;
  }
}

}  // namespace revenge::observe
