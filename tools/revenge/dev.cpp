#include "revenge/dev.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <poll.h>

#include "document/json.hpp"
#include "revenge/dev_lines.hpp"
#include "revengectl/show_watch.hpp"

namespace revenge::author {

namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;
using ctl::Tone;

constexpr std::chrono::milliseconds kBetweenLooks{100};

}  // namespace

base::Result<std::unique_ptr<Dev>> Dev::open(const DevOptions& options, const DevSurroundings& around) {
  std::error_code failed;
  Project project;
  project.folder = fs::current_path(failed);
  if (failed) return fail(Errc::kIo, "the current folder: {}", failed.message());
  project.build = fs::absolute(options.build).lexically_normal();
  const fs::path manifest = project.folder / "plugin.json";
  if (!fs::exists(manifest, failed)) {
    return fail(Errc::kNotFound,
                "{}: there is none; run revenge dev in a plugin's folder (revenge new NAME makes one)",
                manifest.string());
  }
  if (options.own_host && around.installation.host.empty())
    return fail(Errc::kNotFound, "this installation has no host beside revenge dev");
  auto watch = SourceWatch::open(project.folder, project.build);
  if (!watch) return std::unexpected(watch.error());
  return std::unique_ptr<Dev>(new Dev(options, around, std::move(project), std::move(*watch)));
}

namespace {

std::unique_ptr<OwnHost> ownHost(const DevOptions& options, const DevSurroundings& around,
                                 const Project& project) {
  if (!options.own_host) return {};
  return std::make_unique<OwnHost>(OwnHost::Plan{around.installation.host, project.folder,
                                                 project.build / "dev" / "host", options.host_options});
}

}  // namespace

Dev::Dev(const DevOptions& options, const DevSurroundings& around, Project project, SourceWatch watch)
    : options_(options),
      around_(around),
      project_(std::move(project)),
      watch_(std::move(watch)),
      packages_(project_.build / "dev"),
      own_(ownHost(options_, around_, project_)),
      link_(around_.clock,
            own_ ? own_->socket() : options_.socket.value_or(ctl::defaultSocket(around_.socket))) {}

void Dev::say(std::string_view text, Tone tone) const {
  around_.out(fmt::format("  {}\n", ctl::toned(text, tone, around_.colours)));
}

std::string Dev::cause() const { return joinedLine({changedText(causes_), built_}); }

std::string Dev::goesOn() const {
  return serving_ ? fmt::format("{} {} goes on serving", serving_->id, serving_->version) : "";
}

base::Result<> Dev::run() {
  say("Ctrl-C ends", Tone::kFaint);
  if (auto begun = work(); !begun) return begun;
  if (own_) {
    if (auto started = startHost(); !started) return started;
  }
  while (true) {
    if (linked_ != Link::kThere && around_.clock.now() >= next_look_) lookForHost();
    if (auto waited = wait(); !waited) return waited;
    pollfd stop{around_.stop, POLLIN, 0};
    if (::poll(&stop, 1, 0) > 0) break;
    if (auto drained = watch_.drain(changes_, around_.clock.now()); !drained) return drained;
    if (work_) {
      work_->read([this](std::string_view line) { workSaid(line); });
      if (const auto code = work_->ended()) {
        work_->read([this](std::string_view line) { workSaid(line); });
        work_.reset();
        if (auto ended = workEnded(*code); !ended) return ended;
      }
    }
    const auto due = changes_.due();
    if (work_ || !due || *due > around_.clock.now()) continue;
    const Changes::Taken taken = changes_.take();
    if (taken.empty()) continue;
    causes_.files.insert(causes_.files.end(), taken.files.begin(), taken.files.end());
    std::ranges::sort(causes_.files);
    const auto twice = std::ranges::unique(causes_.files);
    causes_.files.erase(twice.begin(), twice.end());
    causes_.unknown = causes_.unknown || taken.unknown;
    if (auto begun = work(); !begun) return begun;
  }
  if (work_) work_->signal(SIGTERM);
  farewell();
  return {};
}

// Until there is something to do.
base::Result<> Dev::wait() {
  std::vector<pollfd> watched{{around_.stop, POLLIN, 0}, {watch_.descriptor(), POLLIN, 0}};
  const auto add = [&watched](int descriptor) {
    if (descriptor >= 0) watched.push_back({descriptor, POLLIN, 0});
  };
  if (work_) add(work_->output());
  if (work_) add(work_->end());
  if (own_ && own_->runs()) add(own_->child().output());
  if (own_ && own_->runs()) add(own_->child().end());
  if (tail_) add(tail_->descriptor());

  auto until = base::Instant::max();
  if (const auto due = changes_.due(); due && !work_) until = *due;
  if (linked_ != Link::kThere) until = std::min(until, next_look_);
  int timeout = -1;
  if (until != base::Instant::max()) {
    const auto left = std::max(until - around_.clock.now(), base::Duration::zero());
    timeout = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
  }
  const int ready = ::poll(watched.data(), watched.size(), timeout);
  if (ready < 0 && errno != EINTR) return fail(Errc::kIo, "poll: {}", base::errnoText(errno));

  if (tail_ && ready > 0 && (watched.back().revents != 0)) {
    const bool goes_on = tail_->read([this](const document::Value& line) { logged(line); });
    if (!goes_on) hostIsAway(fmt::format("the host at {} has gone", link_.socket()));
  }
  if (own_ && own_->runs()) {
    own_->child().read([this](std::string_view line) { around_.out(fmt::format("  {}", line)); });
    hostHasEnded();
  }
  return {};
}

