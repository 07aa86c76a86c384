// Real children under a real warden; time is the machine's, unless a test says otherwise. Thread safety: one test, one thread.
#pragma once

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "observe/metrics.hpp"
#include "observe/recording_log.hpp"
#include "process/processes.hpp"
#include "runtime/reactor.hpp"
#include "runtime/timers.hpp"

namespace revenge::process {

inline constexpr std::chrono::seconds kSoon{60};  // by then a test has failed

// What a wait was told.
struct Word {
  bool ok = false;
  bool end = false;
  std::string bytes;
  base::Error error;
};

inline std::pair<Told, std::future<Word>> listening() {
  auto promise = std::make_shared<std::promise<Word>>();
  auto future = promise->get_future();
  return {[promise](const base::Result<Came>& came) {
            Word word;
            word.ok = came.has_value();
            if (came) {
              word.end = came->end;
              word.bytes = came->bytes;
            } else {
              word.error = came.error();
            }
            promise->set_value(std::move(word));
          },
          std::move(future)};
}

inline Word heard(std::future<Word>& future) {
  if (future.wait_for(kSoon) != std::future_status::ready) {
    ADD_FAILURE() << "nobody was told";
    return {};
  }
  return future.get();
}

// Everybody below this process, by pid: what /proc says of them.
struct Seen {
  pid_t parent = 0;
  char state = '?';
  std::string name;
};
inline std::map<pid_t, Seen> everybody() {
  std::map<pid_t, Seen> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string line;
    std::getline(file, line);
    const auto open = line.find('(');
    const auto close = line.rfind(')');
    if (close == std::string::npos) continue;
    Seen seen;
    seen.name = line.substr(open + 1, close - open - 1);
    std::istringstream rest(line.substr(close + 1));
    rest >> seen.state >> seen.parent;
    all[std::stoi(name)] = seen;
  }
  return all;
}
inline std::map<pid_t, Seen> below(pid_t root) {
  const auto all = everybody();
  std::map<pid_t, Seen> found;
  for (bool more = true; more;) {
    more = false;
    for (const auto& [pid, seen] : all) {
      if (found.contains(pid) || (seen.parent != root && !found.contains(seen.parent))) continue;
      found[pid] = seen;
      more = true;
    }
  }
  return found;
}
inline bool lives(pid_t pid) {
  const auto all = everybody();
  const auto found = all.find(pid);
  return found != all.end() && found->second.state != 'Z';
}

inline std::size_t entriesOf(const char* folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

class ProcessTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

  ProcessTest() { open({}); }
  ~ProcessTest() override {
    processes_->stop();
    reactor_.stop(std::chrono::seconds(5));
  }

  void open(ProcessOptions options) {
    options.warden = {REVENGE_TEST_WARDEN, {"--warden"}};
    processes_.reset();
    processes_ = std::make_unique<Processes>(Processes::Parts{reactor_, timers_, metrics_, log_.log()},
                                             std::move(options));
  }

  static Command command(std::vector<std::string> argv) {
    Command command;
    command.owner = "p";
    command.program.argv = std::move(argv);
    command.out.form = OutputForm::kCollect;
    command.err.form = OutputForm::kCollect;
    return command;
  }
  static Command shell(std::string script) { return command({"sh", "-c", std::move(script)}); }

  struct Run {
    std::shared_ptr<Child> child;
    std::future<Word> word;
    Word last;

    Word wait() { return last = heard(word); }
    // Once it has ended well.
    const Outcome& outcome() {
      if (word.valid()) wait();
      static const Outcome none{};
      const auto shown = child->outcome();
      EXPECT_TRUE(shown) << last.error.message;
      return shown ? **shown : none;
    }
  };

  Run start(Command command, Until until = Until::kEnded) {
    auto child = processes_->prepare(std::move(command));
    if (!child) {
      ADD_FAILURE() << child.error().message;
      std::abort();
    }
    auto [told, future] = listening();
    (*child)->start(until, std::move(told));
    return {*child, std::move(future), {}};
  }
  Outcome run(Command command) { return start(std::move(command)).outcome(); }
  base::Error fails(Command command) {
    Run run = start(std::move(command));
    const Word word = run.wait();
    EXPECT_FALSE(word.ok);
    return word.error;
  }
  Run running(Command command) {
    Run run = start(std::move(command), Until::kStarted);
    EXPECT_TRUE(run.wait().ok) << run.last.error.message;
    return run;
  }
  // The end of what was told only of its start.
  static Word end(Run& run) {
    auto [told, future] = listening();
    const auto went = run.child->awaitEnd(std::move(told));
    if (!went) return {.ok = false, .end = false, .bytes = {}, .error = went.error()};
    if (*went == Went::kDone) return {.ok = true, .end = false, .bytes = {}, .error = {}};
    return heard(future);
  }
  static std::optional<std::string> readPiece(Child& child, Stream stream = Stream::kOut) {
    auto [told, future] = listening();
    std::string_view piece;
    const auto went = child.read(stream, piece, std::move(told));
    if (!went) {
      ADD_FAILURE() << went.error().message;
      return std::nullopt;
    }
    if (*went == Went::kDone) return std::string(piece);
    if (*went == Went::kEnd) return std::nullopt;
    Word word = heard(future);
    return word.end || !word.ok ? std::nullopt : std::optional(word.bytes);
  }
  static std::string readAll(Child& child, Stream stream = Stream::kOut) {
    std::string all;
    while (auto piece = readPiece(child, stream)) all += *piece;
    return all;
  }
  // Up to the end of a line: what a child says when it is ready.
  static std::string readLine(Child& child) {
    std::string line;
    while (!line.ends_with('\n')) {
      auto piece = readPiece(child);
      if (!piece) break;
      line += *piece;
    }
    return line;
  }

  double metric(const std::string& series) const {
    std::istringstream text(metrics_.render());
    for (std::string line; std::getline(text, line);)
      if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
    return -1;
  }

  base::SystemClock clock_;
  observe::Metrics metrics_;
  observe::RecordingLog log_;
  runtime::Timers timers_{clock_};
  runtime::Reactor reactor_{{.threads = 2}, timers_};
  std::unique_ptr<Processes> processes_;
};

}  // namespace revenge::process
