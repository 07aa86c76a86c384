#include "observe/metric_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "observe/metrics.hpp"

namespace revenge::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

class MetricTextTest : public testing::Test {
 protected:
  std::string prometheus() const { return prometheusText(metrics.view()); }
  std::string open() const { return openMetricsText(metrics.view()); }
  Exemplar sampled() const {
    return {0x4bf92f3577b34da6, 0xa3ce929d0e0e4736, 0xf067aa0ba902b7, 0, clock.wall()};
  }

  base::ManualClock clock;
  Metrics metrics{clock};
  MetricScope host = metrics.hostScope();
};

TEST_F(MetricTextTest, M1_EscapesWhatALabelValueAndAHelpTextMustNotHold) {
  host.gauge({"revenge_x", "A \\ and \"b\"\nc.", {{"path", "a\\b\"c\nd"}}})->set(1);
  EXPECT_THAT(prometheus(), HasSubstr("# HELP revenge_x A \\\\ and \"b\"\\nc.\n"));
  EXPECT_THAT(prometheus(), HasSubstr("revenge_x{path=\"a\\\\b\\\"c\\nd\"} 1\n"));
  EXPECT_THAT(open(), HasSubstr("# HELP revenge_x A \\\\ and \\\"b\\\"\\nc.\n"));
}

TEST_F(MetricTextTest, M2_BucketsAreCumulativeAndInfinityIsTheCount) {
  const double bounds[] = {.005, .01};
  const Histogram histogram = *host.histogram({"revenge_x_seconds", "Help."}, bounds);
  histogram.observe(.005);
  histogram.observe(7);
  EXPECT_THAT(prometheus(), HasSubstr("revenge_x_seconds_bucket{le=\"0.005\"} 1\n"
                                      "revenge_x_seconds_bucket{le=\"0.01\"} 1\n"
                                      "revenge_x_seconds_bucket{le=\"+Inf\"} 2\n"
                                      "revenge_x_seconds_sum 7.005\n"
                                      "revenge_x_seconds_count 2\n"));
}

TEST_F(MetricTextTest, OpenMetricsNamesFamiliesWithoutTotalAndTellsTheUnit) {
  host.counter({"revenge_busy_seconds_total", "Help."})->add(1.5);
  const double bounds[] = {1};
  host.histogram({"revenge_x_bytes", "Help."}, bounds)->observe(1);
  EXPECT_EQ(open(),
            "# TYPE revenge_busy_seconds counter\n"
            "# UNIT revenge_busy_seconds seconds\n"
            "# HELP revenge_busy_seconds Help.\n"
            "revenge_busy_seconds_total 1.5\n"
            "# TYPE revenge_x_bytes histogram\n"
            "# UNIT revenge_x_bytes bytes\n"
            "# HELP revenge_x_bytes Help.\n"
            "revenge_x_bytes_bucket{le=\"1.0\"} 1\n"
            "revenge_x_bytes_bucket{le=\"+Inf\"} 1\n"
            "revenge_x_bytes_sum 1\n"
            "revenge_x_bytes_count 1\n"
            "# EOF\n");
}

TEST_F(MetricTextTest, AnExemplarStandsOnItsBucketAndOnlyInOpenMetrics) {
  const double bounds[] = {1, 2};
  const Histogram histogram = *host.histogram({"revenge_x_seconds", "Help."}, bounds);
  histogram.observe(1.5, sampled());
  histogram.observe(0.5);
  const Counter counter = *host.counter({"revenge_x_served_total", "Help."});
  counter.add(1, sampled());
  const std::string example =
      " # {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\",span_id=\"00f067aa0ba902b7\"} ";
  EXPECT_THAT(open(), HasSubstr("_bucket{le=\"1.0\"} 1\n"));
  EXPECT_THAT(open(), HasSubstr("_bucket{le=\"2.0\"} 2" + example + "1.5 1700003600.000\n"));
  EXPECT_THAT(open(), HasSubstr("_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_THAT(open(), HasSubstr("revenge_x_served_total 1" + example + "1 1700003600.000\n"));
  EXPECT_THAT(prometheus(), Not(HasSubstr("trace_id")));
}

TEST_F(MetricTextTest, AViewTellsSinceWhenASeriesCounts) {
  clock.advance(std::chrono::seconds(5));
  host.counter({"revenge_x_total", "Help.", {{"a", "b"}}})->add(2);
  clock.advance(std::chrono::seconds(5));
  const MetricsView view = metrics.view();
  ASSERT_EQ(view.families.size(), 1U);
  ASSERT_EQ(view.families[0].series.size(), 1U);
  const SeriesView& series = view.families[0].series[0];
  EXPECT_EQ(*view.at - *series.started, std::chrono::seconds(5));
  EXPECT_EQ(series.labels->pairs, (std::vector<LabelSet::Pair>{{"a", "b"}}));
  EXPECT_EQ(series.value, 2);
}

}  // namespace
}  // namespace revenge::observe
