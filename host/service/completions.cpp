#include "service/completions.hpp"

#include <algorithm>

namespace revenge::service {

void Completions::Due::tellProvider() {
  if (!provider_) return;
  if (!provider_knows_ && cancelled_.call != nullptr) {
    revenge_call call{};
    call.size = sizeof(call);
    call.caller = owner().bits();
    revenge_buffer ignored{};
    cancelled_.call(cancelled_.context, &call, {}, &ignored, nullptr);
    if (ignored.release != nullptr) ignored.release(ignored.owner);
  }
  release(cancelled_);
  provider_.end();
}

void Completions::Due::run(revenge_view result, const revenge_error* error) {
  if (!owner_) return;
  tellProvider();
  if (completion_.complete != nullptr) completion_.complete(completion_.context, status_, result, error);
  owner_.end();
}

base::Result<revenge_handle> Completions::open(InstanceRef owner, const revenge_completion& completion,
                                               base::Instant deadline) {
  const revenge_handle handle = table_.add(owner, {completion, deadline, {}, {}});
  if (handle == 0) return base::fail(base::Errc::kLimit, "too many completions");
  if (!leaves(owner)) return handle;
  table_.take(handle);
  return base::fail(base::Errc::kCancelled, "this instance is being stopped");
}

Completions::Accepted Completions::accept(InstanceRef provider, revenge_handle handle,
                                          const revenge_function& cancelled) {
  bool accepted = false;
  revenge_status verdict = REVENGE_OK;
  table_.update(handle, [&](Pending& pending) {
    if (pending.provider) return;
    pending.provider = provider;
    pending.cancelled = copyOf(cancelled);
    verdict = pending.verdict;
    accepted = true;
  });
  const auto overdue = verdict != REVENGE_OK ? table_.find(handle) : std::nullopt;
  return {accepted, overdue ? end(*overdue, verdict) : std::nullopt};
}

std::optional<Completions::Due> Completions::end(const Table::Item& item, revenge_status status,
                                                 Lease owner) {
  if (!owner) return std::nullopt;
  Lease provider = instances_.enter(item.value.provider, Pass::kUnderWay);
  const auto taken = table_.take(item.handle);
  if (!taken) return std::nullopt;
  return Due(std::move(owner), taken->value.completion, status, std::move(provider), taken->value.cancelled);
}

std::optional<Completions::Due> Completions::finish(InstanceRef provider, revenge_handle handle,
                                                    revenge_status status) {
  const auto item = table_.find(handle);
  if (!item || !item->value.provider || item->value.provider != provider) return std::nullopt;
  auto ended = end(*item, status);
  if (ended) ended->provider_knows_ = true;
  return ended;
}

base::Result<std::optional<Completions::Due>> Completions::cancel(InstanceRef owner, revenge_handle handle) {
  if (const auto seen = table_.find(handle); seen && seen->owner == owner) {
    if (table_.takeIf(handle, isOpening)) return std::nullopt;
    if (const auto accepted = table_.find(handle)) {
      if (auto ended = end(*accepted, REVENGE_CANCELLED)) return ended;
    }
  }
  return base::fail(base::Errc::kGone, "the completion has ended already");
}

template <typename Matches>
std::vector<Completions::Table::Item> Completions::those(Matches matches) const {
  std::vector<Table::Item> found;
  table_.forEach([&](revenge_handle handle, InstanceRef owner, const Pending& pending) {
    if (matches(owner, pending)) found.push_back({handle, owner, pending});
  });
  return found;
}

template <typename Matches>
std::vector<Completions::Due> Completions::endAll(Matches matches, revenge_status status) {
  std::vector<Due> ended;
  for (Table::Item& item : those(matches)) {
    table_.update(item.handle, [&](Pending& pending) {
      if (isOpening(pending) && pending.verdict == REVENGE_OK) pending.verdict = status;
      item.value = pending;
    });
    if (isOpening(item.value)) continue;
    if (auto one = end(item, status)) ended.push_back(std::move(*one));
  }
  return ended;
}

std::vector<Completions::Due> Completions::expire(base::Instant now) {
  return endAll([now](InstanceRef, const Pending& pending) { return pending.deadline <= now; },
                REVENGE_TIMED_OUT);
}

base::Instant Completions::nextDeadline() const {
  base::Instant next = base::Instant::max();
  table_.forEach(
      [&](revenge_handle, InstanceRef, const Pending& pending) { next = std::min(next, pending.deadline); });
  return next;
}

std::vector<Completions::Due> Completions::providerLeft(InstanceRef provider) {
  auto ended = endAll(
      [provider](InstanceRef, const Pending& pending) { return pending.provider == provider; }, REVENGE_GONE);
  for (Due& each : ended) each.provider_knows_ = true;
  return ended;
}

std::vector<Completions::Due> Completions::cancelAll(InstanceRef owner) {
  leaving_[owner.index & (kMaxInstances - 1)] = owner.generation;
  return endAll([owner](InstanceRef of, const Pending&) { return of == owner; }, REVENGE_CANCELLED);
}

std::vector<Completions::Due> Completions::forget(InstanceRef owner) {
  auto ended = withdraw(owner);
  for (Due& each : ended) each.completion_.complete = nullptr;
  return ended;
}

std::vector<Completions::Due> Completions::withdraw(InstanceRef owner) {
  leaving_[owner.index & (kMaxInstances - 1)] = owner.generation;
  const Lease lease = instances_.enter(owner, Pass::kLifecycle);
  std::vector<Due> ended;
  if (!lease) return ended;
  for (const Table::Item& item : those([owner](InstanceRef of, const Pending&) { return of == owner; })) {
    if (table_.takeIf(item.handle, isOpening)) continue;
    const auto accepted = table_.find(item.handle);
    auto one = accepted ? end(*accepted, REVENGE_CANCELLED, lease.another()) : std::nullopt;
    if (one) ended.push_back(std::move(*one));
  }
  return ended;
}

}  // namespace revenge::service
