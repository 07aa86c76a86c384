// What tracing adds to a request, on the thread that serves it: recorded requests go to a server of one loop over a Unix
// socket, several at once so that the kernel's part is small, and the CPU time of that loop is read before and after
// (CLOCK_THREAD_CPUTIME_ID, by the handler of a route that runs on it). Two servers are asked in turn, slice by slice:
// without tracing, and with it, not sampled or sampled while a reader empties the rings; of each the fastest slice counts,
// since whatever else the machine does only adds. A line of JSON for each pair, in nanoseconds a request. Allocations of the
// loop are counted too.
// Usage: bench_traces [samples]
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "http/server.hpp"
#include "observe/recording_log.hpp"
#include "observe/spans.hpp"
#include "runtime/timers.hpp"

namespace {

thread_local std::uint64_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const place = std::malloc(size)) return place;
  throw std::bad_alloc();
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }

namespace {

using namespace revenge;

constexpr int kSlices = 12;     // of each kind, behind one sample
constexpr int kRounds = 50;     // in a slice
constexpr int kPipelined = 16;  // requests of a round
constexpr int kRequests = kRounds * kPipelined;

// As browsers and players send them.
constexpr std::string_view kRecorded =
    "GET /films/7?page=2&sort=name HTTP/1.1\r\nHost: media.example.org:8096\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: application/json\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n"
    "Referer: http://media.example.org:8096/\r\nConnection: keep-alive\r\n";
constexpr std::string_view kUnsampled =
    "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00\r\n\r\n";
constexpr std::string_view kSampled =
    "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n";

struct Used {
  std::int64_t cpu_ns = 0;
  std::uint64_t allocations = 0;
};

Used usedByThisThread() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return {now.tv_sec * 1'000'000'000 + now.tv_nsec, allocations};
}

revenge_status answer(http::Exchange& exchange, std::string_view body) {
  const auto done = exchange.respond({.content_type = "text/plain", .body = http::Bytes::borrowed(body)});
  return done ? REVENGE_OK : REVENGE_FAILED;
}

class Served {
 public:
  explicit Served(observe::Spans* spans)
      : reactor_({.threads = 1}, timers_),
        lanes_({.workers = 1}, timers_),
        instance_(*domain_.instances().open()) {
    std::vector<http::Route> routes;
    const http::Owner plugin{
        .plugin = "films",
        .instance = instance_,
        .lane = *lanes_.openLane({.name = "films", .plugin = base::PluginMark(1), .share = 1.0}),
        .mark = base::PluginMark(1)};
    routes.push_back(
        {.pattern = "/films/{id}",
         .owner = plugin,
         .handle = [](http::Exchange& exchange, revenge_error&) { return answer(exchange, "a film"); },
         .execution = http::Execution::kInline});
    routes.push_back({.pattern = "/used",
                      .handle =
                          [this](http::Exchange& exchange, revenge_error&) {
                            used_ = usedByThisThread();
                            return answer(exchange, "read");
                          },
                      .execution = http::Execution::kInline});
    auto router = http::Router::build(std::move(routes), {});
    if (!router) throw std::runtime_error(router.error().message);
    server_ = std::make_unique<http::Server>(
        http::Server::Parts{reactor_, lanes_, domain_, timers_, log_.log(), log_.metrics(), spans},
        http::ServerOptions{}, http::RouterSource(std::shared_ptr<const http::Router>(std::move(*router))));
    static int number = 0;
    constexpr std::uint32_t kOwnerOnly = 0600;
    const auto address = server_->listenUnix(
        fmt::format("{}/bench-traces-{}-{}", std::filesystem::temp_directory_path().string(), ::getpid(),
                    number++),
        kOwnerOnly);
    if (!address) throw std::runtime_error(address.error().message);
    path_ = *address;
    socket_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path_.copy(to.sun_path, sizeof to.sun_path - 1);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error("connect");
  }
  ~Served() {
    ::close(socket_);
    ::unlink(path_.c_str());
    server_.reset();
    lanes_.stop(std::chrono::seconds(5));
    reactor_.stop(std::chrono::seconds(5));
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  // A request's share of the loop's time, and of its allocations.
  Used perRequest(std::string_view end) {
    const std::string request = std::string(kRecorded) + std::string(end);
    std::string several;
    for (int i = 0; i < kPipelined; ++i) several += request;
    const std::size_t answered = ask(request, 1);
    const Used before = used();
    for (int i = 0; i < kRounds; ++i) ask(several, kPipelined * answered);
    const Used after = used();
    return {(after.cpu_ns - before.cpu_ns) / kRequests, (after.allocations - before.allocations) / kRequests};
  }

 private:
  // Bytes of the answers, of which there come at least so many.
  std::size_t ask(std::string_view request, std::size_t at_least) {
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
      throw std::runtime_error("not sent");
    std::size_t all = 0;
    while (all < at_least) {
      char bytes[16384];
      const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) throw std::runtime_error("no answer");
      all += static_cast<std::size_t>(got);
    }
    return all;
  }
  Used used() {
    ask("GET /used HTTP/1.1\r\nHost: a\r\n\r\n", 1);
    return used_;
  }

