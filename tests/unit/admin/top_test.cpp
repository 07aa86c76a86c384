#include "admin/top.hpp"

#include <gtest/gtest.h>

namespace revenge::admin {
namespace {

TEST(Top, TotalsGatherWhatIsSaidAboutEachPlugin) {
  observe::Metrics metrics;
  const auto plugin = metrics.pluginScope("stream");
  auto host = metrics.hostScope();
  for (const char* status : {"2xx", "5xx"})
    host.counter({.name = "revenge_http_requests_total",
                  .help = "Help.",
                  .labels = {{"class", status}},
                  .about = "stream"})
        ->add(3);
  host.counter({.name = "revenge_http_requests_total", .help = "Help.", .labels = {{"class", "2xx"}}})
      ->add(9);
  host.counter({.name = "revenge_http_answer_bytes_total", .help = "Help.", .about = "stream"})->add(700);
  host.counter({.name = "revenge_cpu_seconds_total", .help = "Help.", .about = "stream"})->add(0.5);
  host.histogram({.name = "revenge_http_request_duration_seconds", .help = "Help.", .about = "stream"})
      ->observe(0.02);
  const Totals totals = totalsOf(metrics.view());
  ASSERT_EQ(totals.size(), 1U);
  const PluginTotals& stream = totals.at("stream");
  EXPECT_EQ(stream.requests, 6);
  EXPECT_EQ(stream.errors, 3);
  EXPECT_EQ(stream.cpu_s, 0.5);
  EXPECT_EQ(stream.sent_bytes, 700);
  EXPECT_EQ(stream.buckets[2], 1U);
}

TEST(Top, P99IsLinearWithinItsBucketAndOfWhatCameSince) {
  const PluginTotals before{.bounds = {0.1, 0.2, 0.4}, .buckets = {1000, 0, 0, 0}};
  PluginTotals now = before;
  EXPECT_EQ(p99(before, now), std::nullopt);
  now.buckets = {1000, 100, 0, 0};
  EXPECT_NEAR(*p99(before, now), 0.199, 1e-9);
  now.buckets = {1098, 0, 2, 0};
  EXPECT_NEAR(*p99(before, now), 0.3, 1e-9);
  now.buckets = {2000, 0, 0, 0};
  EXPECT_EQ(p99(before, now), 0.1);
  now.buckets = {1000, 0, 0, 5};
  EXPECT_EQ(p99(before, now), 0.4);
}

TEST(Top, CountsFromZeroWhatBeganAnew) {
  const PluginTotals before{.bounds = {0.1, 0.2}, .buckets = {50, 50, 0}};
  const PluginTotals now{.bounds = {0.1, 0.2}, .buckets = {0, 10, 0}};
  EXPECT_NEAR(*p99(before, now), 0.199, 1e-9);
}

}  // namespace
}  // namespace revenge::admin
