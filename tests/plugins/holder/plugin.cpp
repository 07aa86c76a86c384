// GET /play/{id} and /browse/{id}?ms=5&status=200: holds its worker for so long. POST
// /upload: takes a body whole, and says how long it was.
#include <chrono>
#include <string>
#include <thread>

#include <revenge/plugin.hpp>

namespace {

class Holder : public revenge::Plugin<> {
 public:
  explicit Holder(revenge::Host& host) {
    host.http().get("/play/{id}", held);
    host.http().get("/browse/{id}", held);
    host.http().post("/upload", [](const revenge::Request& request) {
      return revenge::text(std::to_string(request.body().size()));
    });
  }

 private:
  static revenge::Response held(const revenge::Request& request) {
    const int ms = std::stoi(std::string(request.query("ms").value_or("5")));
    const int status = std::stoi(std::string(request.query("status").value_or("200")));
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    return revenge::text("held").withStatus(status);
  }
};

}  // namespace

REVENGE_PLUGIN(Holder)
