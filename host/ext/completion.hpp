// How a plugin is told that what it waits for has come. Thread safety: any thread, entered into the instance.
#pragma once

#include <memory>
#include <string_view>

#include <revenge/abi/base.h>

#include "base/result.hpp"
#include "ext/boundary.hpp"
#include "service/domain.hpp"

namespace revenge::ext {

using Keeper = std::shared_ptr<service::Lease>;

// Keeps the instance inside until it is dropped; null when it has left.
Keeper enterUnderWay(service::Domain& domain, service::InstanceRef instance);

// `came`: base::Result of something with `bytes` and `end`.
void complete(const revenge_host& host, const revenge_completion& done, revenge_status status,
              std::string_view bytes, const base::Error* why);
template <typename Came>
void complete(const revenge_host& host, const revenge_completion& done, const base::Result<Came>& came) {
  if (!came) return complete(host, done, REVENGE_FAILED, {}, &came.error());
  complete(host, done, came->end ? REVENGE_END : REVENGE_OK, came->end ? std::string_view() : came->bytes,
           nullptr);
}

}  // namespace revenge::ext