  base::SystemClock clock_;
  runtime::Timers timers_{clock_};
  observe::RecordingLog log_;
  service::Domain domain_;
  runtime::Reactor reactor_;
  runtime::Lanes lanes_;
  service::InstanceRef instance_;
  Used used_;
  std::unique_ptr<http::Server> server_;
  std::string path_;
  int socket_ = -1;
};

struct Pair {
  Used with{std::numeric_limits<std::int64_t>::max(), 0};
  Used without = with;
};

Pair measure(Served& traced, Served& bare, std::string_view end) {
  const auto faster = [](Used one, Used other) { return one.cpu_ns < other.cpu_ns ? one : other; };
  Pair pair;
  for (int i = 0; i < kSlices; ++i) {
    pair.without = faster(pair.without, bare.perRequest(end));
    pair.with = faster(pair.with, traced.perRequest(end));
  }
  return pair;
}

void print(std::string_view name, Used with, Used without) {
  const std::int64_t added = with.cpu_ns - without.cpu_ns;
  fmt::print("{{\"name\": \"tracing, {} request\", \"unit\": \"ns\", \"value\": {}}}\n", name, added);
  fmt::print("{{\"name\": \"tracing, {} request, share of its CPU\", \"unit\": \"%\", \"value\": {:.2f}}}\n",
             name, 100.0 * static_cast<double>(added) / static_cast<double>(without.cpu_ns));
  fmt::print("{{\"name\": \"tracing, {} request, allocations\", \"unit\": \"\", \"value\": {}}}\n", name,
             static_cast<std::int64_t>(with.allocations) - static_cast<std::int64_t>(without.allocations));
}

}  // namespace

int main(int count, char** words) {
  ::signal(SIGPIPE, SIG_IGN);
  const int samples = count > 1 ? std::atoi(words[1]) : 9;
  const auto spans = std::make_shared<observe::Spans>();
  spans->want(true);
  Served bare(nullptr);
  Served traced(spans.get());
  const auto empty = [&] { spans->collect([](const observe::SpanRecord&) {}); };
  spans->onHalfFull([] {});
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      empty();
      ::usleep(1000);
    }
  });
  for (int i = -1; i < samples; ++i) {  // the first warms
    const Pair unsampled = measure(traced, bare, kUnsampled);
    const Pair sampled = measure(traced, bare, kSampled);
    if (i < 0) continue;
    print("unsampled", unsampled.with, unsampled.without);
    print("sampled", sampled.with, sampled.without);
  }
  done = true;
  reader.join();
  if (spans->lost() > 0) fmt::print(stderr, "{} spans were lost\n", spans->lost());
  return 0;
}
