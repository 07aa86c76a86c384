#include "plugin/instance.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "observe/utf8.hpp"
#include "plugin/lifecycle_thread.hpp"
#include "plugin/trampoline.hpp"
#include "runtime/lanes.hpp"
#include "runtime/transition_threads.hpp"
#include "service/call_chain.hpp"
#include "service/domain.hpp"

namespace revenge::plugin {

namespace {

revenge_view viewOf(std::string_view text) { return {text.data(), text.size()}; }

double seconds(base::Duration duration) { return std::chrono::duration<double>(duration).count(); }

// The plugin's words, safe to show: bounded, valid UTF-8, on one line.
std::string words(const revenge_error& error) {
  std::string text;
  observe::appendValidUtf8(text, {error.message, std::min<std::size_t>(error.length, sizeof error.message)});
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

std::string statusName(revenge_status status) {
  switch (status) {
    case REVENGE_FAILED:
      return "failed";
    case REVENGE_INVALID:
      return "invalid argument";
    case REVENGE_NOT_FOUND:
      return "not found";
    case REVENGE_EXISTS:
      return "already exists";
    case REVENGE_REFUSED:
      return "refused";
    case REVENGE_UNAVAILABLE:
      return "unavailable";
    case REVENGE_GONE:
      return "gone";
    case REVENGE_BUSY:
      return "busy";
    case REVENGE_TIMED_OUT:
      return "timed out";
    case REVENGE_CANCELLED:
      return "cancelled";
    case REVENGE_LIMIT:
      return "limit reached";
    case REVENGE_WRONG_THREAD:
      return "wrong thread";
    case REVENGE_IO:
      return "input/output error";
    default:
      return fmt::format("answered the unknown status {}", status);
  }
}

// What the operator is to see without asking: what went wrong by itself, and that it is over. One that never served is told of
// by the operation that it fails.
observe::Level levelOf(State from, State to) {
  if (from == State::kVerified || from == State::kLoaded || from == State::kConfigured)
    return observe::Level::kDebug;
  switch (to) {
    case State::kFailed:
    case State::kStuck:
    case State::kRefused:
      return observe::Level::kError;
    case State::kDegraded:
      return observe::Level::kWarn;
    case State::kRetired:  // that it stays mapped is told with the reason
      return from == State::kDraining ? observe::Level::kWarn : observe::Level::kDebug;
    default:
      return from == State::kDegraded && to == State::kRunning ? observe::Level::kInfo
                                                               : observe::Level::kDebug;
  }
}

}  // namespace

// All that a lifecycle call touches, so that one that is abandoned has nothing to dangle on.
struct Instance::Frame {
  std::shared_ptr<Instance> instance;
  revenge_call call = {};
  revenge_error error = {};
  revenge_status status = REVENGE_FAILED;
  revenge_instance created = {};
  revenge_buffer state = {};
  std::string bytes;
  std::string version;
  std::shared_ptr<const Section> section;
};

Instance::Instance(const Plugins::Rooms& rooms, module::Manifest manifest, std::filesystem::path folder,
                   std::string sha256, std::string signature)
    : rooms_(rooms),
      manifest_(std::move(manifest)),
      folder_(std::move(folder)),
      sha256_(std::move(sha256)),
      version_(manifest_.version.text()),
      signature_(std::move(signature)),
      logger_(rooms.log.logger("plugin")),
      since_(rooms.clock.wall()) {}

State Instance::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::shared_ptr<const Section> Instance::section() const { return host_->section.load(); }

InstanceView Instance::view() const {
  InstanceView view;
  view.drain = manifest_.timeouts.drain;
  {
    const std::lock_guard lock(mutex_);
    view.state = state_;
    view.note = note_;
    view.since = since_;
  }
  view.version = manifest_.version.text();
  if (host_ != nullptr) {
    view.load = host_->load;
    view.inside = rooms_.domain.instances().insideApprox(host_->instance);
    view.registrations = rooms_.capabilities.registrations(*host_);
    if (const auto lane = rooms_.lanes.laneStats(host_->lane)) {
      view.jobs = {.running = lane->running, .waiting = lane->queued, .refused = lane->refused};
    }
    if (view.inside > 0) view.holders = rooms_.capabilities.holders(*host_);
  }
  return view;
}

void Instance::apply(Event event, std::string_view note) {
  State from;
  std::optional<State> to;
  {
    const std::lock_guard lock(mutex_);
    from = state_;
    to = transition(from, event);
    if (to) {
      state_ = *to;
      note_ = note;
      since_ = rooms_.clock.wall();
    }
  }
  const std::string version = manifest_.version.text();
  if (!to) {
    logger_.error("impossible transition",
                  {{"plugin", manifest_.id}, {"state", name(from)}, {"event", name(event)}});
    return;
  }
  logger_.log(levelOf(from, *to), name(*to),
              std::to_array<observe::Attribute>(
                  {{"plugin", manifest_.id}, {"version", version}, {"from", name(from)}, {"note", note}}));
  observe::Event told;
  told.kind = "plugin.state";
  told.plugin = manifest_.id;
  told.text = fmt::format("{} {}: {} -> {}{}{}", manifest_.id, version, name(from), name(*to),
                          note.empty() ? "" : ": ", note);
  told.attributes = {{"version", version}, {"from", std::string(name(from))}, {"to", std::string(name(*to))}};
  rooms_.events.publish(std::move(told));
}

void Instance::adopt(std::unique_ptr<module::Image> image, revenge_host& host) {
  image_ = std::move(image);
  host_ = &host;
}

base::Result<> Instance::run(std::string_view phase, base::Duration limit,
                             std::function<revenge_status(Frame&)> body) {
  const std::lock_guard serialised(lifecycle_);
  auto frame = std::make_shared<Frame>();
  frame->instance = shared_from_this();
  frame->error.size = sizeof(revenge_error);
  frame->call.size = sizeof(revenge_call);
  service::markInside(frame->call, host_->instance.index);
  frame->call.deadline_ns = (rooms_.clock.now() + limit).time_since_epoch().count();
  const auto step = rooms_.crashes.begin({manifest_.id, version_, sha256_}, phase);
  const auto returned = rooms_.transitions.run(
      fmt::format("{}: {}", manifest_.id, phase), host_->mark(), limit,
      [frame, body, &domain = rooms_.domain] {
        const auto inside =
            domain.instances().enter(frame->instance->host().instance, service::Pass::kLifecycle);
        const LifecycleScope lifecycle;
        frame->status = guarded(base::currentActivity(), frame->error, [&] { return body(*frame); });
      });
  if (!returned && returned.error().code == base::Errc::kCancelled) {
    return base::fail(base::Errc::kTimedOut, "plugin '{}': {}() did not return before the host stopped",
                      manifest_.id, phase);
  }
  if (!returned) {
    return base::fail(base::Errc::kTimedOut,
                      "plugin '{}': {}() did not return within {} s (manifest timeouts)", manifest_.id, phase,
                      seconds(limit));
  }
  if (frame->status == REVENGE_OK) return {};
  const std::string reason = words(frame->error);
  const auto code = frame->status == REVENGE_UNAVAILABLE ? base::Errc::kUnavailable : base::Errc::kFailed;
  return base::fail(code, "plugin '{}': {}() {}{}{}", manifest_.id, phase, statusName(frame->status),
                    reason.empty() ? "" : ": ", reason);
}

base::Result<> Instance::create(std::shared_ptr<const Section> section) {
  auto made = std::make_shared<revenge_instance>();
  auto result = run("create", manifest_.timeouts.start, [made, section](Frame& frame) {
    frame.section = section;
    frame.created.size = sizeof(revenge_instance);
    const auto create = frame.instance->image_->descriptor().create;
    const revenge_status status =
        create(&frame.instance->host().api, &frame.call, &section->abi(), &frame.created, &frame.error);
    if (status == REVENGE_OK) *made = frame.created;
    return status;
  });
  if (!result) return result;
  if (made->start == nullptr || made->stop == nullptr || made->destroy == nullptr) {
    return base::fail(base::Errc::kFailed, "plugin '{}': create() left start, stop or destroy NULL",
                      manifest_.id);
  }
  functions_ = *made;
  host_->section.store(std::move(section));
  return {};
}

base::Result<> Instance::restore(const SavedState& state) {
  if (functions_.restore == nullptr) {
    return base::fail(base::Errc::kFailed,
                      "plugin '{}': the manifest declares state '{}', but restore is NULL", manifest_.id,
                      module::name(manifest_.swap.state));
  }
  return run("restore", manifest_.timeouts.start,
             [this, bytes = state.bytes, version = state.version.text()](Frame& frame) {
               frame.bytes = bytes;
               frame.version = version;
               return functions_.restore(functions_.self, &frame.call, viewOf(frame.bytes),
                                         viewOf(frame.version), &frame.error);
             });
}

base::Result<> Instance::start() {
  return run("start", manifest_.timeouts.start,
             [this](Frame& frame) { return functions_.start(functions_.self, &frame.call, &frame.error); });
}

base::Result<> Instance::health() {
  if (functions_.health == nullptr) return {};
  auto healthy = run("health", manifest_.timeouts.health, [this](Frame& frame) {
    return functions_.health(functions_.self, &frame.call, &frame.error);
  });
  if (!healthy && healthy.error().code == base::Errc::kTimedOut) health_hangs_ = true;
  return healthy;
}

base::Result<> Instance::prepare(std::shared_ptr<const Section> next) {
  prepared_ = std::move(next);
  if (functions_.prepare == nullptr) return {};
  return run("prepare", manifest_.timeouts.call, [this, next = prepared_](Frame& frame) {
    frame.section = next;
    return functions_.prepare(functions_.self, &frame.call, &next->abi(), &frame.error);
  });
}

base::Result<> Instance::commit() {
  auto next = std::exchange(prepared_, nullptr);
  auto result = run("commit", manifest_.timeouts.call, [this, next](Frame& frame) {
    frame.section = next;
    functions_.commit(functions_.self, &next->abi());
    return revenge_status{REVENGE_OK};
  });
  host_->section.store(std::move(next));
  return result;
}

base::Result<> Instance::abort() {
  prepared_ = nullptr;
  if (functions_.abort == nullptr) return {};
  return run("abort", manifest_.timeouts.call, [this](Frame&) {
    functions_.abort(functions_.self);
    return revenge_status{REVENGE_OK};
  });
}

namespace {

revenge_status judgeState(const revenge_buffer& state, revenge_error& error) {
  if (state.size > kMaxStateBytes) {
    write(error, fmt::format("its state has {} bytes, at most {} are kept", state.size, kMaxStateBytes));
    return REVENGE_LIMIT;
  }
  if (state.data != nullptr || state.size == 0) return REVENGE_OK;
  write(error, fmt::format("its state is {} bytes at NULL", state.size));
  return REVENGE_INVALID;
}

}  // namespace

base::Result<SavedState> Instance::save() {
  if (functions_.save == nullptr) {
    return base::fail(base::Errc::kFailed, "plugin '{}': the manifest declares state '{}', but save is NULL",
                      manifest_.id, module::name(manifest_.swap.state));
  }
  auto saved = std::make_shared<SavedState>(SavedState{manifest_.id, manifest_.version, {}});
  auto result = run("save", manifest_.timeouts.call, [this, saved](Frame& frame) {
    revenge_status status = functions_.save(functions_.self, &frame.call, &frame.state, &frame.error);
    const revenge_buffer& state = frame.state;
    if (status == REVENGE_OK) status = judgeState(state, frame.error);
    if (status == REVENGE_OK) saved->bytes.assign(state.data, state.size);
    if (state.release != nullptr) state.release(state.owner);
    return status;
  });
  if (!result) return std::unexpected(result.error());
  return std::move(*saved);
}

void Instance::resume() {
  if (functions_.resume == nullptr) return;
  const auto resumed = run("resume", manifest_.timeouts.call, [this](Frame&) {
    functions_.resume(functions_.self);
    return revenge_status{REVENGE_OK};
  });
  if (!resumed) logger_.error(resumed.error().message, {{"plugin", manifest_.id}});
}

base::Result<> Instance::stop() {
  return run("stop", manifest_.timeouts.stop,
             [this](Frame& frame) { return functions_.stop(functions_.self, &frame.call, &frame.error); });
}

base::Result<> Instance::destroy() {
  if (functions_.destroy == nullptr) return {};
  return run("destroy", manifest_.timeouts.stop, [this](Frame&) {
    functions_.destroy(functions_.self);
    return revenge_status{REVENGE_OK};
  });
}

}  // namespace revenge::plugin
