// POST /herald/{kind}/{count}: publishes so many events of that kind, numbered from 1; 409 with the reason when one was
// refused. GET /herald/echoes: how many times it was told of "echo.ping", to each of which it answers with another one,
// without the call it was given.
#include <atomic>
#include <charconv>

#include <revenge/plugin.hpp>

class Herald : public revenge::Plugin<> {
 public:
  explicit Herald(revenge::Host& host) {
    host.http().post("/herald/{kind}/{count}", [this](const revenge::Request& request) {
      int count = 0;
      const std::string_view given = request.param("count");
      std::from_chars(given.data(), given.data() + given.size(), count);
      for (int n = 1; n <= count; ++n) {
        const std::string number = std::to_string(n);
        const auto published =
            this->host().events().publish(request.call(), {.kind = request.param("kind"),
                                                           .text = "number " + number,
                                                           .attributes = {{"n", number}},
                                                           .payload = request.query("payload").value_or("")});
        if (!published) {
          revenge::Response refused = revenge::text(published.error().message);
          refused.status = 409;
          return refused;
        }
      }
      return revenge::text("published");
    });
    host.events().on({"echo.ping"}, [this](const revenge::ReceivedEvent&) {
      ++echoes_;
      static_cast<void>(this->host().events().publish({.kind = "echo.ping"}));
    });
    host.http().get("/herald/echoes", [this](const revenge::Request&) {
      return revenge::text(std::to_string(echoes_.load()));
    });
  }

 private:
  std::atomic<int> echoes_ = 0;
};
REVENGE_PLUGIN(Herald)
