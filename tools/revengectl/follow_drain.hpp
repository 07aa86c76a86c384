// Shows what an old version of a plugin still waits for, until it has ended. Thread safety: confined to one thread.
#pragma once

#include <string>

#include "revengectl/session.hpp"

namespace revenge::ctl {

// Returns when no load of that version drains any more, or the host is gone. In JSON it says nothing.
void followDrain(const Session& session, const std::string& id, const std::string& version);

}  // namespace revenge::ctl
