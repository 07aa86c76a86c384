#include "wiring/pump.hpp"

#include <algorithm>

#include "answer.hpp"
#include "gzip.hpp"
#include "wiring/from_host.hpp"

namespace telemetry_otlp {

namespace {

constexpr std::uint64_t kMaxAnswer = std::uint64_t{4} << 20U;

std::uint32_t wanted(const Settings& settings) {
  std::uint32_t signals = 0;
  if (settings.has(Signal::kTraces)) signals |= REVENGE_TELEMETRY_SPANS;
  if (settings.has(Signal::kLogs)) signals |= REVENGE_TELEMETRY_LOGS;
  if (settings.has(Signal::kMetrics)) signals |= REVENGE_TELEMETRY_METRICS;
  return signals;
}

std::string_view contentType(Encoding encoding) {
  return encoding == Encoding::kJson ? "application/json" : "application/x-protobuf";
}

}  // namespace

Pump::Pump(revenge::Host& host, Settings settings)
    : host_(host),
      clock_(host.clock()),
      settings_(std::move(settings)),
      resource_(settings_.resourceOf(host.version())),
      feed_(host.telemetry().open(wanted(settings_), settings_.queue_size)),
      random_(std::random_device()()) {
  for (const Signal signal : {Signal::kTraces, Signal::kMetrics, Signal::kLogs})
    lines_.push_back(makeLine(signal));
  for (Line& line : lines_) line.exporter.emplace(makeExporter(line.signal));
}

Pump::Line Pump::makeLine(Signal signal) {
  const revenge::Metrics metrics = host_.metrics();
  const std::string_view of = name(signal);
  Line line{signal,
            {},
            metrics.counter("sent_total", "Items that the receiver has taken.", {{"signal", of}}),
            metrics.counter("retries_total", "Requests made once more.", {{"signal", of}}),
            metrics.counter("rejected_total", "Items that the receiver left out of a request it took.",
                            {{"signal", of}}),
            {}};
  for (std::size_t i = 0; i < kDroppedReasons; ++i) {
    line.dropped.push_back(metrics.counter("dropped_total", "Items lost, by reason.",
                                           {{"signal", of}, {"reason", name(static_cast<Dropped>(i))}}));
  }
  return line;
}

Exporter Pump::makeExporter(Signal signal) {
  return Exporter({[this, signal](std::uint64_t max) { return take(signal, max); },
                   [this, signal](const std::string& body) { send(signal, body); },
                   [this, signal](const Counts& counts) { count(line(signal), counts); },
                   [this, signal](const std::string& what) {
                     host_.log().warn(what, {{"signal", name(signal)}, {"url", settings_.url(signal)}});
                   },
                   [this] { return std::uniform_real_distribution<double>()(random_); }},
                  settings_.exporting(signal), clock_());
}

Batch Pump::take(Signal signal, std::uint64_t max) {
  const Encoding encoding = settings_.format();
  if (!settings_.has(signal)) return {};
  switch (signal) {
    case Signal::kTraces: {
      const auto batch = feed_->spans(max);
      const auto spans = spansOf(batch);
      return {spans.size(), batch.lost, spans.empty() ? "" : encodeTraces(encoding, resource_, spans)};
    }
    case Signal::kLogs: {
      const auto batch = feed_->logs(max);
      const auto records = recordsOf(batch);
      return {records.size(), batch.lost, records.empty() ? "" : encodeLogs(encoding, resource_, records)};
    }
    case Signal::kMetrics: {
      const Metrics metrics = metricsOf(feed_->metrics());
      std::uint64_t points = 0;
      for (const Metric& metric : metrics.metrics) points += metric.points.size();
      return {points, 0, points == 0 ? "" : encodeMetrics(encoding, resource_, metrics)};
    }
  }
  return {};
}

void Pump::send(Signal signal, const std::string& body) {
  const Encoding encoding = settings_.format();
  revenge::ClientRequest request{.method = revenge::Method::kPost, .url = settings_.url(signal)};
  request.headers.assign(settings_.headers.begin(), settings_.headers.end());
  request.headers.emplace_back("content-type", contentType(encoding));
  request.headers.emplace_back("user-agent", "revenge-telemetry-otlp/" REVENGE_PLUGIN_VERSION);
  request.body = body;
  if (settings_.zips()) {
    if (auto zipped = gzip(body)) {
      request.body = std::move(*zipped);
      request.headers.emplace_back("content-encoding", "gzip");
    }
  }
  request.timeout = settings_.timeout_s;
  request.maxResponseBytes = kMaxAnswer;
  request.traced = revenge::Traced::kNo;
  request.tls.caFile = settings_.ca_file;
  const auto sent = host_.httpClient().send(
      host_.call(), std::move(request),
      [this, signal, encoding](revenge::Result<revenge::ClientResponse> response) {
        if (response) return arrived(signal, read(*response, encoding));
        const bool too_long = response.error().code == revenge::Errc::kLimit;
        arrived(signal, {.came = too_long ? Answer::Came::kTooLong : Answer::Came::kNothing,
                         .retry_after = {},
                         .message = response.error().message});
      });
  if (!sent)
    arrived(signal, {.came = Answer::Came::kNothing, .retry_after = {}, .message = sent.error().message});
}

Answer Pump::read(const revenge::ClientResponse& response, Encoding encoding) const {
  Answer answer;
  answer.status = static_cast<unsigned>(response.status());
  if (answer.status == 200) {
    auto [rejected, message] = readPartial(encoding, response.body());
    answer.rejected = rejected;
    answer.message = std::move(message);
  } else {
    answer.message = readStatus(encoding, response.body());
  }
  if (const auto field = response.header("retry-after")) {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch());
    if (const std::int64_t wait = readRetryAfter(*field, now.count()); wait >= 0)
      answer.retry_after = std::chrono::seconds(wait);
  }
  return answer;
}

