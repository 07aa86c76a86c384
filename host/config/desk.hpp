// Where the operator's questions about the configuration, and changes of it, arrive: what the control plane asks, and app
// answers. Keys are written as http.port. No answer holds the value of a secret. Thread safety: every function from any
// thread that may wait for plugins and disks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/applied.hpp"
#include "config/history.hpp"
#include "config/picture.hpp"

namespace revenge::config {

enum class Run : std::uint8_t { kReal, kDry };  // kDry: says what would come of it

struct Asked {
  std::string by;                                // for the history
  std::optional<std::uint64_t> decided_on = {};  // kStale when another generation runs
  Run run = Run::kReal;
};

// A text that somebody wants to know about before it is a file of the configuration.
struct Draft {
  std::string name;
  std::string text;
};

struct Outcome {
  Applied applied;  // of a dry run: generation and number as they are
  std::vector<Difference> differences;
  std::vector<std::string> files;  // written or removed
  Run run = Run::kReal;
};

struct Verdict {
  Problems problems;  // none: it is a configuration
  Problems warnings;
};

struct HistoryView {
  std::uint64_t number = 0;  // in force
  std::vector<Kept> kept;    // newest first
  std::optional<RefusedCandidate> refused;
  std::string trouble;  // why it may not survive a restart
};

class Desk {
 public:
  virtual ~Desk() = default;

  // What runs. kNotFound: no such key.
  virtual base::Result<std::vector<Entry>> get(std::string_view key) const = 0;  // "": all
  virtual base::Result<Explained> explain(std::string_view key) const = 0;
  // The files as they are on disk, or `draft` in the place of the main one, against what runs. kInvalid: every cause.
  virtual base::Result<std::vector<Difference>> diff(const std::optional<Draft>& draft) const = 0;
  virtual Verdict validate(const Draft& draft) const = 0;
  virtual HistoryView history() const = 0;

  // The local layer is changed and then in force; or neither, and the error says why.
  virtual base::Result<Outcome> set(std::string_view key, std::string_view yaml, const Asked& asked) = 0;
  virtual base::Result<Outcome> unset(std::string_view key, const Asked& asked) = 0;
  // The files become what they were; those of secrets, environment and command line are as they are.
  virtual base::Result<Outcome> rollback(std::uint64_t number, const Asked& asked) = 0;
  // The files as they are on disk now.
  virtual base::Result<Applied> reload(Whom whom, const Asked& asked) = 0;
};

}  // namespace revenge::config
