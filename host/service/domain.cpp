#include "service/domain.hpp"

namespace revenge::service {

base::Result<> Domain::release(InstanceRef ref) {
  if (const auto slots = generations_.boundTo(ref); !slots.empty()) {
    return base::fail(base::Errc::kBusy,
                      "{} slots still lead to instance {}.{}; publish a generation without it first",
                      slots.size(), ref.index, ref.generation);
  }
  return instances_.release(ref);
}

}  // namespace revenge::service
