#include "http/exchange_table.hpp"

#include <algorithm>
#include <utility>

#include "http/chunked.hpp"
#include "http/dispatch.hpp"
#include "http/server_sent.hpp"

namespace revenge::http {
namespace {

using base::Errc;
using base::fail;
using Phase = ExchangeRecord::Phase;

constexpr std::size_t kStreamHigh = 256U << 10U;
constexpr std::size_t kRecycledBytes = 64U << 10U;
constexpr unsigned kGenerationShift = 32;
constexpr unsigned kLoopShift = 24;
constexpr std::uint32_t kIndexMask = (1U << kLoopShift) - 1;

std::unexpected<base::Error> goneError() {
  return fail(Errc::kGone, "the exchange has ended: answered, timed out, or its client has left");
}

}  // namespace

Exchanges& ExchangeRecord::exchanges() const { return table; }

void ExchangeRecord::reached() { timeOut(*this); }

void ExchangeRecord::setUserKey(std::string_view key) {
  user_key = key;
  origin.user_key = view(user_key);
}

bool ExchangeRecord::streamOver() const {
  const std::scoped_lock lock(mutex);
  return closed;
}

void ExchangeRecord::recycle() {
  deadline().disarm();
  answer.releaseBody();  // while its maker's instance is still held
  held.end();
  leases.clear();
  router.reset();
  endpoint = nullptr;
  route = nullptr;
  running = nullptr;
  connection = nullptr;
  stage = 0;
  returned = REVENGE_OK;
  error.clear();
  user_key.clear();
  output.clear();
  parked.reset();
  limits = {};
  answered_at = {};
  gone_through.reset();
  for (std::string* const bytes : {&sending, &body}) {
    bytes->clear();
    if (bytes->capacity() > kRecycledBytes) bytes->shrink_to_fit();
  }
  head_bytes = 0;
  status_sent = 0;
  head_written = ended = false;
  late_reader = false;
  at_head = inlined = false;
}

struct ExchangeTable::Held {
  ExchangeRecord* record = nullptr;
  std::unique_lock<std::mutex> lock;

