#include "revenge/child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace revenge::author {

namespace {

using base::Errc;
using base::fail;

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> made;
  made.reserve(words.size() + 1);
  for (std::string& word : words) made.push_back(word.data());
  made.push_back(nullptr);
  return made;
}

std::vector<std::string> environmentWith(const std::vector<std::string>& more) {
  std::vector<std::string> all;
  for (char** variable = environ; *variable != nullptr; ++variable) all.emplace_back(*variable);
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

base::Result<Child> Child::start(const ChildPlan& plan) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Errc::kIo, "no pipe: {}", base::errnoText(errno));
  base::UniqueFd reading(ends[0]);
  base::UniqueFd writing(ends[1]);
  (void)::fcntl(reading.get(), F_SETFL, O_NONBLOCK);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  constexpr mode_t kMode = 0644;
  if (plan.errors) {
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, plan.errors->c_str(),
                                       O_WRONLY | O_CREAT | O_APPEND, kMode);
  } else {
    ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDERR_FILENO);
  }
  ::posix_spawn_file_actions_addchdir_np(&actions, plan.folder.c_str());

  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);

  std::vector<std::string> words = plan.words;
  std::vector<std::string> environment = environmentWith(plan.environment);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, words.front().c_str(), &actions, &attributes, pointers(words).data(),
                                   pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail(Errc::kIo, "{}: {}", words.front(), base::errnoText(error));
  Child child(pid, std::move(reading), base::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
  if (!child.end_) return fail(Errc::kIo, "{}: {}", words.front(), base::errnoText(errno));
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      output_(std::move(other.output_)),
      end_(std::move(other.end_)),
      part_(std::move(other.part_)),
      status_(other.status_) {}

Child::~Child() {
  if (pid_ == 0) return;
  signal(SIGKILL);
  (void)wait();
}

void Child::read(const std::function<void(std::string_view)>& line) {
  std::array<char, std::size_t{16} * 1024> bytes;
  while (output_) {
    const ssize_t got = ::read(output_.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      output_.reset();
      if (!part_.empty()) line(std::exchange(part_, {}));
      return;
    }
    part_.append(bytes.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = part_.find('\n', begin)) != std::string::npos; begin = end + 1)
      line(std::string_view(part_).substr(begin, end + 1 - begin));
    part_.erase(0, begin);
  }
}

int Child::reap(int options) {
  int status = 0;
  pid_t got = 0;
  while ((got = ::waitpid(pid_, &status, options)) < 0 && errno == EINTR) {
  }
  if (got == 0) return -1;
  constexpr int kBySignal = 128;
  pid_ = 0;
  end_.reset();
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : kBySignal + WTERMSIG(status);
  return status_;
}

std::optional<int> Child::ended() {
  if (pid_ == 0) return status_;
  const int status = reap(WNOHANG);
  return status < 0 ? std::nullopt : std::optional(status);
}

int Child::wait() { return pid_ == 0 ? status_ : reap(0); }

void Child::signal(int number) const {
  if (pid_ != 0) (void)::kill(-pid_, number);
}

}  // namespace revenge::author
