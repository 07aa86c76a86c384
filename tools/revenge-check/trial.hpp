// A hostile host, the library loaded once, and one life in it: what the rows that run the plugin are made of. Each answer
// is looked at as it comes, and what is wrong with it is a finding. Thread safety: led by one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <revenge/testing/hostile_host.hpp>

#include "module/library.hpp"
#include "revenge-check/recorder.hpp"

namespace revenge::check {

// The host of a trial, who watches it, and the companions of the package, which began in it.
class Stage {
 public:
  explicit Stage(Work& work);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage() { endCompanions(); }

  bool offers(const std::string& interface) const;
  void endCompanions();

  Recorder recorder;
  testing::HostileHost host;

 private:
  struct Companion {
    module::Library library;
    testing::Loaded<testing::AnyPlugin> instance;
    const module::Manifest* manifest;
  };
  void begin(const Package& companion);

  std::vector<Companion> companions_;
};

// A library of the package in this process, closed again when nothing of it is left.
class Loaded {
 public:
  explicit Loaded(Work& work, std::size_t copy = 0);
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
  ~Loaded();

  auto create() const { return create_; }
  // A host for it; what the library leaves behind may go on calling it as long as the process lives.
  Stage& stage(Work& work) {
    stage_ = std::make_unique<Stage>(work);
    return *stage_;
  }
  // What holds it, one line each; nothing: it was unmapped.
  std::vector<std::string> unload();

 private:
  std::set<pid_t> before_;
  std::optional<module::Library> library_;
  std::unique_ptr<Stage> stage_;
  decltype(revenge_plugin::create) create_ = nullptr;
};

class Trial {
 public:
  // `library` outlives it.
  Trial(Work& work, Loaded& library);

  testing::HostileHost& host() { return stage_->host; }
  testing::Life& life() { return life_; }
  Recorder& recorder() { return stage_->recorder; }

  // Failures are no findings for the caller who makes the host fail; one without a reason is, unless there is no memory.
  void expectFailures() { failing_ = true; }
  void excuseSilence() { silent_ = true; }

  // Each tells whether the life can go on.
  bool create();
  bool create(std::string json);
  bool start();
  bool health();
  void configure(const std::string& json);  // prepare and commit, where there is a commit
  std::optional<std::string> save();
  bool restore(std::string_view state, std::string_view version);
  void stop();
  void destroy();
  // drain, stop, destroy: as far as there is something.
  void end();

  // Every route once with a plain request.
  void callAll();
  // Due timers and jobs for so long, on the host's clock.
  void pass(std::chrono::nanoseconds time);
  // Jobs and time until it is answered or given up; false: it is not.
  bool settle(const testing::Reply& reply, std::chrono::nanoseconds patience);

  // Of a failing status, with or without permission to fail.
  bool look(const testing::Ended& ended, std::string_view what);

  // Interfaces that the manifest needs and this host does not have.
  std::string missing() const;

 private:
  Work* work_;
  Stage* stage_;
  testing::Life life_;
  bool failing_ = false;
  bool silent_ = false;
  bool created_ = false;
  bool started_ = false;
};

// A request that the route's pattern matches, with `fill` for each parameter.
testing::Ask askFor(const testing::FakeHttp::Registered& route, std::string_view fill);

}  // namespace revenge::check
