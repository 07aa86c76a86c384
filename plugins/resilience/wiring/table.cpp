#include "wiring/table.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace revenge::resilience {
namespace {

class CompletionSink final : public ReplySink {
 public:
  CompletionSink(revenge::Completion completion, Phase phase) noexcept
      : completion_(std::move(completion)), phase_(phase) {}

  bool answer(const Reply& reply) noexcept override {
    auto permit = boundary::sized<revenge_resilience_permit>();
    boundary::ErrorText error;
    const revenge_status status = tell(reply, phase_, permit, &error);
    return completion_.finish(status, {reinterpret_cast<const char*>(&permit), sizeof permit}, error);
  }

 private:
  revenge::Completion completion_;
  const Phase phase_;
};

bool mayBlock(const Host& host) {
  return host.callTable() == nullptr || host.callTable()->may_block(host.raw());
}

Moment deadlineOf(const revenge_call& call) {
  return call.deadline_ns == 0 ? Moment::never() : Moment::ofNanoseconds(call.deadline_ns);
}

revenge_status invalid(revenge_error* error, std::string_view why) noexcept {
  boundary::write(error, why);
  return REVENGE_INVALID;
}

}  // namespace

struct TableFunctions {
  using Tell = Table::Tell;
  static Table& of(void* self) { return *static_cast<Table*>(self); }

  static revenge_status acquire(void* self, const revenge_call* call,
                                const revenge_resilience_request* request, revenge_handle done,
                                revenge_resilience_permit* permit, revenge_error* error) noexcept {
    if (request == nullptr || request->size < sizeof(revenge_resilience_request))
      return invalid(error, "request is NULL, or its size is not set");
    if (permit == nullptr || permit->size < sizeof(revenge_resilience_permit))
      return invalid(error, "permit is NULL, or its size is not set");
    clear(*permit);
    if (request->priority >= kPriorities) return invalid(error, "priority is none that is known");
    Table& table = of(self);
    const std::string_view name = boundary::text(request->pipeline);
    const Entry* const entry = table.policies_.find(name);
    if (entry == nullptr) return sayNoPipeline(name, error);
    if (!table.callers_.knows(call->caller)) [[unlikely]] {
      const auto meet = [&] { return table.callers_.meet(call->caller), revenge_status{REVENGE_OK}; };
      if (const revenge_status met = boundary::guarded(error, meet); met != REVENGE_OK) return met;
    }
    Run* const run = table.runs_.take();
    if (run == nullptr) {
      boundary::write(error, "too many calls are under way at once");
      return REVENGE_LIMIT;
    }
    Run::Asked asked;
    asked.entry = entry;
    asked.caller = call->caller;
    asked.deadline = deadlineOf(*call);
    asked.key = boundary::text(request->key);
    asked.permits = request->permits == 0 ? 1 : request->permits;
    asked.priority = static_cast<Priority>(request->priority);
    if ((request->flags & REVENGE_RESILIENCE_REPEATABLE) != 0) asked.repeat = Repeat::kSafe;
    if ((request->flags & REVENGE_RESILIENCE_FALLBACK) != 0) asked.has_fallback = HasFallback::kYes;
    const Moment now = table.now();
    const Tell tell{Phase::kAcquire, *permit, error};
    return run->begin(asked, now) ? run->finish(now, tell) : table.await(*run, *call, done, tell);
  }

  static revenge_status settle(void* self, const revenge_call* call, std::uint64_t token,
                               const revenge_resilience_outcome* outcome, revenge_handle done,
                               revenge_resilience_permit* next, revenge_error* error) noexcept {
    if (outcome == nullptr || outcome->size < sizeof(revenge_resilience_outcome))
      return invalid(error, "outcome is NULL, or its size is not set");
    if (next == nullptr || next->size < sizeof(revenge_resilience_permit))
      return invalid(error, "next is NULL, or its size is not set");
    clear(*next);
    const std::optional<Settlement> settlement = settlementOf(*outcome);
    if (!settlement) return invalid(error, "verdict is none that is known");
    Table& table = of(self);
    Run* const run = table.runs_.claim(token, call->caller);
    const Moment now = table.now();
    if (run == nullptr) [[unlikely]] {
      if (table.inherited_.settle(token, call->caller, *settlement, now)) return REVENGE_OK;
      boundary::write(error, "there is no such permit, or it is another plugin's");
      return REVENGE_GONE;
    }
    const Tell tell{Phase::kSettle, *next, error};
    return run->settle(*settlement, now) ? run->finish(now, tell) : table.await(*run, *call, done, tell);
  }
};

const revenge_resilience& Table::functions() {
  static constexpr revenge_resilience kTable{sizeof(revenge_resilience), 0, TableFunctions::acquire,
                                             TableFunctions::settle};
  return kTable;
}

// In place, or behind the completion. A run that waits is never left alone, whatever fails on the way.
revenge_status Table::await(Run& run, const revenge_call& call, revenge_handle done,
                            const Tell& tell) noexcept {
  if (done == 0 && !mayBlock(host_)) {
    run.giveUp();
    boundary::write(tell.error, "it would have to wait, and this thread must not block: pass a completion");
    return REVENGE_BUSY;
  }
  if (done == 0) {
    const revenge::Call asked(host_, &call);
    return run.block([&] { return asked.check().has_value(); }, tell);
  }
  return boundary::guarded(tell.error, [&]() -> revenge_status {
    try {
      const std::uint64_t wait = runs_.beginWait(run);
      auto completion = host_.services().accept(done, [this, wait] { runs_.cancel(wait); });
      run.waitFor(std::make_unique<CompletionSink>(std::move(completion), tell.phase));
      return REVENGE_PENDING;
    } catch (...) {
      runs_.endWait(run);
      run.giveUp();
      throw;
    }
  });
}

}  // namespace revenge::resilience
