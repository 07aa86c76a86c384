// The thread that exports: takes from the host's feed, drives one exporter a signal, sends by the host's HTTP client.
// Answers come on the host's threads and wait in a letter box until this one is woken. Owned by the plugin; the thread ends
// when the host asks it to, and then nothing is on its way any more.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <revenge/http_client.hpp>
#include <revenge/plugin.hpp>
#include <revenge/telemetry.hpp>

#include "exporter.hpp"
#include "settings.hpp"

namespace telemetry_otlp {

class Pump {
 public:
  Pump(revenge::Host& host, Settings settings);

  // The thread's body.
  void run(const revenge::StopToken& stop);
  // From the next round on. What waits in the feed stays there.
  void use(Settings settings);
  // Sends all there is, once, and waits for the answers at most so long. Not on the pump's thread.
  void flush(std::chrono::nanoseconds within);
  // For health: why the last request of some signal came to nothing; empty: it did not.
  std::string trouble();

 private:
  struct Line {  // of one signal
    Signal signal;
    std::optional<Exporter> exporter;
    revenge::Counter sent;
    revenge::Counter retried;
    revenge::Counter rejected;
    std::vector<revenge::Counter> dropped;
  };
  struct Letter {
    Signal signal;
    Answer answer;
  };

  Line& line(Signal signal) { return lines_[static_cast<std::size_t>(signal)]; }
  Line makeLine(Signal signal);
  Exporter makeExporter(Signal signal);
  Batch take(Signal signal, std::uint64_t max);
  void send(Signal signal, const std::string& body);
  void arrived(Signal signal, Answer answer);
  Answer read(const revenge::ClientResponse& response, Encoding encoding) const;
  void count(Line& line, const Counts& counts);
  void round();
  void reconfigure();
  void openLetters();
  std::uint64_t waiting(Signal signal, const revenge_telemetry_pending& pending) const;
  bool hurryOn();
  void rest();

  revenge::Host& host_;
  const revenge::Clock clock_;
  Settings settings_;  // the thread's
  Resource resource_;
  revenge::Feed feed_;
  std::vector<Line> lines_;
  std::minstd_rand random_;
  bool hurried_ = false;

  std::mutex mutex_;
  std::condition_variable idle_;
  std::vector<Letter> letters_;  // guarded by mutex_, as what follows
  std::optional<Settings> next_;
  bool hurry_ = false;
  bool flushed_ = false;
  std::array<std::string, kSignals> troubles_;
};

}  // namespace telemetry_otlp
