// A host that `revenge dev --host` starts for itself, with folders of its own in the build tree. Thread safety: confined to
// one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "revenge/child.hpp"

namespace revenge::author {

class OwnHost {
 public:
  struct Plan {
    std::filesystem::path program;
    std::filesystem::path folder;  // to run in: the plugin's
    std::filesystem::path home;    // of its state, cache, run and log
    std::vector<std::string> options;
  };

  explicit OwnHost(Plan plan) : plan_(std::move(plan)) {}
  ~OwnHost() { end(); }
  OwnHost(const OwnHost&) = delete;
  OwnHost& operator=(const OwnHost&) = delete;

  std::string socket() const { return (plan_.home / "run" / "revenge.sock").string(); }
  std::filesystem::path log() const { return plan_.home / "log"; }

  // Begins without the plugin: the version that ended the last one is not what it starts with.
  base::Result<> start();
  bool runs() const { return child_.has_value(); }
  Child& child() { return *child_; }
  // What is to be told where it has ended by itself: how, and its last words.
  std::optional<std::string> ended();
  void end();

 private:
  std::string lastWords() const;

  const Plan plan_;
  std::optional<Child> child_;
};

}  // namespace revenge::author