base::Result<> Dev::startHost() {
  linked_ = Link::kNotAsked;
  next_look_ = around_.clock.now();
  return own_->start();
}

void Dev::hostHasEnded() {
  const auto told = own_->ended();
  if (!told) return;
  tail_.reset();
  linked_ = Link::kAway;
  say(*told, Tone::kBad);
  say("the next build that succeeds starts another", Tone::kFaint);
}

base::Result<> Dev::work() {
  kind_ = isConfigured(project_) ? Work::kBuild : Work::kConfigure;
  if (const auto product = productOf(project_); !product_ && product) product_ = *product;
  work_text_.clear();
  work_began_ = around_.clock.now();
  ChildPlan plan{.words = kind_ == Work::kBuild
                              ? buildWords(project_, product_ ? product_->target : std::string())
                              : configureWords(project_, options_.preset),
                 .folder = project_.folder};
  // Through a pipe ninja takes the colours away that compilers were told to write.
  if (around_.colours == ctl::Colours::kOn) plan.environment = {"CLICOLOR_FORCE=1"};
  auto child = Child::start(plan);
  if (!child) return std::unexpected(child.error());
  work_.emplace(std::move(*child));
  return {};
}

void Dev::workSaid(std::string_view line) {
  if (kind_ == Work::kConfigure) {
    work_text_ += line;
  } else if (isOfCompiler(line)) {
    around_.out(line);
  }
}

base::Result<> Dev::workEnded(int code) {
  const auto took = around_.clock.now() - work_began_;
  if (kind_ == Work::kConfigure && code == 0) {
    if (isConfigured(project_)) return work();
    return fail(Errc::kNotFound, "{}: the preset '{}' makes another build tree; name it with --build",
                project_.build.string(), options_.preset);
  }
  if (code == 0) {
    built(took);
    return {};
  }
  around_.out(work_text_);
  const std::string what = kind_ == Work::kConfigure ? "configuring failed" : "build failed";
  say(joinedLine({changedText(std::exchange(causes_, {})),
                  fmt::format("{} after {}", what, secondsText(took)), goesOn()}),
      Tone::kBad);
  return {};
}

void Dev::built(base::Duration took) {
  built_ = fmt::format("built {}", secondsText(took));
  const auto product = productOf(project_);
  if (!product) {
    say(product.error().message, Tone::kBad);
    return;
  }
  if (product_ && product_->id != product->id)
    say(fmt::format("plugin.json: this is plugin {} now; {} stays as it is in the host",
                    ctl::escaped(product->id), ctl::escaped(product_->id)));
  const bool other = product_ && product_->id != product->id;
  product_ = *product;
  if (other) {
    tail_.reset();
    asked_before_ = false;
    serving_.reset();
    linked_ = Link::kNotAsked;
    next_look_ = around_.clock.now();
  }
  if (changes_.any()) return;  // what was built is old already
  const auto fingerprint = Packages::fingerprint(product_->package);
  if (!fingerprint) {
    say(fingerprint.error().message, Tone::kBad);
    return;
  }
  if (std::exchange(fingerprint_, *fingerprint) == *fingerprint && !waiting_) {
    say(joinedLine({cause(), "the package is the same", goesOn()}), Tone::kFaint);
    causes_ = {};
    return;
  }
  waiting_ = true;
  if (linked_ == Link::kThere) return handOver();
  if (own_ && !own_->runs()) {
    if (auto started = startHost(); !started) say(started.error().message, Tone::kBad);
  } else if (linked_ == Link::kAway) {
    say(joinedLine({cause(), fmt::format("waits for a host at {}", link_.socket())}), Tone::kWarning);
  }
}

void Dev::handOver() {
  const auto package = packages_.add(*product_);
  if (package) return swap(*package);
  waiting_ = false;
  say(package.error().message, Tone::kBad);
}

void Dev::swap(const Package& package) {
  // What the old version has said until now is not the new one's first line.
  pollfd tail{tail_ ? tail_->descriptor() : -1, POLLIN, 0};
  while (tail_ && ::poll(&tail, 1, 0) > 0) {
    if (!tail_->read([this](const document::Value& line) { logged(line); })) break;
  }
  awaited_ = package.version;
  const auto swapped = link_.swap(package.id, package.folder);
  if (swapped) return served(package, *swapped);
  awaited_.clear();
  std::error_code failed;
  fs::remove_all(package.folder.parent_path(), failed);
  if (swapped.error().code == Errc::kUnavailable) return hostIsAway(swapped.error().message);
  if (swapped.error().code == Errc::kGone) {
    // It may have been the end of the host, and would be the end of the next one.
    waiting_ = false;
    say(joinedLine({cause(), fmt::format("the host ended while it took {} {}, which is not tried again",
                                         package.id, package.version)}),
        Tone::kBad);
    causes_ = {};
    return hostIsAway(fmt::format("the host at {} has gone", link_.socket()));
  }
  if (swapped.error().code == Errc::kBusy) {
    tail_.reset();
    linked_ = Link::kNotAsked;
    next_look_ = around_.clock.now() + kBetweenLooks;
    return;
  }
  refused(package, swapped.error());
}

