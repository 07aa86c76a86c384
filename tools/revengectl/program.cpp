#include "revengectl/program.hpp"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace revenge::ctl {

namespace {

using base::Errc;
using base::fail;

std::string readAll(int descriptor) {
  std::string text;
  char bytes[16 * 1024];
  ssize_t got = 0;
  while ((got = ::read(descriptor, bytes, sizeof(bytes))) > 0 || (got < 0 && errno == EINTR)) {
    if (got > 0) text.append(bytes, static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

base::Result<std::string> outputOfNeighbour(const std::string& name,
                                            const std::vector<std::string>& arguments) {
  std::error_code failed;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", failed).replace_filename(name);
  if (::access(program.c_str(), X_OK) != 0)
    return fail(Errc::kNotFound, "{}: {}; it belongs beside revengectl", program, base::errnoText(errno));

  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Errc::kIo, "no pipe: {}", base::errnoText(errno));
  const base::UniqueFd reading(ends[0]);
  base::UniqueFd writing(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  writing.reset();
  if (error != 0) return fail(Errc::kIo, "{}: {}", program, base::errnoText(error));

  std::string text = readAll(reading.get());
  int ended = 0;
  while (::waitpid(child, &ended, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0) return fail(Errc::kFailed, "{} failed", program);
  return text;
}

}  // namespace revenge::ctl
