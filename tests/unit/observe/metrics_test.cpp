#include "observe/metrics.hpp"

#include <limits>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace revenge::observe {
namespace {

using base::Errc;
using testing::HasSubstr;
using testing::Not;

class MetricsTest : public testing::Test {
 protected:
  static Counter count(MetricScope& scope, std::string_view name, std::vector<Label> labels = {}) {
    auto counter = scope.counter({name, "Help.", std::move(labels)});
    EXPECT_TRUE(counter) << counter.error().message;
    return counter.value_or(Counter());
  }
  static Errc refusal(MetricScope& scope, std::string_view name, std::vector<Label> labels = {}) {
    const auto counter = scope.counter({name, "Help.", std::move(labels)});
    EXPECT_FALSE(counter) << name;
    return counter ? Errc::kFailed : counter.error().code;
  }

  Metrics metrics;
  MetricScope host = metrics.hostScope();
};

TEST_F(MetricsTest, RendersEachKindAsPrometheusText) {
  count(host, "revenge_answers_total", {{"method", "GET"}, {"code", "200"}}).add(3);
  host.gauge({"revenge_a_bytes", "Bytes\\\nheld."})->set(-1.5);
  const double bounds[] = {0.1, 1};
  const Histogram latency = *host.histogram({"revenge_c_seconds", "Latency.", {{"lane", "io"}}}, bounds);
  for (const double seconds : {0.05, 0.1, 0.5, 7.0}) latency.observe(seconds);
  EXPECT_EQ(metrics.render(),
            "# HELP revenge_a_bytes Bytes\\\\\\nheld.\n"
            "# TYPE revenge_a_bytes gauge\n"
            "revenge_a_bytes -1.5\n"
            "# HELP revenge_answers_total Help.\n"
            "# TYPE revenge_answers_total counter\n"
            "revenge_answers_total{code=\"200\",method=\"GET\"} 3\n"
            "# HELP revenge_c_seconds Latency.\n"
            "# TYPE revenge_c_seconds histogram\n"
            "revenge_c_seconds_bucket{lane=\"io\",le=\"0.1\"} 2\n"
            "revenge_c_seconds_bucket{lane=\"io\",le=\"1\"} 3\n"
            "revenge_c_seconds_bucket{lane=\"io\",le=\"+Inf\"} 4\n"
            "revenge_c_seconds_sum{lane=\"io\"} 7.65\n"
            "revenge_c_seconds_count{lane=\"io\"} 4\n");
}

TEST_F(MetricsTest, APluginsFamilyCarriesItsIdInNameAndLabel) {
  MetricScope plugin = metrics.pluginScope("cache-l1");
  count(plugin, "hits_total", {{"tier", "1"}}).add();
  EXPECT_THAT(metrics.render(),
              HasSubstr("revenge_plugin_cache_l1_hits_total{plugin=\"cache-l1\",tier=\"1\"} 1\n"));
}

TEST_F(MetricsTest, TwoIdsThatLookAlikeCannotShareAFamily) {
  MetricScope one = metrics.pluginScope("a-b");
  MetricScope two = metrics.pluginScope("a_b");
  count(one, "hits_total");
  EXPECT_EQ(refusal(two, "hits_total"), Errc::kExists);
}

TEST_F(MetricsTest, EscapesLabelValuesAndReplacesWhatIsNoUtf8) {
  count(host, "revenge_x_total", {{"path", "a\"b\\c\nd\xff"}}).add();
  EXPECT_THAT(metrics.render(), HasSubstr("{path=\"a\\\"b\\\\c\\nd\uFFFD\"} 1\n"));
}

TEST_F(MetricsTest, ASeriesContinuesWhileAnyInstanceHoldsIt) {
  std::optional<MetricScope> old_instance = metrics.pluginScope("stream");
  const Counter old_counter = count(*old_instance, "sessions_total");
  old_counter.add(5);

  std::optional<MetricScope> new_instance = metrics.pluginScope("stream");
  const Counter new_counter = count(*new_instance, "sessions_total");
  new_counter.add(2);
  old_counter.add(1);  // drains
  old_instance.reset();
  EXPECT_EQ(new_counter.value(), 8);
  EXPECT_THAT(metrics.render(), HasSubstr("revenge_plugin_stream_sessions_total{plugin=\"stream\"} 8\n"));

  new_instance.reset();
  EXPECT_EQ(metrics.render(), "");
}

TEST_F(MetricsTest, RegisteringTwiceHoldsOnce) {
  std::optional<MetricScope> scope = metrics.pluginScope("stream");
  count(*scope, "sessions_total").add();
  EXPECT_EQ(count(*scope, "sessions_total").value(), 1);
  scope.reset();
  EXPECT_EQ(metrics.render(), "");
}

TEST_F(MetricsTest, ALateHandleCountsWhereNobodyLooks) {
  std::optional<MetricScope> scope = metrics.pluginScope("stream");
  const Counter late = count(*scope, "sessions_total");
  late.add(5);
  scope.reset();
  late.add();
  MetricScope next = metrics.pluginScope("stream");
  EXPECT_EQ(count(next, "sessions_total").value(), 0);
  EXPECT_EQ(late.value(), 6);
}

TEST_F(MetricsTest, HandlesOutliveTheMetrics) {
  Counter counter;
  {
    Metrics brief;
    MetricScope scope = brief.hostScope();
    counter = count(scope, "revenge_x_total");
  }
  counter.add();
  EXPECT_EQ(counter.value(), 1);
}

TEST_F(MetricsTest, CellsOfAGoneSeriesStartAtZeroForTheNext) {
  for (int i = 0; i < 3; ++i) {
    MetricScope scope = metrics.pluginScope("stream");
    const Histogram histogram = *scope.histogram({"wait_seconds", "Help."});
    EXPECT_EQ(histogram.count(), 0U);
    histogram.observe(2);
    EXPECT_EQ(histogram.count(), 1U);
    EXPECT_EQ(histogram.sum(), 2);
  }
}

TEST_F(MetricsTest, RefusesAnotherTypeOrOtherBucketsUnderTheSameName) {
  ASSERT_TRUE(host.gauge({"revenge_x_seconds", "Help."}));
  EXPECT_EQ(host.histogram({"revenge_x_seconds", "Help."}).error().code, Errc::kExists);
  const double bounds[] = {1, 2};
  ASSERT_TRUE(host.histogram({"revenge_y_seconds", "Help."}));
  const auto other = host.histogram({"revenge_y_seconds", "Help.", {{"a", "b"}}}, bounds);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("not 1 2; choose another name"));
}

