#include "observe/crash_handler.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <typeinfo>

#include <cxxabi.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/code_map.hpp"
#include "observe/stack_walk.hpp"

namespace revenge::observe {

namespace {

constexpr std::array kFatal{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
constexpr std::size_t kMostFrames = 64;
constexpr mode_t kMode = 0640;
constexpr unsigned kPatience = 3;  // seconds for the record, which may hang where it reads what is broken

struct State {
  std::array<struct sigaction, kFatal.size()> before{};
  std::terminate_handler terminate_before = nullptr;
  FixedText<41> host_build{};
  std::atomic<int> file{-1};
  std::atomic<pid_t> crashing{0};
  std::atomic<pid_t> process{0};  // whose memory this is; a child that was forked is another one
  std::atomic<bool> orderly{true};
  FixedText<512> reason{};  // of std::terminate
  FixedText<1024> path{};   // of the file, and which file that is
  dev_t device = 0;
  ino_t inode = 0;
};
constinit State state;

// A line at a time, into memory that is there, and out with one write().
class Line {
 public:
  Line& operator<<(std::string_view text) {
    const std::size_t taken = std::min(text.size(), bytes_.size() - used_);
    std::memcpy(bytes_.data() + used_, text.data(), taken);
    used_ += taken;
    return *this;
  }
  Line& number(std::uint64_t value, int base = 10) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
    return *this << std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }
  void end() {
    *this << "\n";
    const char* at = bytes_.data();
    while (used_ > 0) {
      const ssize_t written = ::write(state.file.load(), at, used_);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;
      at += written;
      used_ -= static_cast<std::size_t>(written);
    }
    used_ = 0;
  }

 private:
  std::array<char, 1024> bytes_{};
  std::size_t used_ = 0;
};

void writeWhose(Line& line, std::string_view key, const CodeOwner& plugin) {
  (line << key << " " << plugin.id.view() << " " << plugin.version.view() << " " << plugin.sha256.view())
      .end();
}

void writeFrame(Line& line, std::uintptr_t address) {
  line << "frame ";
  const CodeImage* const image = imageAt(address);
  if (image == nullptr) {
    (line << "- 0x").number(address, 16) << " - -";
    line.end();
    return;
  }
  const std::string_view build = image->build.view();
  const std::string_view plugin = image->plugin.id.view();
  (line << (build.empty() ? "-" : build) << " 0x").number(address - image->bias, 16)
      << " " << (plugin.empty() ? "-" : plugin) << " " << image->path.view();
  line.end();
}

struct Written {
  Line& line;
  std::size_t frames = 0;
};

bool writeNext(std::uintptr_t address, void* argument) {
  Written& written = *static_cast<Written*>(argument);
  writeFrame(written.line, address);
  return ++written.frames < kMostFrames;
}

// False: another thread is at it, and this one has to wait for the end of the process.
bool isFirst() {
  pid_t nobody = 0;
  return state.crashing.compare_exchange_strong(nobody, ::gettid());
}

// Where somebody has closed the record's descriptor, it is opened anew.
void keepFile() {
  struct stat status{};
  if (::fstat(state.file.load(), &status) == 0 && status.st_dev == state.device &&
      status.st_ino == state.inode)
    return;
  state.file.store(::open(state.path.bytes.data(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode));
}

void writeHead(Line& line, std::string_view kind) {
  keepFile();
  (line << "crash " << kind).end();
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  (line << "time ").number(static_cast<std::uint64_t>(now.tv_sec)).end();
  std::array<char, 16> name{};
  ::prctl(PR_GET_NAME, name.data());
  ((line << "thread ").number(static_cast<std::uint64_t>(::gettid())) << " " << name.data()).end();
  (line << "host " << state.host_build.view()).end();
  if (const CodeOwner* const inside = ownerOf(base::currentPlugin()); inside != nullptr)
    writeWhose(line, "inside", *inside);
  if (const char* const activity = base::currentActivity(); activity != nullptr)
    (line << "doing " << std::string_view(activity, ::strnlen(activity, 200))).end();
  if (!state.reason.view().empty()) (line << "reason " << state.reason.view()).end();
}

void writeEnd(Line& line) {
  forEachImage(
      [](const CodeImage& image, void* to) {
        if (!image.plugin.id.view().empty()) writeWhose(*static_cast<Line*>(to), "image", image.plugin);
      },
      &line);
  (line << "end").end();
}

// The handler did not come back: what is written is what there is.
void giveUp(int) {
  for (const int signal : kFatal) ::signal(signal, SIG_DFL);
  ::signal(SIGALRM, SIG_DFL);
  ::raise(SIGABRT);
}

void onFatal(int signal, siginfo_t* info, void* context) {
  const int before = errno;
  if (isFirst() && state.file.load() >= 0) {
    struct sigaction late{};
    late.sa_handler = giveUp;
    ::sigaction(SIGALRM, &late, nullptr);
    sigset_t alarm;
    ::sigemptyset(&alarm);
    ::sigaddset(&alarm, SIGALRM);
    ::pthread_sigmask(SIG_UNBLOCK, &alarm, nullptr);
    ::alarm(kPatience);
    Line line;
    writeHead(line, "signal");
    ((line << "signal ").number(static_cast<std::uint64_t>(signal)) << " " << ::sigabbrev_np(signal)).end();
    if (signal == SIGSEGV || signal == SIGBUS)
      (line << "address 0x").number(reinterpret_cast<std::uintptr_t>(info->si_addr), 16).end();
    const std::uintptr_t at = programCounter(context);
    writeFrame(line, at);
    Written written{line, 1};
    walkStack(&writeNext, &written);
    writeEnd(line);
    ::alarm(0);
  } else if (state.crashing.load() != ::gettid()) {
    for (;;) ::pause();
  }
  for (std::size_t i = 0; i < kFatal.size(); ++i)
    if (kFatal[i] == signal) ::sigaction(signal, &state.before[i], nullptr);
  // A fault comes again when this returns; what somebody sent does not.
  if (info->si_code <= 0) ::raise(signal);
  errno = before;
}

[[noreturn]] void onTerminate() {
  if (const std::type_info* const type = abi::__cxa_current_exception_type(); type != nullptr) {
    int failed = 0;
    char* const readable = abi::__cxa_demangle(type->name(), nullptr, nullptr, &failed);
    std::string_view what;
    try {
      throw;
    } catch (const std::exception& thrown) {
      what = thrown.what();
    } catch (...) {
      what = "";
    }
    std::array<char, 512> text{};
    const std::string_view name = failed == 0 ? readable : type->name();
    const auto end = std::ranges::copy(name.substr(0, 200), text.begin()).out;
    const auto colon = std::ranges::copy(std::string_view(what.empty() ? "" : ": "), end).out;
    const auto last = std::ranges::copy(what.substr(0, 250), colon).out;
    state.reason.set("terminate: " + std::string(text.begin(), last));
  } else {
    state.reason.set("terminate without an exception");
  }
  std::abort();
}

void onExit() {
  if (state.orderly.load() || state.process.load() != ::getpid() || !isFirst()) return;
  Line line;
  writeHead(line, "exit");
  Written written{line};
  walkStack(&writeNext, &written);
  writeEnd(line);
}

}  // namespace

base::Result<CrashHandler> CrashHandler::install(const std::filesystem::path& file,
                                                 std::string_view host_build) {
  const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
  struct stat status{};
  if (opened < 0 || ::fstat(opened, &status) != 0)
    return base::fail(base::Errc::kIo, "{}: {}", file.string(), base::errnoText(errno));
  state.path.set(file.native());
  state.device = status.st_dev;
  state.inode = status.st_ino;
  state.host_build.set(host_build);
  state.file.store(opened);
  state.process.store(::getpid());
  state.orderly.store(false);
  noteImages();
  prepareWalks();
  struct sigaction action{};
  action.sa_sigaction = onFatal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (std::size_t i = 0; i < kFatal.size(); ++i) ::sigaction(kFatal[i], &action, &state.before[i]);
  state.terminate_before = std::set_terminate(onTerminate);
  static const bool told = std::atexit(onExit) == 0 && std::at_quick_exit(onExit) == 0;
  static_cast<void>(told);
  return CrashHandler();
}

CrashHandler::CrashHandler(CrashHandler&& other) noexcept : owns_(std::exchange(other.owns_, false)) {}

CrashHandler::~CrashHandler() {
  if (!owns_) return;
  state.orderly.store(true);
  for (std::size_t i = 0; i < kFatal.size(); ++i) ::sigaction(kFatal[i], &state.before[i], nullptr);
  std::set_terminate(state.terminate_before);
  ::close(state.file.exchange(-1));
}

void endBroken(std::string_view why) {
  state.reason.set(why);
  std::abort();
}

void noteExit() {
  if (base::currentPlugin() != base::PluginMark::kHost) onExit();
}

}  // namespace revenge::observe
