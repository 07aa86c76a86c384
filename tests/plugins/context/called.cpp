// test.called/1: logs on behalf of whoever calls.
#include "called.h"

#include <memory>

#include <revenge/plugin.hpp>

template <>
inline constexpr const char* revenge::InterfaceId<test_called> = "test.called/1";

class Called : public revenge::Plugin<> {
 public:
  explicit Called(revenge::Host& host) { host.services().provide(kTable, this); }

 private:
  static revenge_status log(void* self, const revenge_call* call, revenge_error*) {
    auto& host = static_cast<Called*>(self)->host();
    host.log().during({host, call}).info("called");
    return REVENGE_OK;
  }
  static revenge_status later(void* self, const revenge_call* call, revenge_handle done,
                              revenge_error* error) {
    auto& host = static_cast<Called*>(self)->host();
    auto completion = std::make_shared<revenge::Completion>(host.services().accept(done, [] {}));
    const revenge::Status submitted =
        host.timers().submit({host, call}, [&host, completion](const revenge::Call& job) {
          host.log().during(job).info("later");
          std::ignore = completion->finish(std::string());
        });
    return submitted ? REVENGE_PENDING : revenge::boundary::report(submitted, error);
  }
  static constexpr test_called kTable{sizeof(test_called), 0, log, later};
};
REVENGE_PLUGIN(Called)
