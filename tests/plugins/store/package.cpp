#include "package.hpp"

#include <revenge/entry.h>

namespace store {

const Package& package() {
  static constexpr Package kPackage{REVENGE_PLUGIN_VERSION, Phase::STORE_FAILS_IN, Owns::STORE_OWNS,
                                    std::chrono::milliseconds(STORE_SAVE_MS)};
  return kPackage;
}

}  // namespace store

extern "C" REVENGE_PLUGIN_IN_C(store::create)
