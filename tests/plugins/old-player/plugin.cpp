// GET /player and /trick behind those of "flagged".
#include <revenge/plugin.hpp>

class OldPlayer : public revenge::Plugin<> {
 public:
  explicit OldPlayer(revenge::Host& host) {
    for (const char* path : {"/player", "/trick"}) {
      host.http().get(path,
                      [](const revenge::Request& request) {
                        return revenge::text("old " + std::string(request.call().userKey()));
                      },
                      {.rank = 10});
    }
  }
};
REVENGE_PLUGIN(OldPlayer)