TEST_F(MetricsTest, RefusesNamesThatPrometheusOrTheHostDoNotAllow) {
  for (const char* name :
       {"", "1x_total", "revenge_a:b_total", "revenge_\xc3\xa9_total", "revenge_x", "x_total"}) {
    EXPECT_EQ(refusal(host, name), Errc::kInvalid) << name;
  }
  EXPECT_EQ(host.gauge({"revenge_x_total", "Help."}).error().code, Errc::kInvalid);
  EXPECT_EQ(host.gauge({"revenge_x_count", "Help."}).error().code, Errc::kInvalid);
  EXPECT_EQ(host.gauge({"revenge_x", ""}).error().code, Errc::kInvalid);
  EXPECT_EQ(metrics.render(), "");
}

TEST_F(MetricsTest, RefusesLabelsThatPrometheusOrTheHostDoNotAllow) {
  for (const char* name : {"", "a-b", "__a", "le", "quantile", "overflow"}) {
    EXPECT_EQ(refusal(host, "revenge_x_total", {{name, "v"}}), Errc::kInvalid) << name;
  }
  EXPECT_EQ(refusal(host, "revenge_x_total", {{"a", "1"}, {"a", "2"}}), Errc::kInvalid);
  MetricScope plugin = metrics.pluginScope("stream");
  EXPECT_EQ(refusal(plugin, "x_total", {{"plugin", "other"}}), Errc::kInvalid);
  count(host, "revenge_x_total", {{"plugin", "stream"}});
}

