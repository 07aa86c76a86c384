// test.called/1: logs on behalf of whoever calls.
#include "called.h"

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
  static constexpr test_called kTable{sizeof(test_called), 0, log};
};
REVENGE_PLUGIN(Called)
