// What of the policies an operator should know of: which let nothing through. Thread safety: any thread.
#pragma once

#include <revenge/result.hpp>

#include "wiring/policies.hpp"

namespace revenge::resilience {

// kUnavailable, naming each: breakers that are open or half open, and whatever is forced open or isolated, with the reason.
Status healthOf(const Policies& policies, Moment now);

}  // namespace revenge::resilience
