// What may stand next on a command line of revengectl: the question a shell asks when somebody presses Tab. Thread safety:
// confined to one thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "revengectl/run.hpp"

namespace revenge::ctl {

struct Candidate {
  std::string word;
  std::string summary;
};

struct Completion {
  std::vector<Candidate> candidates;  // those that begin as the last word does
  bool files = false;                 // names of files fit there too: the shell knows how
};

// `words` without the program's name; the last one is being typed and may be empty. Names of plugins and the like come from
// the host that runs, which gets a second to answer; without one there are none.
Completion complete(std::span<const std::string> words, const Surroundings& around);

// What a shell evaluates once: a small script that asks `revengectl complete`. Empty: no such shell.
std::string_view completionScript(std::string_view shell);

}  // namespace revenge::ctl
