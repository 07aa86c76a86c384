#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace {

using revenge::testing::EndedSpan;
using revenge::testing::FakeHost;

class Probing : public revenge::Plugin<> {
 public:
  explicit Probing(revenge::Host& host) {
    host.http().get("/probe", [](const revenge::Request& request) {
      auto span = request.call().span("probe");
      span.set("container", "matroska");
      span.set("streams", 3);
      span.set("whole", true);
      span.event("first frame", {{"at", 7}});
      {
        auto beneath = span.call().span("decode");
        beneath.waitsOutside();
        beneath.fail("no codec");
      }
      return revenge::text(span.call().traceparent());
    });
  }
};

TEST(SpanOfAPlugin, TellsWhatItWasToldWhenItEnds) {
  FakeHost host;
  const auto plugin = host.load<Probing>();
  (void)host.get("/probe");
  const auto spans = host.spans();
  ASSERT_EQ(spans.size(), 2U);
  const EndedSpan& probe = spans[1];
  EXPECT_EQ(probe.name, "probe");
  EXPECT_EQ(probe.attributes, (std::map<std::string, std::string>{
                                  {"container", "matroska"}, {"streams", "3"}, {"whole", "true"}}));
  ASSERT_EQ(probe.events.size(), 1U);
  EXPECT_EQ(probe.events[0].name, "first frame");
  EXPECT_EQ(probe.events[0].attributes.at("at"), "7");
  EXPECT_EQ(probe.status, REVENGE_SPAN_UNSET);
}

TEST(SpanOfAPlugin, CallsOfASpanAreBeneathIt) {
  FakeHost host;
  const auto plugin = host.load<Probing>();
  (void)host.get("/probe");
  const auto spans = host.spans();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].parent, spans[1].id);
  EXPECT_EQ(spans[0].kind, REVENGE_SPAN_CLIENT);
  EXPECT_EQ(spans[0].status, REVENGE_SPAN_ERROR);
  EXPECT_EQ(spans[0].message, "no codec");
}

}  // namespace