  explicit operator bool() const { return record != nullptr; }
  ExchangeRecord* operator->() const { return record; }
};

ExchangeTable::ExchangeTable(std::size_t loops, Tell tell) : tell_(std::move(tell)) {
  for (std::size_t i = 0; i < loops; ++i) shelves_.push_back(std::make_unique<Shelf>());
}

ExchangeTable::~ExchangeTable() = default;

ExchangeRecord& ExchangeTable::take(IoLoop& loop, std::size_t number) {
  Shelf& shelf = *shelves_[number];
  if (shelf.free.empty()) {
    Block& block = *shelf.owned.emplace_back(std::make_unique<Block>());
    for (auto& record : block) {
      const auto index = static_cast<std::uint32_t>(number << kLoopShift) | shelf.made++;
      record = std::make_unique<ExchangeRecord>(loop, *this, index);
      shelf.free.push_back(record.get());
    }
    shelf.blocks[shelf.owned.size() - 1].store(&block, std::memory_order_release);
  }
  ExchangeRecord& record = *shelf.free.back();
  shelf.free.pop_back();
  const std::scoped_lock lock(record.mutex);
  record.phase = Phase::kOpen;
  record.request_view.exchange = std::uint64_t{record.generation} << kGenerationShift | record.index;
  return record;
}

void ExchangeTable::release(ExchangeRecord& record, std::size_t number) {
  std::function<void()> gone;
  Done room;
  Done reader;
  {
    const std::scoped_lock lock(record.mutex);
    if (++record.generation == 0) ++record.generation;
    record.phase = Phase::kEnded;
    record.in_handler = record.client_gone = record.timed_out = record.flush_posted = false;
    record.closed = record.body_wanted = record.body_done = record.body_failed = false;
    record.streamed = 0;
    record.asked_limits = {};
    record.end_wishes.clear();
    record.answer.clear();
    for (std::string* const bytes : {&record.pending, &record.piece, &record.next}) {
      bytes->clear();
      if (bytes->capacity() > kRecycledBytes) bytes->shrink_to_fit();
    }
    gone = std::exchange(record.gone, nullptr);
    room = std::exchange(record.room, nullptr);
    reader = std::exchange(record.reader, nullptr);
  }
  shelves_[number]->free.push_back(&record);
  if (room) room(REVENGE_GONE, {});
  if (reader) reader(REVENGE_GONE, {});
}

ExchangeRecord* ExchangeTable::find(Handle handle) const {
  const auto position = static_cast<std::uint32_t>(handle);
  const std::size_t number = position >> kLoopShift;
  const std::size_t index = position & kIndexMask;
  if (number >= shelves_.size() || index / kBlock >= kBlocks) return nullptr;
  const Block* const block = shelves_[number]->blocks[index / kBlock].load(std::memory_order_acquire);
  return block == nullptr ? nullptr : (*block)[index % kBlock].get();
}

ExchangeTable::Held ExchangeTable::hold(Caller caller, Handle handle) const {
  ExchangeRecord* const record = find(handle);
  if (record == nullptr) return {};
  std::unique_lock lock(record->mutex);
  if (record->generation != handle >> kGenerationShift || record->owner_now != caller) return {};
  return {record, std::move(lock)};
}

base::Result<> ExchangeTable::complete(Caller caller, Handle handle,
                                       const std::function<base::Result<>(Answer&)>& fill) {
  Held held = hold(caller, handle);
  if (!held || held->phase == Phase::kEnded) return goneError();
  if (held->phase != Phase::kOpen && held->phase != Phase::kDeferred) {
    return fail(Errc::kExists, "the exchange is answered already");
  }
  if (!held->client_gone) {
    if (auto filled = fill(held->answer); !filled) return filled;
  }
  const bool gone = held->client_gone;
  held->phase = gone ? Phase::kEnded : Phase::kAnswered;
  // Inside the handler its return is the one note the loop needs.
  const bool told = held->in_handler;
  ExchangeRecord& record = *held.record;
  held.lock.unlock();
  if (!told) tell_(record, handle, gone ? Note::kAbandoned : Note::kAnswered);
  if (gone) return goneError();
  return {};
}

base::Result<> ExchangeTable::respond(Caller caller, Handle exchange, Response response) {
  return complete(caller, exchange,
                  [&](Answer& answer) { return answer.take(std::move(response), Answer::Length::kKnown); });
}

base::Result<> ExchangeTable::drop(Caller caller, Handle responder) {
  return complete(caller, responder, [](Answer& answer) -> base::Result<> {
    answer.set(500, "the request was dropped");
    return {};
  });
}

base::Result<> ExchangeTable::addHeader(Caller caller, Handle exchange, std::string_view name,
                                        std::string_view value) {
  const Held held = hold(caller, exchange);
  if (!held || held->phase == Phase::kEnded) return goneError();
  if (held->phase == Phase::kAnswered || held->phase == Phase::kStreaming) {
    return fail(Errc::kExists, "the exchange is answered already");
  }
  return held->answer.addHeader(name, value);
}

base::Result<Handle> ExchangeTable::defer(Caller caller, Handle exchange) {
  const Held held = hold(caller, exchange);
  if (!held) return goneError();
  if (!held->in_handler) return fail(Errc::kInvalid, "defer is for the handler alone");
  if (held->phase == Phase::kEnded) return goneError();
  if (held->phase != Phase::kOpen) return fail(Errc::kExists, "the exchange is answered or deferred already");
  held->phase = Phase::kDeferred;
  return exchange;
}

const revenge_call* ExchangeTable::call(Caller caller, Handle responder) {
  const Held held = hold(caller, responder);
  return held && held->phase == Phase::kDeferred ? &held->call_view : nullptr;
}

base::Result<> ExchangeTable::watch(Caller caller, Handle exchange, std::function<void()> gone) {
  const Held held = hold(caller, exchange);
  if (!held || held->phase == Phase::kEnded || held->client_gone) return goneError();
  if (held->phase == Phase::kAnswered) return fail(Errc::kExists, "the exchange is answered already");
  if (held->gone) return fail(Errc::kExists, "the exchange is watched already");
  held->gone = std::move(gone);
  return {};
}

base::Result<> ExchangeTable::limit(Caller caller, Handle exchange, const RequestLimits& to) {
  Held held = hold(caller, exchange);
  if (!held || held->phase == Phase::kEnded || held->client_gone) return goneError();
  if (held->phase != Phase::kOpen && held->phase != Phase::kDeferred)
    return fail(Errc::kExists, "the exchange is answered already");
  held->asked_limits.lower(to);
  // The loop itself looks when a handler that ran on it returns.
  const bool seen = held->in_handler && held->request_view.may_block == 0;
  ExchangeRecord& record = *held.record;
  held.lock.unlock();
  if (!seen) tell_(record, exchange, Note::kLimited);
  return {};
}

base::Result<> ExchangeTable::tellEnd(Caller caller, Handle exchange, std::string_view plugin,
                                      std::uint64_t tag) {
  const Held held = hold(caller, exchange);
  if (!held || held->phase == Phase::kEnded || held->client_gone) return goneError();
  if (held->phase != Phase::kOpen && held->phase != Phase::kDeferred)
    return fail(Errc::kExists, "the exchange is answered already");
  if (std::ranges::any_of(held->end_wishes, [&](const auto& wish) { return wish.plugin == plugin; }))
    return fail(Errc::kExists, "the end of the exchange is told already");
  held->end_wishes.push_back({plugin, tag});
  return {};
}

base::Result<> ExchangeTable::resume(Caller caller, Handle responder) {
  std::function<void()> unwatched;
  Held held = hold(caller, responder);
  if (!held || held->phase == Phase::kEnded) return goneError();
  if (held->phase != Phase::kDeferred || held->route != nullptr)
    return fail(Errc::kInvalid, "resume is for middleware that deferred the request");
  const bool gone = held->client_gone;
  const bool told = held->in_handler;  // its return is the one note the loop needs
  held->phase = gone ? Phase::kEnded : Phase::kOpen;
  unwatched = std::exchange(held->gone, nullptr);
  if (!told) held->owner_now = {};
  ExchangeRecord& record = *held.record;
  held.lock.unlock();
  if (!told) tell_(record, responder, gone ? Note::kAbandoned : Note::kResumed);
  if (gone) return goneError();
  return {};
}

revenge_status ExchangeTable::bodyRead(Caller caller, Handle exchange, std::string_view& piece, Done done) {
  Held held = hold(caller, exchange);
  if (!held || held->phase == Phase::kEnded || held->phase == Phase::kAnswered) return REVENGE_GONE;
  if (held->reader) return REVENGE_BUSY;
  held->piece.clear();
  if (held->next.empty()) {
    if (held->body_done) return REVENGE_END;
    if (held->body_failed || held->client_gone) return REVENGE_GONE;
    if (!done) return REVENGE_INVALID;
    held->reader = std::move(done);
  } else {
    std::swap(held->piece, held->next);
    piece = held->piece;
  }
  const revenge_status status = held->reader ? REVENGE_PENDING : REVENGE_OK;
  held->body_wanted = true;
  ExchangeRecord& record = *held.record;
  const bool more = !held->body_done;
  held.lock.unlock();
  if (more) tell_(record, exchange, Note::kBody);
  return status;
}

base::Result<Handle> ExchangeTable::openStream(Caller caller, Handle exchange, Response head) {
  Held held = hold(caller, exchange);
  if (!held || held->phase == Phase::kEnded || held->client_gone) return goneError();
  if (held->phase != Phase::kOpen && held->phase != Phase::kDeferred) {
    return fail(Errc::kExists, "the exchange is answered already");
  }
  if (head.status == 204 || head.status == 304) {
    return fail(Errc::kInvalid, "an answer with status {} has no body to stream", head.status);
  }
  if (auto taken = held->answer.take(std::move(head), Answer::Length::kStreamed); !taken) {
    return std::unexpected(std::move(taken.error()));
  }
  held->phase = Phase::kStreaming;
  held->flush_posted = true;
  ExchangeRecord& record = *held.record;
  held.lock.unlock();
  tell_(record, exchange, Note::kStream);
  return exchange;
}

revenge_status ExchangeTable::write(Caller caller, Handle stream, std::string_view data, Done done) {
  Held held = hold(caller, stream);
  if (!held || held->phase != Phase::kStreaming || held->client_gone || held->closed) return REVENGE_GONE;
  if (held->room) return REVENGE_BUSY;
  const bool full = held->pending.size() + data.size() > kStreamHigh;
  if (full && !done) return REVENGE_LIMIT;
  if (data.empty() || held->head.method == Method::kHead) return REVENGE_OK;
  const bool chunked = held->head.http11;
  if (chunked) held->pending.append(ChunkHeader(data.size()).text());
  held->pending.append(data);
  if (chunked) held->pending.append(kChunkEnd);
  held->streamed += data.size();
  if (full) held->room = std::move(done);
  const bool told = std::exchange(held->flush_posted, true);
  ExchangeRecord& record = *held.record;
  held.lock.unlock();
  if (!told) tell_(record, stream, Note::kStream);
  return full ? REVENGE_PENDING : REVENGE_OK;
}

revenge_status ExchangeTable::event(Caller caller, Handle stream, const StreamEvent& event, Done done) {
  const auto framed = frameEvent(event);
  return framed ? write(caller, stream, *framed, std::move(done)) : REVENGE_INVALID;
}

base::Result<> ExchangeTable::close(Caller caller, Handle stream, StreamEnd end) {
  Held held = hold(caller, stream);
  if (!held || held->phase != Phase::kStreaming || held->closed) return goneError();
  held->closed = true;
  held->end = end;
  const bool told = std::exchange(held->flush_posted, true);
  ExchangeRecord& record = *held.record;
  held.lock.unlock();
  if (!told) tell_(record, stream, Note::kStream);
  return {};
}

CallState ExchangeTable::state(Handle cancel) const {
  const ExchangeRecord* const record = find(cancel);
  if (record == nullptr) return CallState::kGone;
  const std::scoped_lock lock(record->mutex);
  if (record->generation != cancel >> kGenerationShift) return CallState::kGone;
  if (record->timed_out) return CallState::kTimedOut;
  return record->client_gone ? CallState::kGone : CallState::kLive;
}

}  // namespace revenge::http
