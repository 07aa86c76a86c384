#include "revenge/own_host.hpp"

#include <csignal>
#include <deque>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

#include "revenge/project.hpp"

namespace revenge::author {

namespace fs = std::filesystem;

base::Result<> OwnHost::start() {
  std::error_code failed;
  fs::create_directories(plan_.home / "plugins", failed);
  if (failed) return base::fail(base::Errc::kIo, "{}: {}", plan_.home.string(), failed.message());
  fs::remove(plan_.home / "state" / "desired", failed);
  fs::remove(log(), failed);
  std::vector<std::string> words{plan_.program.string()};
  for (const char* kind : {"state", "cache", "run", "plugins"})
    words.insert(words.end(), {fmt::format("--{}", kind), (plan_.home / kind).string()});
  words.insert(words.end(), plan_.options.begin(), plan_.options.end());
  auto child = Child::start({.words = std::move(words), .folder = plan_.folder, .errors = log()});
  if (!child) return std::unexpected(child.error());
  child_.emplace(std::move(*child));
  return {};
}

std::optional<std::string> OwnHost::ended() {
  const auto code = child_ ? child_->ended() : std::nullopt;
  if (!code) return {};
  child_.reset();
  return fmt::format("the host has ended with code {}; its log: {}\n{}", *code, log().string(), lastWords());
}

std::string OwnHost::lastWords() const {
  constexpr std::size_t kLines = 5;
  std::istringstream text(readText(log()).value_or(""));
  std::deque<std::string> last;
  for (std::string line; std::getline(text, line);) {
    last.push_back(fmt::format("    {}\n", line));
    if (last.size() > kLines) last.pop_front();
  }
  return fmt::format("{}", fmt::join(last, ""));
}

// In order, and where that takes too long, at once.
void OwnHost::end() {
  if (!child_) return;
  constexpr int kPatienceMs = 10'000;
  child_->signal(SIGTERM);
  pollfd end{child_->end(), POLLIN, 0};
  (void)::poll(&end, 1, kPatienceMs);
  child_.reset();
}

}  // namespace revenge::author
