// The library's entry: all wiring lies in wiring/, where the tests reach it.
#include "wiring/http_limits_plugin.hpp"

REVENGE_PLUGIN(revenge::http_limits::HttpLimitsPlugin)
