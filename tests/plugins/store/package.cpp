#include "package.hpp"

namespace store {

const Package& package() {
  static constexpr Package kPackage{REVENGE_PLUGIN_VERSION, Phase::STORE_FAILS_IN, Owns::STORE_OWNS,
                                    std::chrono::milliseconds(STORE_SAVE_MS)};
  return kPackage;
}

}  // namespace store

extern "C" __attribute__((visibility("default"))) const revenge_plugin* revenge_plugin_entry(std::uint32_t,
                                                                                             revenge_error*) {
  static const revenge_plugin plugin = {sizeof plugin,
                                        REVENGE_ABI_GENERATION,
                                        {REVENGE_PLUGIN_ID, sizeof REVENGE_PLUGIN_ID - 1},
                                        {REVENGE_PLUGIN_VERSION, sizeof REVENGE_PLUGIN_VERSION - 1},
                                        {REVENGE_VERSION_STRING, sizeof REVENGE_VERSION_STRING - 1},
                                        store::create};
  return &plugin;
}
