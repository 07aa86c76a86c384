// A number that counts an episode without saying so: "[02]", "Title - 02", "02 - Title", "Title 02", "title.102".
// Thread safety: pure functions.
#pragma once

#include <optional>

#include "episode_scheme.hpp"
#include "lexed_name.hpp"

namespace library::naming {

std::optional<EpisodeMatch> findLooseNumber(const LexedName& name, const EpisodeContext& context);

}  // namespace library::naming
