// What a line costs whoever logs it: pairs of (ours, spdlog's async logger), measured one after the other in one run, both
// into a file. A batch fits into the queues and is written out before the next, so that no line is lost and none waits;
// of a batch only the time of the calls counts. A line of JSON for each pair, in nanoseconds a line.
// Usage: bench_log FOLDER PACKAGES [pairs]
#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <revenge/abi/log.h>

#include "ext/log.hpp"
#include "observe/log_output.hpp"
#include "rooms/rooms.hpp"

namespace {

using namespace revenge;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kLines = 1000;  // in a batch
constexpr int kBatches = 24;  // of each kind in a pair, taken in turn; the fastest counts
constexpr std::string_view kPath = "/library/items/1284/poster.jpg";

using Batch = std::function<void()>;  // logs kLines lines
using Settle = std::function<void()>;

// Nanoseconds a line, on threads that start together; of the slowest. Afterwards everything is out.
double measure(unsigned threads, const Batch& batch, const Settle& settle) {
  std::vector<double> taken(threads);
  std::barrier start(static_cast<std::ptrdiff_t>(threads));
  const auto run = [&](unsigned index) {
    batch();  // a thread's first lines make its queue
    start.arrive_and_wait();
    if (index == 0) settle();
    start.arrive_and_wait();
    const auto begin = Clock::now();
    batch();
    taken[index] = std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / kLines;
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back(run, i);
  run(0);
  for (std::thread& each : others) each.join();
  settle();
  return *std::ranges::max_element(taken);
}

class Bench {
 public:
  Bench(const std::filesystem::path& folder, const std::filesystem::path& packages)
      : rooms_(folder, packages) {
    output_ = *observe::LogOutput::open(
        rooms_.clock, rooms_.metrics,
        {.standard_error = observe::LogStderr::kOff, .file = folder / "ours.log", .queue_bytes = 64U << 20U});
    rooms_.sink.instead = output_.get();
    rooms_.log.setLevel(observe::Level::kInfo);
    spdlog::init_thread_pool(8192, 1);
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>((folder / "reference.log").string());
    reference_ = std::make_shared<spdlog::async_logger>("bench", sink, spdlog::thread_pool(),
                                                        spdlog::async_overflow_policy::block);
    host_.id = "bench";
    host_.version = "1.0.0";
    host_.instance = *rooms_.domain.instances().open();
    host_.capabilities = &rooms_.bundle;
    host_.context = rooms_.bundle.open(host_);
  }
  ~Bench() {
    rooms_.sink.instead = nullptr;
    output_->stop();
    spdlog::shutdown();
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void pairs(int count) {
    const observe::Logger logger = rooms_.log.logger("http");
    const observe::Logger bound =
        logger.with({{"method", "GET"}, {"path", kPath}, {"status", 200}, {"bytes", 51234}});
    const Batch four = [&] {
      for (int i = 0; i < kLines; ++i)
        logger.info("request", {{"method", "GET"}, {"path", kPath}, {"status", i}, {"bytes", 51234}});
    };
    const Batch before = [&] {
      for (int i = 0; i < kLines; ++i) bound.info("request");
    };
    const Batch off = [&] {
      for (int i = 0; i < kLines; ++i)
        logger.debug("request", {{"method", "GET"}, {"path", kPath}, {"status", i}, {"bytes", 51234}});
    };
    const Batch spdlog_four = [this] {
      for (int i = 0; i < kLines; ++i)
        reference_->info("request method={} path={} status={} bytes={}", "GET", kPath, i, 51234);
    };
    const Batch spdlog_plain = [this] {
      for (int i = 0; i < kLines; ++i) reference_->info("request");
    };
    const Batch spdlog_off = [this] {
      for (int i = 0; i < kLines; ++i)
        reference_->debug("request method={} path={} status={} bytes={}", "GET", kPath, i, 51234);
    };
    const auto attributes = std::to_array<revenge_attribute>(
        {text("method", "GET"), text("path", kPath), number("status", 200), number("bytes", 51234)});
    revenge_handle handle = 0;
    if (table_.bind(&host_, 0, attributes.data(), attributes.size(), &handle, nullptr) != REVENGE_OK)
      std::abort();
    const Batch plugin_four = [&] { plugin(REVENGE_LOG_INFO, 0, attributes); };
    const Batch plugin_bound = [&] { plugin(REVENGE_LOG_INFO, handle, {}); };
    const Batch plugin_off = [&] { plugin(REVENGE_LOG_DEBUG, 0, attributes); };
    for (int i = 0; i < count; ++i) {
      for (const unsigned threads : {1U, 2U}) {
        pair("4 attributes", threads, four, spdlog_four);
        pair("4 attributes bound before", threads, before, spdlog_plain);
        pair("level off", threads, off, spdlog_off);
        pair("of a plugin, 4 attributes", threads, plugin_four, spdlog_four);
        pair("of a plugin, 4 attributes bound before", threads, plugin_bound, spdlog_plain);
        pair("of a plugin, level off", threads, plugin_off, spdlog_off);
      }
    }
    if (output_->lost() > 0) std::abort();  // then it was not lines that were measured
  }

 private:
  static revenge_view view(std::string_view text) { return {text.data(), text.size()}; }
  static revenge_attribute text(std::string_view name, std::string_view value) {
    return {sizeof(revenge_attribute), REVENGE_ATTRIBUTE_TEXT, view(name), 0, 0, view(value)};
  }
  static revenge_attribute number(std::string_view name, std::int64_t value) {
    return {sizeof(revenge_attribute), REVENGE_ATTRIBUTE_INTEGER, view(name), value, 0, {}};
  }

  // As the glue of the SDK does it: a question first, then the record.
  void plugin(std::uint32_t level, revenge_handle logger, std::span<const revenge_attribute> attributes) {
    for (int i = 0; i < kLines; ++i) {
      if (!table_.enabled(&host_, logger, level)) continue;
      const revenge_log_record record{sizeof record,     level,          view("request"), attributes.data(),
                                      attributes.size(), view(__FILE__), __LINE__,        0};
      table_.write(&host_, nullptr, logger, &record);
    }
  }

  void pair(const char* name, unsigned threads, const Batch& ours, const Batch& reference) {
    double mine = std::numeric_limits<double>::max();
    double theirs = mine;
    for (int i = 0; i < kBatches; ++i) {
      mine = std::min(mine, measure(threads, ours, [this] {
                        if (!output_->flush(60s)) std::abort();
                      }));
      theirs = std::min(theirs, measure(threads, reference, [this] {
                          while (spdlog::thread_pool()->queue_size() > 0) std::this_thread::yield();
                        }));
    }
    fmt::print("{{\"name\": \"line, {}{}\", \"value\": {:.2f}, \"reference_value\": {:.2f}}}\n", name,
               threads > 1 ? ", 2 threads" : "", mine, theirs);
  }

  bench::Rooms rooms_;
  std::unique_ptr<observe::LogOutput> output_;
  std::shared_ptr<spdlog::logger> reference_;
  revenge_host host_;
  const revenge_log& table_ = ext::LogAdapter::table();
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  Bench bench(argv[1], argv[2]);
  bench.pairs(argc > 3 ? std::atoi(argv[3]) : 9);
}
