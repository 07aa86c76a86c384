#include "key_hash.hpp"

namespace revenge::resilience {

KeyHash hashOf(std::string_view key, const HashSeed& seed) noexcept {
  const KeyedHash hash = tableHash(key, seed);
  return {hash.first, hash.second};
}

}  // namespace revenge::resilience