TEST_F(MetricsTest, RefusesBoundsThatAreNotFiniteAndRising) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& bounds :
       std::vector<std::vector<double>>{{}, {1, 1}, {2, 1}, {1, infinity}}) {
    EXPECT_EQ(host.histogram({"revenge_x_seconds", "Help."}, bounds).error().code, Errc::kInvalid);
  }
}

TEST_F(MetricsTest, ACounterOnlyRises) {
  const Counter counter = count(host, "revenge_x_total");
  counter.add(0.5);
  counter.add(-1);
  counter.add(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(counter.value(), 0.5);
  const Gauge gauge = *host.gauge({"revenge_y", "Help."});
  gauge.set(2);
  gauge.add(-3);
  EXPECT_EQ(gauge.value(), -1);
}

TEST_F(MetricsTest, M4_RefusesWhatTheLintWouldReportWithItsReason) {
  MetricScope plugin = metrics.pluginScope("stream");
  const auto reason = [](const auto& registered) {
    return registered ? std::string("taken") : registered.error().message;
  };
  EXPECT_EQ(reason(plugin.counter({"plays_total", ""})), "metric 'plays_total': no help text");
  EXPECT_EQ(reason(plugin.counter({"plays", "Help."})),
            "metric 'plays': counters, and only they, end in '_total'");
  EXPECT_EQ(reason(plugin.gauge({"plays_total", "Help."})),
            "metric 'plays_total': counters, and only they, end in '_total'");
  EXPECT_EQ(reason(plugin.histogram({"latency_ms", "Help."})),
            "metric 'latency_ms': abbreviates a unit ('ms'); use 'seconds'");
  EXPECT_EQ(reason(plugin.histogram({"latency_milliseconds", "Help."})),
            "metric 'latency_milliseconds': 'milliseconds' is no base unit; use 'seconds'");
  EXPECT_EQ(reason(plugin.gauge({"size_gauge", "Help."})),
            "metric 'size_gauge': names a type ('gauge'); leave it out");
  EXPECT_EQ(reason(plugin.gauge({"openStreams", "Help."})),
            "metric 'openStreams': a name is snake_case: lower-case letters, digits and '_', and begins with "
            "a letter");
  EXPECT_EQ(reason(plugin.gauge({"streams", "Help.", {{"le", "1"}}})),
            "metric 'streams': label 'le': is reserved; choose another name");
  EXPECT_EQ(metrics.render(), "");
}

TEST_F(MetricsTest, RefusesACounterThatOpenMetricsCouldNotTellFromAGauge) {
  count(host, "revenge_x_total");
  EXPECT_EQ(host.gauge({"revenge_x", "Help."}).error().code, Errc::kExists);
  ASSERT_TRUE(host.gauge({"revenge_y", "Help."}));
  EXPECT_EQ(refusal(host, "revenge_y_total"), Errc::kExists);
}

TEST_F(MetricsTest, M5_AFigureAboutAPluginGoesWithItsLastInstanceAndComesBackFromZero) {
  const MetricSpec spec{.name = "revenge_x_total", .help = "Help.", .about = "stream"};
  EXPECT_EQ(host.counter(spec).error().code, Errc::kGone);
  std::optional<MetricScope> old_instance = metrics.pluginScope("stream");
  host.counter(spec)->add(5);
  std::optional<MetricScope> new_instance = metrics.pluginScope("stream");
  const std::uint64_t before = metrics.departures();
  old_instance.reset();
  EXPECT_EQ(metrics.departures(), before);
  EXPECT_THAT(metrics.render(), HasSubstr("revenge_x_total{plugin=\"stream\"} 5\n"));

  new_instance.reset();
  EXPECT_NE(metrics.departures(), before);
  EXPECT_EQ(metrics.render(), "");

  const MetricScope again = metrics.pluginScope("stream");
  EXPECT_EQ(host.counter(spec)->value(), 0);
}

TEST_F(MetricsTest, M6_LabelSetsBeyondTheCapAreCountedInOneOverflowSeries) {
  for (int i = 0; i < 2500; ++i) count(host, "revenge_x_total", {{"n", std::to_string(i)}}).add();
  const MetricsView view = metrics.view();
  ASSERT_EQ(view.families.size(), 1U);
  double sum = 0;
  std::size_t overflowing = 0;
  for (const SeriesView& series : view.families[0].series) {
    sum += series.value;
    overflowing += series.labels->text == "overflow=\"true\"" ? 1U : 0U;
  }
  EXPECT_EQ(view.families[0].series.size(), 2001U);
  EXPECT_EQ(overflowing, 1U);
  EXPECT_EQ(sum, 2500);
}

TEST_F(MetricsTest, AGaugeThatNobodyKeepsIsSetWhenItIsRead) {
  const Gauge gauge = *host.gauge({"revenge_x", "Help."});
  int asked = 0;
  {
    const auto refresh = metrics.beforeReading([&] { gauge.set(++asked); });
    EXPECT_THAT(metrics.render(), HasSubstr("revenge_x 1\n"));
    EXPECT_THAT(metrics.render(), HasSubstr("revenge_x 2\n"));
  }
  EXPECT_THAT(metrics.render(), HasSubstr("revenge_x 2\n"));
}

TEST_F(MetricsTest, ATimerObservesInSecondsHowLongItLived) {
  base::ManualClock clock;
  const Histogram histogram = *host.histogram({"revenge_x_seconds", "Help."});
  {
    const Timer timer(clock, histogram);
    clock.advance(std::chrono::milliseconds(250));
  }
  EXPECT_EQ(histogram.count(), 1U);
  EXPECT_EQ(histogram.sum(), 0.25);
}

TEST_F(MetricsTest, BeyondTheCapLabelSetsAreCountedTogetherAndNewNamesRefused) {
  Metrics capped({.plugin_lines = 2});
  MetricScope plugin = capped.pluginScope("stream");
  MetricScope other = capped.pluginScope("other");
  count(plugin, "x_total", {{"path", "1"}}).add();
  count(plugin, "x_total", {{"path", "2"}}).add();
  count(plugin, "x_total", {{"path", "3"}}).add();
  count(plugin, "x_total", {{"path", "4"}}).add();
  count(plugin, "x_total", {{"path", "1"}}).add();
  EXPECT_EQ(refusal(plugin, "y_total"), Errc::kLimit);
  count(other, "y_total");
  const std::string text = capped.render();
  EXPECT_THAT(text, HasSubstr("{plugin=\"stream\",path=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("{plugin=\"stream\",overflow=\"true\"} 2\n"));
  EXPECT_THAT(text, Not(HasSubstr("path=\"3\"")));
}

TEST_F(MetricsTest, WithdrawnSeriesMakeRoomUnderTheCap) {
  Metrics capped({.plugin_lines = 1});
  for (int i = 0; i < 3; ++i) {
    MetricScope plugin = capped.pluginScope("stream");
    count(plugin, "x_total", {{"path", "1"}});
    EXPECT_THAT(capped.render(), HasSubstr("path=\"1\"} 0\n"));
  }
}

TEST_F(MetricsTest, RendersWhatIsNoFiniteNumberByItsName) {
  const Gauge gauge = *host.gauge({"revenge_x", "Help."});
  gauge.set(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(metrics.render(), HasSubstr("revenge_x NaN\n"));
  gauge.set(-std::numeric_limits<double>::infinity());
  EXPECT_THAT(metrics.render(), HasSubstr("revenge_x -Inf\n"));
  gauge.set(1e300);
  EXPECT_THAT(metrics.render(), HasSubstr("revenge_x 1e+300\n"));
}

TEST_F(MetricsTest, ServesTenThousandSeries) {
  Metrics roomy({.family_series = 10'000});
  MetricScope scope = roomy.hostScope();
  std::vector<Counter> counters;
  for (int i = 0; i < 10'000; ++i) {
    const std::string value = std::to_string(i);
    counters.push_back(count(scope, "revenge_x_total", {{"n", value}}));
    counters.back().add(i);
  }
  EXPECT_EQ(counters[9'999].value(), 9'999);
  EXPECT_THAT(roomy.render(), HasSubstr("revenge_x_total{n=\"9999\"} 9999\n"));
}

}  // namespace
}  // namespace revenge::observe