void Dev::refused(const Package& package, const base::Error& why) {
  waiting_ = false;
  const bool late = why.code == Errc::kTimedOut;
  say(joinedLine({cause(),
                  fmt::format("{} {} {}", package.id, package.version,
                              late ? "was not answered in time" : "refused"),
                  goesOn()}),
      Tone::kBad);
  say(fmt::format("  {}", ctl::escaped(why.message)));
  causes_ = {};
}

void Dev::served(const Package& package, const Swapped& swapped) {
  waiting_ = false;
  const std::string after =
      swapped.took_ms < 1 ? "" : fmt::format(" after {}", ctl::duration(swapped.took_ms));
  say(joinedLine({cause(), fmt::format("{} {} serving{}", package.id, swapped.version, after)}), Tone::kGood);
  causes_ = {};
  previous_ = serving_ ? serving_->folder : before_ ? before_->folder : fs::path();
  serving_ = package;
  packages_.keepOnly({package.folder, previous_, before_ ? before_->folder : fs::path()});
}

void Dev::lookForHost() {
  next_look_ = around_.clock.now() + kBetweenLooks;
  if (!product_) return;
  auto tail = link_.tail(product_->id);
  const auto seen = tail ? link_.look(product_->id) : std::unexpected(tail.error());
  if (seen) {
    tail_ = std::move(*tail);
    return hostIsThere(*seen);
  }
  const bool starting = own_ && linked_ == Link::kNotAsked;
  if (linked_ != Link::kAway && !starting) hostIsAway(seen.error().message);
}

void Dev::hostIsThere(const std::optional<Seen>& seen) {
  const bool again = std::exchange(linked_, Link::kThere) == Link::kAway;
  if (!std::exchange(asked_before_, true)) before_ = seen;
  if (again) say(fmt::format("the host at {} is there", link_.socket()));
  if (!waiting_ && !serving_) return;
  const std::string version = seen ? Packages::numberedCopy(*product_, seen->folder) : "";
  if (waiting_ && seen && seen->serves() && !version.empty()) {
    waiting_ = false;
    serving_ = Package{0, product_->id, version, seen->folder};
    say(joinedLine({cause(), fmt::format("{} {} serves it already", product_->id, version)}), Tone::kGood);
    causes_ = {};
    return;
  }
  if (waiting_) return handOver();
  // It starts what it ran before by itself, unless it forgot, as with another state folder.
  if (seen && seen->folder == serving_->folder) return;
  const auto swapped = link_.swap(serving_->id, serving_->folder);
  if (!swapped) return say(ctl::escaped(swapped.error().message), Tone::kBad);
  say(fmt::format("{} {} serving", serving_->id, swapped->version), Tone::kGood);
}

void Dev::hostIsAway(std::string_view why) {
  tail_.reset();
  linked_ = Link::kAway;
  next_look_ = around_.clock.now() + kBetweenLooks;
  if (own_) return;  // how it ended is told in its place
  say(ctl::escaped(why), Tone::kWarning);
  say("building goes on; what was built last is swapped in when a host is there (revenge dev --host starts "
      "one)",
      Tone::kFaint);
}

// The first line of a version, and whatever is wrong. Each line of a plugin has its version.
void Dev::logged(const document::Value& line) {
  const document::Value* const log = line.find("log");
  if (log == nullptr) return;
  const std::string level = ctl::rawText(*log, "level");
  const bool wrong = level == "warn" || level == "error" || level == "breach";
  const document::Value* const attributes = log->find("attributes");
  const bool first =
      attributes != nullptr && !awaited_.empty() && ctl::rawText(*attributes, "version") == awaited_;
  if (first) awaited_.clear();
  if (first || wrong) around_.out(ctl::showTail(line, around_.colours));
}

void Dev::farewell() {
  if (!serving_) return;
  if (own_) return say(fmt::format("the host that ran {} {} ends too", serving_->id, serving_->version));
  say(goesOn());
  const std::string with = options_.socket ? fmt::format(" --socket {}", *options_.socket) : "";
  if (before_ && before_->serves() && before_->folder != serving_->folder) {
    say(fmt::format("back to {}: revengectl swap {} {}{}", ctl::escaped(before_->version), serving_->id,
                    before_->folder.string(), with));
  } else {
    say(fmt::format("without it: revengectl disable {}{}", serving_->id, with));
  }
}

}  // namespace revenge::author
