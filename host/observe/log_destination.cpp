#include "observe/log_destination.hpp"

#include <cerrno>

#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace revenge::observe {

namespace {

constexpr mode_t kMode = 0640;

class StandardError final : public LogDestination {
 public:
  StandardError() {
    sink_.set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, ""));
  }

  std::size_t write(std::string_view lines) override {
    try {
      sink_.log({"", spdlog::level::info, spdlog::string_view_t(lines.data(), lines.size())});
      sink_.flush();
    } catch (const spdlog::spdlog_ex&) {
      return 0;
    }
    return lines.size();
  }

 private:
  spdlog::sinks::stderr_sink_st sink_;
};

class AppendedFile final : public LogDestination {
 public:
  explicit AppendedFile(base::UniqueFd file) : file_(std::move(file)) {}

  std::size_t write(std::string_view lines) override {
    // After a line that was cut off by a full disk the next one begins a line of its own.
    if (torn_ && ::write(file_.get(), "\n", 1) != 1) return 0;
    torn_ = false;
    std::size_t done = 0;
    while (done < lines.size()) {
      const ssize_t wrote = ::write(file_.get(), lines.data() + done, lines.size() - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) break;
      done += static_cast<std::size_t>(wrote);
    }
    torn_ = done > 0 && lines[done - 1] != '\n';
    return done;
  }

  bool unlinked() const override {
    struct stat seen{};
    return ::fstat(file_.get(), &seen) == 0 && seen.st_nlink == 0;
  }

 private:
  const base::UniqueFd file_;
  bool torn_ = false;
};

}  // namespace

std::unique_ptr<LogDestination> standardErrorLog() { return std::make_unique<StandardError>(); }

base::Result<std::unique_ptr<LogDestination>> openLogFile(const std::string& path) {
  base::UniqueFd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, kMode));
  if (!file) {
    return base::fail(base::Errc::kIo, "log file '{}': {}; name a file in a writable folder", path,
                      base::errnoText(errno));
  }
  return std::make_unique<AppendedFile>(std::move(file));
}

}  // namespace revenge::observe
