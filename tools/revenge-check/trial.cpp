#include "revenge-check/trial.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "module/handshake.hpp"
#include "module/leftovers.hpp"
#include "observe/utf8.hpp"

namespace revenge::check {
namespace {

using namespace std::chrono_literals;

constexpr auto kTurn = 1ms;
constexpr auto kShort = 100ms;  // where nobody judges the answer

// Behind what a host keeps for good.
module::Library loadLibrary(const Package& package, std::size_t copy) {
  for (const auto& needed : package.elf->needed) {
    const auto* allowed = module::findAllowed(needed);
    if (allowed == nullptr || !allowed->resident) continue;
    if (const auto kept = module::keepResident(needed); !kept) throw std::runtime_error(kept.error().message);
  }
  auto library = module::Library::load(package.library(copy));
  if (!library) throw std::runtime_error(library.error().message);
  return std::move(*library);
}

}  // namespace

Stage::Stage(Work& work) : recorder(work), host(&recorder) {
  for (const auto& companion : work.package.companions) {
    try {
      begin(companion);
    } catch (const std::exception& refused) {
      work.journal.note(
          fmt::format("{}, which it requires, did not begin: {}", companion.id, refused.what()));
      return;
    }
  }
}

void Stage::begin(const Package& companion) {
  auto library = loadLibrary(companion, 0);
  const auto entry = library.entry();
  if (!entry) throw std::runtime_error(entry.error().message);
  auto instance = host.tryLoad(*entry, companion.defaults);
  if (!instance) throw std::runtime_error(instance.error().message);
  companions_.push_back({std::move(library), std::move(*instance), &*companion.manifest});
}

bool Stage::offers(const std::string& interface) const {
  return host.offers(interface) || std::ranges::any_of(companions_, [&](const Companion& each) {
           return std::ranges::find(each.manifest->offers, interface, &module::Interface::id) !=
                  each.manifest->offers.end();
         });
}

void Stage::endCompanions() {
  while (!companions_.empty()) companions_.pop_back();
}

Loaded::Loaded(Work& work, std::size_t copy) : before_(module::threadsOfThisProcess()) {
  auto library = std::optional(loadLibrary(work.package, copy));
  const auto entry = library->entry();
  if (!entry) throw std::runtime_error(entry.error().message);
  const auto shaken = module::shakeHands(*entry);
  if (!shaken) throw std::runtime_error(shaken.error().message);
  create_ = shaken->create;
  library_.emplace(std::move(*library));
}

Loaded::~Loaded() {
  if (unload().empty()) return;
  library_->pin();
  static_cast<void>(stage_.release());
}

std::vector<std::string> Loaded::unload() {
  if (!library_->isOpen()) return {};
  if (stage_) stage_->endCompanions();
  if (auto held = module::findLeftovers(library_->range(), before_, {}); !held.empty()) return held;
  stage_.reset();
  library_->close();
  if (library_->isMapped()) library_->reap();
  if (!library_->isMapped()) return {};
  return {
      "the loader keeps it: it is marked so, another library uses it, or a living thread touched one of its "
      "thread_local "
      "objects with a destructor"};
}

Trial::Trial(Work& work, Loaded& library)
    : work_(&work), stage_(&library.stage(work)), life_(stage_->host, library.create()) {}

bool Trial::look(const testing::Ended& ended, std::string_view what) {
  if (ended.ok()) return true;
  if (ended.threw) return false;  // the recorder has told
  if (!ended.wellFormed)
    work_->journal.found(
        fmt::format("{} writes an error that claims to be longer than {} bytes", what, REVENGE_ERROR_TEXT));
  std::string valid;
  observe::appendValidUtf8(valid, ended.reason);
  if (valid != ended.reason) work_->journal.found(fmt::format("{} writes an error that is no UTF-8", what));
  if (ended.reason.empty() && !silent_)
    work_->journal.found(fmt::format("{} fails with status {} and gives no reason", what, ended.status));
  if (!failing_) work_->journal.found(fmt::format("{} failed: {} (status {})", what, valid, ended.status));
  return false;
}

std::string Trial::missing() const {
  std::string names;
  for (const auto& need : work_->package.manifest->needs)
    if (!need.optional && !stage_->offers(need.id)) names += (names.empty() ? "" : ", ") + need.id;
  return names;
}

bool Trial::create() { return create(work_->package.defaults); }

bool Trial::create(std::string json) {
  const auto ended = life_.create(std::move(json));
  if (ended.status == REVENGE_UNAVAILABLE && !failing_ && !missing().empty()) {
    work_->journal.notRun(fmt::format("requires {} (create(): {})", missing(), ended.reason));
    return false;
  }
  if (!look(ended, "create()")) return false;
  const auto& made = life_.raw();
  if (made.start == nullptr || made.stop == nullptr || made.destroy == nullptr) {
    work_->journal.found("create() left start, stop or destroy NULL");
    return false;
  }
  const bool keeps = work_->package.manifest->swap.state != module::SwapState::kNone;
  if (keeps && (made.save == nullptr || made.restore == nullptr))
    work_->journal.found("the manifest declares a state, but save or restore is NULL");
  return created_ = true;
}

bool Trial::start() {
  const auto ended = life_.start();
  if (!ended.ok() && !ended.threw && !failing_ && !missing().empty()) {
    work_->journal.notRun(fmt::format("requires {} (start(): {})", missing(), ended.reason));
    return false;
  }
  if (!look(ended, "start()")) return false;
  stage_->host.runJobs();
  return started_ = true;
}

bool Trial::health() {
  const auto ended = life_.health();
  return ended.status == REVENGE_UNAVAILABLE || look(ended, "health()");  // degraded is an answer
}

void Trial::configure(const std::string& json) {
  if (life_.raw().commit == nullptr) return;
  if (look(life_.prepare(json), "prepare()")) {
    life_.commit();
  } else {
    life_.abort();
  }
  stage_->host.runJobs();
}

std::optional<std::string> Trial::save() {
  if (work_->package.manifest->swap.state == module::SwapState::kNone) return std::nullopt;
  std::string state;
  return look(life_.save(state), "save()") ? std::optional(state) : std::nullopt;
}

bool Trial::restore(std::string_view state, std::string_view version) {
  return life_.raw().restore != nullptr && look(life_.restore(state, version), "restore()");
}

void Trial::stop() {
  life_.drain();
  look(life_.stop(), "stop()");
  life_.join();
  started_ = false;
}

void Trial::destroy() {
  life_.destroy();
  stage_->recorder.destroyed();
  created_ = false;
}

void Trial::end() {
  if (started_) stop();
  if (created_) {
    life_.drain();
    life_.join();
    destroy();
  }
}

void Trial::pass(std::chrono::nanoseconds time) {
  stage_->host.runJobs();
  stage_->host.advance(time);
}

bool Trial::settle(const testing::Reply& reply, std::chrono::nanoseconds patience) {
  // By turns and not by the clock: where the machine has stood still, the plugin's threads have too.
  for (auto turns = patience / kTurn; !stage_->host.http().answered(reply); --turns) {
    if (turns == 0) return false;
    pass(20ms);
    std::this_thread::sleep_for(kTurn);  // for threads of the plugin
  }
  return true;
}

void Trial::callAll() {
  for (const auto& route : stage_->host.routes()) {
    const auto& reply = stage_->host.http().handle(askFor(route, "x"));
    stage_->host.runJobs();
    if (!failing_) settle(reply, kShort);
    if (stage_->host.http().streaming(reply)) stage_->host.http().leave(reply);
    stage_->host.runJobs();
  }
}

testing::Ask askFor(const testing::FakeHttp::Registered& route, std::string_view fill) {
  testing::Ask ask;
  ask.method = static_cast<Method>(route.route.method);
  std::string_view rest = route.pattern;
  while (!rest.empty()) {
    const auto open = std::min(rest.find('{'), rest.size());
    ask.target += rest.substr(0, open);
    rest.remove_prefix(open);
    if (rest.empty()) break;
    ask.target += fill;
    const auto close = rest.find('}');  // none: a pattern that calls.host tells of
    rest.remove_prefix(close == std::string_view::npos ? rest.size() : close + 1);
  }
  return ask;
}

}  // namespace revenge::check
