#include "ext/service.hpp"

#include <algorithm>
#include <utility>

#include "ext/bundle.hpp"
#include "plugin/trampoline.hpp"

namespace revenge::ext {

void ServiceAdapter::open(const revenge_host& host) {
  names_[host.instance.index & (service::kMaxInstances - 1)].store(&host.id, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  directory_.add(host.instance, fmt::format("{} {}", host.id, host.version), service::Standing::kHidden);
}

void ServiceAdapter::contribute(service::GenerationBuilder& next, const plugin::Scene& scene) {
  const std::lock_guard lock(mutex_);
  auto seen = std::make_shared<Seen>();
  seen->directory = directory_;
  for (const revenge_host* host : scene.visible)
    seen->directory.setStanding(host->instance, service::Standing::kVisible);
  for (const plugin::Pin& pin : scene.pins)
    seen->directory.pinAll(pin.consumer->instance, pin.provider->instance);
  for (const revenge_host* host : scene.held) seen->held.push_back(host->instance);
  for (const service::Resolved& each : seen->directory.resolve()) {
    const bool held = std::ranges::find(seen->held, each.provider.instance) != seen->held.end();
    next.bind(each.requirement.slot, held ? service::Provider{} : each.provider);
  }
  next_ = std::move(seen);
}

void ServiceAdapter::published() {
  {
    const std::lock_guard lock(mutex_);
    if (next_ != nullptr) seen_ = std::move(next_);
  }
  publications_.published();
}

// Whoever is inside a held instance already is let in again, or it would wait for itself; everybody else waits for the
// next generation, where waiting is allowed.
revenge_status ServiceAdapter::enterSlowly(const revenge_call* call, service::SlotRef slot,
                                           revenge_entry& entry, revenge_error* error) {
  service::Generations& generations = domain_.generations();
  const base::Instant begun = scheduler_.clock().now();
  while (true) {
    const std::uint64_t moment = publications_.count();
    if (const auto target = generations.enter(slot, service::Generations::Attempt::kRefused, 0);
        target.table != nullptr) {
      entry.table = target.table;
      entry.self = target.self;
      entry.held[0] = target.provider;
      return REVENGE_OK;
    }
    if (generations.whyNot(slot) == base::Errc::kGone) return say(error, REVENGE_GONE, "the slot is closed");
    std::shared_ptr<const Seen> seen;
    base::Duration patience{};
    {
      const std::lock_guard lock(mutex_);
      seen = seen_;
      if (const auto known = slots_.find(slot); known != slots_.end()) patience = known->second.patience;
    }
    const auto resolved = seen->directory.resolve(slot);
    const service::Provider provider = resolved ? resolved->provider : service::Provider{};
    if (provider.table != nullptr) {
      if (call != nullptr && service::isInside(*call, provider.instance.index)) {
        auto lease = domain_.instances().enter(provider.instance, service::Pass::kUnderWay);
        if (lease) {
          entry.table = provider.table;
          entry.self = provider.self;
          entry.held[0] = lease.detach();
          return REVENGE_OK;
        }
      }
      patience = std::max<base::Duration>(patience, kGatePatience);
    }
    base::Instant until = begun + patience;
    if (call != nullptr && call->deadline_ns > 0)
      until = std::min(until, base::Instant(base::Duration(call->deadline_ns)));
    if (provider.table != nullptr && !mayWait())
      return say(error, REVENGE_BUSY, "the provider is being replaced, and this thread may not wait");
    if (patience > base::Duration::zero() && mayWait() && publications_.wait(moment, until)) continue;
    return say(error, REVENGE_UNAVAILABLE,
               resolved && !resolved->why.empty() ? resolved->why : "nobody provides this now");
  }
}

std::size_t ServiceAdapter::cancelWaits(const revenge_host& host) {
  auto waits = completions_.cancelAll(host.instance);
  for (auto& due : waits) runOnIo(std::move(due));
  return waits.size();
}

std::vector<std::string> ServiceAdapter::withdraw(const revenge_host& host) {
  const auto instance = host.instance;
  std::vector<std::string> left;
  const auto note = [&left](std::size_t count, std::string_view what) {
    if (count > 0) left.push_back(fmt::format("{} {}{}", count, what, count == 1 ? "" : "s"));
  };
  if (host.gone()) {  // its create has failed, and with it went what its callbacks lead to
    completions_.forget(instance).clear();
    note(callbacks_.forget(instance), "callback");
  }
  for (auto& due : completions_.providerLeft(instance)) due.run();
  auto waiting = completions_.withdraw(instance);
  note(waiting.size(), "completion");
  for (auto& due : waiting) due.run();
  auto leases = leases_.withdraw(instance);
  note(leases.size(), "lease handle");
  for (auto& ended : leases) ended.run();
  note(callbacks_.withdraw(instance), "callback");
  const std::lock_guard lock(mutex_);
  directory_.remove(instance);
  std::erase_if(slots_, [&](const auto& slot) { return slot.second.consumer == instance; });
  return left;
}

service::Provider ServiceAdapter::providerFor(service::SlotRef slot, service::InstanceRef issuer) const {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(slot);
  return found == slots_.end() ? service::Provider{}
                               : directory_.provisionOf(issuer, found->second.interface);
}

std::string ServiceAdapter::interfaceOf(service::SlotRef slot) const {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(slot);
  return found == slots_.end() ? std::string() : found->second.interface.text();
}

std::vector<std::string> ServiceAdapter::holders(const revenge_host& host) const {
  std::vector<std::string> holders;
  if (const auto held = leases_.heldBy(host.instance); held > 0)
    holders.push_back(fmt::format("{} lease handles held", held));
  if (const auto waits = completions_.count(host.instance); waits > 0)
    holders.push_back(fmt::format("{} waits for other plugins", waits));
  return holders;
}

std::size_t ServiceAdapter::count(const revenge_host& host) const {
  const std::lock_guard lock(mutex_);
  return directory_.providedBy(host.instance).size();
}

// Not in the consumer's lane: who waits there may hold its only worker. `complete` is tagged [io].
void ServiceAdapter::expireAt(base::Instant deadline) {
  scheduler_.at(deadline, [this] { (void)completions_.expire(scheduler_.clock().now()); }, io_);
}

// One that finds no room there runs here: a Due that is destroyed has run.
void ServiceAdapter::runOnIo(service::Completions::Due due) {
  (void)io_->submit([due = std::move(due)]() mutable { due.run(); });
}

namespace {

std::optional<service::Need> declared(const revenge_host& host, std::string_view id) {
  for (const module::Interface& needed : host.needs) {
    if (needed.id == id) return needed.optional ? service::Need::kOptional : service::Need::kRequired;
  }
  return std::nullopt;
}

// How long a caller that may wait waits for a provider that is away, as plugin.json says.
base::Duration patienceFor(const revenge_host& host, std::string_view id) {
  for (const module::Interface& needed : host.needs) {
    if (needed.id == id && needed.absence == module::Absence::kWait) return needed.wait;
  }
  return {};
}

bool offered(const revenge_host& host, std::string_view id) {
  return std::ranges::any_of(host.offers, [id](const module::Interface& offer) { return offer.id == id; });
}

}  // namespace

struct ServiceTable {
  static revenge_status provide(const revenge_host* host, const revenge_provision* provision,
                                revenge_handle* handle, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (provision == nullptr || provision->table == nullptr)
      return say(error, REVENGE_INVALID, "provision or its table is NULL");
    const auto interface = service::InterfaceId::parse(text(provision->interface_id));
    if (!interface) return fail(error, interface.error());
    if (!offered(ties->host, text(provision->interface_id))) {
      return say(
          error, REVENGE_REFUSED,
          fmt::format("{} does not stand in plugin.json under provides", text(provision->interface_id)));
    }
    ServiceAdapter& adapter = ties->bundle.service;
    const std::lock_guard lock(adapter.mutex_);
    const auto provided =
        adapter.directory_.provide(ties->host.instance, *interface, provision->table, provision->self);
    if (!provided) return fail(error, provided.error());
    if (handle != nullptr) *handle = adapter.tokens_.next();
    return REVENGE_OK;
  }

  static revenge_status require(const revenge_host* host, revenge_view id, revenge_handle* slot,
                                revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (slot == nullptr) return say(error, REVENGE_INVALID, "slot is NULL");
    const auto interface = service::InterfaceId::parse(text(id));
    if (!interface) return fail(error, interface.error());
    const auto need = declared(ties->host, text(id));
    if (!need)
      return say(error, REVENGE_REFUSED,
                 fmt::format("{} does not stand in plugin.json under requires", text(id)));
    ServiceAdapter& adapter = ties->bundle.service;
    const auto opened = adapter.domain_.generations().openSlot(ties->host.instance);
    if (!opened) return fail(error, opened.error());
    {
      const std::lock_guard lock(adapter.mutex_);
      const auto required = adapter.directory_.require(ties->host.instance, *interface, *need, *opened);
      if (!required) return fail(error, required.error());
      adapter.slots_[*opened] = {*interface, ties->host.instance, patienceFor(ties->host, text(id))};
    }
    *slot = opened->bits();
    return REVENGE_OK;
  }

  // `slot` 0: a callback.
  static void fill(const Ties& ties, const revenge_call* call, revenge_handle slot, revenge_entry& entry) {
    entry.call = call != nullptr ? *call : revenge_call{};
    entry.call.size = sizeof(revenge_call);
    entry.call.caller = ties.host.instance.bits();
    entry.call.depth = (call != nullptr ? call->depth : 0) + 1;
    service::markInside(entry.call, static_cast<std::uint32_t>(entry.held[0]));
    entry.held[1] = 0;
    if (ties.bundle.trace.records(call)) [[unlikely]] {
      std::string name =
          slot != 0 ? ties.bundle.service.interfaceOf(service::SlotRef::fromBits(slot)) : "callback";
      entry.held[1] = ties.bundle.trace.begin(ties.host, entry.call, std::move(name));
    }
  }

  static void endSpan(const Ties& ties, const revenge_entry& entry) {
    if (entry.held[1] == 0) return;
    const auto index = static_cast<std::uint32_t>(entry.held[0]) & (service::kMaxInstances - 1);
    const std::string* const provider = ties.bundle.service.names_[index].load(std::memory_order_relaxed);
    ties.bundle.trace.end(ties.host, entry.held[1], [provider](observe::SpanRecord& record) {
      if (provider != nullptr) record.add("revenge.provider", *provider);
    });
  }

  struct SpanEnd {
    ~SpanEnd() { endSpan(ties, entry); }
    const Ties& ties;
    const revenge_entry& entry;
  };

  static revenge_status enter(const revenge_host* host, const revenge_call* call, revenge_handle slot,
                              revenge_entry* entry, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (call != nullptr && call->depth >= REVENGE_MAX_DEPTH) {
      return say(error, REVENGE_LIMIT,
                 fmt::format("calls are nested {} deep: two services call each other", REVENGE_MAX_DEPTH));
    }
    const auto ref = service::SlotRef::fromBits(slot);
    if (ref.consumer != ties->host.instance.index)
      return say(error, REVENGE_GONE, "not a slot of this instance");
    if (entry == nullptr) return say(error, REVENGE_INVALID, "entry is NULL");
    service::Generations& generations = ties->bundle.service.domain_.generations();
    service::Generations::Target target;
    if (const auto attempt = generations.tryEnter(ref, target);
        attempt != service::Generations::Attempt::kEntered) [[unlikely]] {
      target = generations.enter(ref, attempt, target.provider);
      if (target.table == nullptr) {
        const revenge_status status = ties->bundle.service.enterSlowly(call, ref, *entry, error);
        if (status == REVENGE_OK) fill(*ties, call, slot, *entry);
        return status;
      }
    }
    entry->table = target.table;
    entry->self = target.self;
    entry->held[0] = target.provider;
    fill(*ties, call, slot, *entry);
    return REVENGE_OK;
  }

  // Also for an instance that is gone meanwhile: what was entered is left.
  static void leave(const revenge_host* host, revenge_entry* entry) {
    const auto* ties = static_cast<const Ties*>(host->context);
    endSpan(*ties, *entry);
    ties->bundle.service.domain_.generations().leave(static_cast<std::uint32_t>(entry->held[0]));
  }

  static revenge_status leaseOpen(const revenge_host* host, const revenge_call* call,
                                  const revenge_leased* leased, revenge_handle* lease, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (call == nullptr || leased == nullptr || lease == nullptr)
      return say(error, REVENGE_INVALID, "call, leased or lease is NULL");
    *lease = ties->bundle.service.leases_.open(ties->host.instance,
                                               service::InstanceRef::fromBits(call->caller), *leased);
    return *lease != 0 ? REVENGE_OK : gone(error);
  }

  // The lease's issuer may not be whom the slot leads to now: its own table of the same interface is used.
  static revenge_status leaseEnter(const revenge_host* host, const revenge_call* call, revenge_handle slot,
                                   revenge_handle lease, revenge_entry* entry, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    ServiceAdapter& adapter = ties->bundle.service;
    service::Lease held = adapter.leases_.enter(ties->host.instance, lease);
    if (!held) return say(error, REVENGE_GONE, "the lease has ended, or is not this instance's");
    const auto provider = adapter.providerFor(service::SlotRef::fromBits(slot), held.instance());
    if (provider.table == nullptr)
      return say(error, REVENGE_INVALID, "the lease's issuer does not offer the slot's interface");
    entry->table = provider.table;
    entry->self = provider.self;
    entry->held[0] = held.detach();
    fill(*ties, call, slot, *entry);
    return REVENGE_OK;
  }

  static void* leaseObject(const revenge_host* host, revenge_handle lease) {
    const Ties* ties = alive(host);
    return ties == nullptr ? nullptr : ties->bundle.service.leases_.object(ties->host.instance, lease);
  }

  static revenge_status leaseClose(const revenge_host* host, revenge_handle lease) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    auto ended = ties->bundle.service.leases_.close(ties->host.instance, lease);
    if (!ended) return REVENGE_GONE;
    ended->run();
    return REVENGE_OK;
  }

  static revenge_token token(const revenge_host* host) {
    const Ties* ties = alive(host);
    return ties == nullptr ? 0 : ties->bundle.service.tokens_.next();
  }

  static revenge_status callbackOpen(const revenge_host* host, const revenge_function* function,
                                     revenge_handle* callback, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (function == nullptr || function->call == nullptr || callback == nullptr) {
      return say(error, REVENGE_INVALID, "function or callback is NULL");
    }
    *callback = ties->bundle.service.callbacks_.open(ties->host.instance, *function);
    return *callback != 0 ? REVENGE_OK : say(error, REVENGE_LIMIT, "too many callbacks");
  }

  static revenge_status callbackCall(const revenge_host* host, const revenge_call* call,
                                     revenge_handle callback, revenge_view argument, revenge_buffer* result,
                                     revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    auto entered = ties->bundle.service.callbacks_.enter(callback);
    if (!entered) return say(error, REVENGE_GONE, "the callback's owner has left");
    revenge_entry entry{};
    entry.held[0] = entered->owner().index;
    fill(*ties, call, 0, entry);
    const SpanEnd span{*ties, entry};
    if (entry.call.depth > REVENGE_MAX_DEPTH) return say(error, REVENGE_LIMIT, "calls are nested too deep");
    revenge_error own{sizeof(revenge_error), 0, {}};
    revenge_error& target = error != nullptr && error->size >= sizeof(revenge_error) ? *error : own;
    revenge_buffer nothing{};
    const revenge_function& function = entered->function();
    const revenge_status status = plugin::guarded("service call", target, [&] {
      return function.call(function.context, &entry.call, argument, result != nullptr ? result : &nothing,
                           &target);
    });
    if (nothing.release != nullptr) nothing.release(nothing.owner);
    // The owner may be unmapped before the caller has read it: its release must run while the owner is entered.
    if (result != nullptr && result->release != nullptr) {
      const revenge_buffer owned = *result;
      *result = ownedBuffer(std::string(owned.data, owned.size));
      owned.release(owned.owner);
    }
    return status;
  }

  static revenge_status callbackClose(const revenge_host* host, revenge_handle callback) {
    const Ties* ties = alive(host);
    return ties != nullptr && ties->bundle.service.callbacks_.close(ties->host.instance, callback)
               ? REVENGE_OK
               : REVENGE_GONE;
  }

  static revenge_status completionOpen(const revenge_host* host, const revenge_call* call,
                                       const revenge_completion* completion, revenge_handle* handle,
                                       revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (completion == nullptr || completion->complete == nullptr || handle == nullptr) {
      return say(error, REVENGE_INVALID, "completion or handle is NULL");
    }
    const auto deadline = call != nullptr && call->deadline_ns > 0
                              ? base::Instant(base::Duration(call->deadline_ns))
                              : base::Instant::max();
    const auto opened = ties->bundle.service.completions_.open(ties->host.instance, *completion, deadline);
    if (!opened) return fail(error, opened.error());
    *handle = *opened;
    if (deadline != base::Instant::max()) ties->bundle.service.expireAt(deadline);
    return REVENGE_OK;
  }

  static revenge_status completionAccept(const revenge_host* host, revenge_handle handle,
                                         const revenge_function* cancelled, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    const revenge_function none{sizeof(revenge_function), 0, nullptr, nullptr, nullptr};
    ServiceAdapter& adapter = ties->bundle.service;
    auto accept =
        adapter.completions_.accept(ties->host.instance, handle, cancelled != nullptr ? *cancelled : none);
    if (!accept.accepted) return say(error, REVENGE_GONE, "nobody waits for it any more");
    if (accept.due) adapter.runOnIo(std::move(*accept.due));
    return REVENGE_OK;
  }

  static revenge_status completionFinish(const revenge_host* host, revenge_handle handle,
                                         revenge_status status, revenge_view result,
                                         const revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    auto due = ties->bundle.service.completions_.finish(ties->host.instance, handle, status);
    if (!due) return REVENGE_GONE;
    if (error == nullptr) {
      due->run(result, nullptr);
      return REVENGE_OK;
    }
    // One plugin's words for another: copied, so that a made-up length is never followed.
    revenge_error copied{sizeof(revenge_error), 0, {}};
    plugin::write(copied, {error->message, std::min<std::size_t>(error->length, sizeof error->message)});
    due->run(result, &copied);
    return REVENGE_OK;
  }

  static revenge_status completionCancel(const revenge_host* host, revenge_handle handle) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    // A Due that is destroyed has run.
    return ties->bundle.service.completions_.cancel(ties->host.instance, handle) ? REVENGE_OK : REVENGE_GONE;
  }
};

const revenge_service& ServiceAdapter::table() {
  static constexpr revenge_service kTable{sizeof(revenge_service),
                                          0,
                                          ServiceTable::provide,
                                          ServiceTable::require,
                                          ServiceTable::enter,
                                          ServiceTable::leave,
                                          ServiceTable::leaseOpen,
                                          ServiceTable::leaseEnter,
                                          ServiceTable::leaseObject,
                                          ServiceTable::leaseClose,
                                          ServiceTable::token,
                                          ServiceTable::callbackOpen,
                                          ServiceTable::callbackCall,
                                          ServiceTable::callbackClose,
                                          ServiceTable::completionOpen,
                                          ServiceTable::completionAccept,
                                          ServiceTable::completionFinish,
                                          ServiceTable::completionCancel};
  return kTable;
}

}  // namespace revenge::ext
