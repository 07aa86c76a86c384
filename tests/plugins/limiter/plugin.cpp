// Every request below /limited passes the middleware, whose query says what it does: deadline_ms=, body= limit it, tell= asks for
// its end under that tag, wait_ms= holds it so long, then=refuse answers it 429 in place of its route. What was heard of ends is
// one line each in the log, and GET /ends of the instance that heard it.
#include <charconv>
#include <mutex>
#include <string>

#include <revenge/clock.hpp>
#include <revenge/log.hpp>
#include <revenge/plugin.hpp>
#include <revenge/timers.hpp>

namespace {

using std::chrono::milliseconds;

std::optional<std::int64_t> number(const revenge::Request& request, std::string_view name) {
  const auto given = request.query(name);
  if (!given) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(given->data(), given->data() + given->size(), value);
  return value;
}

class Limiter : public revenge::Plugin<> {
 public:
  explicit Limiter(revenge::Host& host) : host_(host) {
    host.http().before("limiter",
                       [this](const revenge::Request& request, revenge::Resumer resumer) {
                         pass(request, std::move(resumer));
                       },
                       {.prefix = "/limited"});
    host.http().onEnded([this](const revenge::Ended& ended) { hear(ended); });
    host.http().get("/ends", [this](const revenge::Request&) {
      const std::lock_guard lock(mutex_);
      return revenge::text(ends_);
    });
    host.http().get("/limited/who", [](const revenge::Request& request) {
      return revenge::text(std::string(request.remoteAddress()) + " " + std::to_string(request.remotePort()));
    });
    host.http().get("/limited/version",
                    [](const revenge::Request&) { return revenge::text(REVENGE_PLUGIN_VERSION); });
    host.http().get("/limited/hang", [this](const revenge::Request&, revenge::Responder responder) {
      const std::lock_guard lock(mutex_);
      hanging_.push_back(std::move(responder));
    });
    host.http().get("/limited/large", [](const revenge::Request&) {
      return revenge::text(std::string(std::size_t{64} << 20U, 'x'));
    });
    host.http().post("/limited/post", [](const revenge::Request& request) {
      return revenge::text(std::to_string(request.body().size()));
    });
  }

 private:
  void pass(const revenge::Request& request, revenge::Resumer resumer) {
    revenge::RequestLimits limits;
    if (const auto deadline = number(request, "deadline_ms"))
      limits.deadline = request.receivedAt() + milliseconds(*deadline);
    if (const auto body = number(request, "body")) limits.bodyBytes = static_cast<std::uint64_t>(*body);
    static_cast<void>(request.limit(limits));
    if (const auto tag = number(request, "tell"))
      static_cast<void>(request.tellEnd(static_cast<std::uint64_t>(*tag)));
    const bool refuses = request.query("then") == "refuse";
    const auto wait = number(request, "wait_ms");
    if (!wait) return goOn(resumer, refuses);
    const auto held = std::make_shared<revenge::Resumer>(std::move(resumer));
    host_.timers().after(milliseconds(*wait), [held, refuses] { goOn(*held, refuses); });
  }
  // Its client may have left, or its time be over: then there is nothing to do.
  static void goOn(revenge::Resumer& resumer, bool refuses) {
    if (refuses)
      static_cast<void>(resumer.answer(revenge::text("refused").withStatus(429)));
    else
      static_cast<void>(resumer.goOn());
  }

  void hear(const revenge::Ended& ended) {
    const std::string line = "ended " + std::to_string(ended.tag) + " status " +
                             std::to_string(ended.status) + " bytes " + std::to_string(ended.bytesSent) +
                             (ended.complete ? " complete" : " short");
    host_.log().info(line);
    const std::lock_guard lock(mutex_);
    ends_ += line + "\n";
  }

  revenge::Host& host_;
  std::mutex mutex_;
  std::string ends_;                         // guarded by mutex_
  std::vector<revenge::Responder> hanging_;  // guarded by mutex_
};

}  // namespace

REVENGE_PLUGIN(Limiter)
