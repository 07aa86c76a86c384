#include "process/strays.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace revenge::process {
namespace {

bool readAll(const char* path, std::string& into) {
  into.clear();
  const base::UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return false;
  std::array<char, 4096> piece{};
  for (;;) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0) return false;
    if (got == 0) return true;
    into.append(piece.data(), static_cast<std::size_t>(got));
  }
}

template <typename Number>
bool number(std::string_view text, Number& into) {
  return std::from_chars(text.data(), text.data() + text.size(), into).ec == std::errc();
}

// The parent, out of "pid (name) state parent ...", whose name may hold anything; 0 for a zombie, whom nobody can kill.
pid_t parentIn(std::string_view stat) {
  const std::size_t name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos || name_end + 4 >= stat.size()) return 0;
  pid_t parent = 0;
  if (stat[name_end + 2] == 'Z' || !number(stat.substr(name_end + 4), parent)) return 0;
  return parent;
}

// Kernels without CONFIG_PROC_CHILDREN: everybody is asked for his parent.
void searchAll(const std::function<void(pid_t child)>& each) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  if (folder == nullptr) return;
  const pid_t self = ::getpid();
  std::string stat;
  while (const dirent* entry = ::readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe): one thread
    const std::string_view name = entry->d_name;
    pid_t pid = 0;
    if (name.front() < '0' || name.front() > '9' || !number(name, pid)) continue;
    if (!readAll(("/proc/" + std::string(name) + "/stat").c_str(), stat)) continue;
    if (parentIn(stat) == self) each(pid);
  }
}

}  // namespace

void forEachChild(const std::function<void(pid_t child)>& each) {
  std::string listed;
  if (!readAll("/proc/thread-self/children", listed)) return searchAll(each);
  std::string_view rest = listed;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    pid_t pid = 0;
    if (number(rest.substr(0, end), pid)) each(pid);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void killAllChildren() {
  do {
    forEachChild([](pid_t child) { ::kill(child, SIGKILL); });
  } while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR);
}

}  // namespace revenge::process
