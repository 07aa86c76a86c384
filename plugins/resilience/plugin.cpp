// The library's entry: all wiring lies in wiring/, where the tests reach it.
#include "wiring/resilience_plugin.hpp"

REVENGE_PLUGIN(revenge::resilience::ResiliencePlugin)