void Pump::arrived(Signal signal, Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    const bool good = answer.came == Answer::Came::kResponse && answer.status >= 200 && answer.status < 300;
    std::string& trouble = troubles_[static_cast<std::size_t>(signal)];
    trouble = good                                     ? ""
              : answer.came == Answer::Came::kResponse ? "answered " + std::to_string(answer.status)
                                                       : answer.message;
    letters_.push_back({signal, std::move(answer)});
  }
  feed_->wake();
}

void Pump::count(Line& line, const Counts& counts) {
  line.sent.add(static_cast<double>(counts.sent));
  line.retried.add(static_cast<double>(counts.retried));
  line.rejected.add(static_cast<double>(counts.rejected));
  for (std::size_t i = 0; i < kDroppedReasons; ++i)
    line.dropped[i].add(static_cast<double>(counts.dropped[i]));
}

void Pump::openLetters() {
  std::vector<Letter> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(letters_);
  }
  for (const Letter& letter : letters) line(letter.signal).exporter->answered(clock_(), letter.answer);
}

void Pump::reconfigure() {
  std::optional<Settings> next;
  bool hurry = false;
  {
    const std::lock_guard lock(mutex_);
    next.swap(next_);
    hurry = std::exchange(hurry_, false);
  }
  if (next) {
    const bool reopen = wanted(*next) != wanted(settings_) || next->queue_size != settings_.queue_size;
    settings_ = std::move(*next);
    resource_ = settings_.resourceOf(host_.version());
    for (Line& line : lines_) line.exporter->use(settings_.exporting(line.signal));
    // Opened before the old one ends: what that one holds is inherited.
    if (reopen) feed_ = host_.telemetry().open(wanted(settings_), settings_.queue_size);
  }
  if (!hurry) return;
  hurried_ = true;
  for (Line& line : lines_) line.exporter->hurry();
}

std::uint64_t Pump::waiting(Signal signal, const revenge_telemetry_pending& pending) const {
  switch (signal) {
    case Signal::kTraces:
      return pending.spans;
    case Signal::kLogs:
      return pending.logs;
    case Signal::kMetrics:
      break;
  }
  return 0;
}

void Pump::round() {
  openLetters();
  reconfigure();
  const auto pending = feed_->pending();
  for (Line& line : lines_) line.exporter->step(clock_(), waiting(line.signal, pending));
  openLetters();
  if (!hurried_ || std::ranges::any_of(lines_, [](const Line& line) { return line.exporter->sends(); }))
    return;
  if (hurryOn()) return;
  hurried_ = false;
  {
    const std::lock_guard lock(mutex_);
    flushed_ = true;
  }
  idle_.notify_all();
}

// More than a batch of something waits, and the receiver takes it.
bool Pump::hurryOn() {
  const auto pending = feed_->pending();
  bool more = false;
  for (Line& line : lines_) {
    if (waiting(line.signal, pending) == 0 || !line.exporter->gathers()) continue;
    line.exporter->hurry();
    more = true;
  }
  return more;
}

// Until a batch is full, something is due, or an answer comes.
void Pump::rest() {
  revenge::FeedRegistration::Until until;
  Instant due = Instant::max();
  for (const Line& line : lines_) due = std::min(due, line.exporter->due());
  if (line(Signal::kTraces).exporter->gathers()) until.spans = settings_.batch_size;
  if (line(Signal::kLogs).exporter->gathers()) until.logs = settings_.batch_size;
  if (due != Instant::max()) until.deadline = due;
  static_cast<void>(feed_->wait(until).wait());
}

void Pump::run(const revenge::StopToken& stop) {
  while (!stop.stopRequested()) {
    round();
    if (!stop.stopRequested()) rest();
  }
  openLetters();
  for (Line& line : lines_) line.exporter->stop();
}

void Pump::use(Settings settings) {
  {
    const std::lock_guard lock(mutex_);
    next_ = std::move(settings);
  }
  feed_->wake();
}

void Pump::flush(std::chrono::nanoseconds within) {
  {
    const std::lock_guard lock(mutex_);
    hurry_ = true;
    flushed_ = false;
  }
  feed_->wake();
  std::unique_lock lock(mutex_);
  idle_.wait_for(lock, within, [this] { return flushed_; });
}

std::string Pump::trouble() {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < kSignals; ++i) {
    if (!troubles_[i].empty()) return std::string(name(static_cast<Signal>(i))) + ": " + troubles_[i];
  }
  return {};
}

}  // namespace telemetry_otlp
