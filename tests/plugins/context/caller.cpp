// GET /context: one line from the handler, one from a job on a worker, one from the plugin that is asked there and answers
// later, one from what that answer resumes, one from the plugin it calls then, one from what answers in the end. GET /context/secret: lines with what must not be logged, in every place it can stand. GET
// /context/lines/{count}: as many lines, numbered.
#include <charconv>
#include <memory>
#include <string>

#include <revenge/plugin.hpp>

#include "called.h"

template <>
inline constexpr const char* revenge::InterfaceId<test_called> = "test.called/1";

class Caller : public revenge::Plugin<> {
 public:
  explicit Caller(revenge::Host& host) {
    host.http().get("/context", [this](const revenge::Request& request, revenge::Responder responder) {
      begin(request.call(), std::make_shared<revenge::Responder>(std::move(responder)));
    });
    host.http().get("/context/secret", [this](const revenge::Request& request) {
      secrets(request.call());
      return revenge::text("told");
    });
    host.http().get("/context/lines/{count}", [this](const revenge::Request& request) {
      const auto text = request.param("count");
      int count = 0;
      if (std::from_chars(text.data(), text.data() + text.size(), count).ec != std::errc())
        return revenge::text("count: expected a number").withStatus(400);
      lines(count);
      return revenge::text("logged");
    });
  }

 private:
  void begin(const revenge::Call& call, const std::shared_ptr<revenge::Responder>& responder) {
    host().log().during(call).info("handler");
    std::ignore =
        host().timers().submit(call, [this, responder](const revenge::Call& job) { work(job, responder); });
  }

  void work(const revenge::Call& call, const std::shared_ptr<revenge::Responder>& responder) {
    host().log().during(call).info("job");
    revenge::run(host(), goOn(call, responder));
  }

  revenge::Task<> goOn(const revenge::Call& call, std::shared_ptr<revenge::Responder> responder) {
    std::ignore = co_await called_.start(
        call, [](const test_called& table, void* self, const revenge_call* inner, revenge_handle done,
                 revenge_error* error) { return table.later(self, inner, done, error); });
    host().log().during(responder->call()).info("resumed");
    std::ignore =
        called_.call(responder->call(), [](const test_called& table, void* self, const revenge_call* inner,
                                           revenge_error* error) { return table.log(self, inner, error); });
    host().log().during(responder->call()).info("answer");
    std::ignore = responder->send(revenge::text("told"));
  }

  void secrets(const revenge::Call& call) {
    const revenge::BoundLog bound = host().log().during(call).bind({{"Access_Token", "hunter2"}});
    bound.info("bound");
    bound.group("login").info("grouped", {{"user", "ada"}, {"password", "hunter2"}});
    host().log().info("nested", {{"request", {{"cookie", "hunter2"}, {"size", 3}}}, {"level", "mine"}});
  }

  void lines(int count) {
    for (int i = 0; i < count; ++i) host().log().info("numbered", {{"n", i}});
  }

  revenge::Slot<test_called> called_ = host().services().require<test_called>();
};
REVENGE_PLUGIN(Caller)
