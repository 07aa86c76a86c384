// All exchanges of a server by their handles: what handlers, workers and late callers reach a request through.
// Thread safety: everything from any thread, except take() and release(), which are the loop's. The server owns it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "http/exchange.hpp"
#include "http/exchange_record.hpp"

namespace revenge::http {

// What another thread did that the loop must go on with.
enum class Note : std::uint8_t { kReturned, kAnswered, kStream, kBody, kAbandoned, kResumed, kLimited };

class ExchangeTable final : public Exchanges {
 public:
  // `tell` hands a note about an exchange to its loop; called with no lock held.
  using Tell = std::function<void(ExchangeRecord& record, Handle handle, Note note)>;
  ExchangeTable(std::size_t loops, Tell tell);
  ~ExchangeTable() override;

  // A free record, opened under a new handle.
  ExchangeRecord& take(IoLoop& loop, std::size_t number);
  void release(ExchangeRecord& record, std::size_t number);  // its handle is stale from here on
  // The record, while the handle is not stale.
  ExchangeRecord* find(Handle handle) const;

  base::Result<> respond(Caller caller, Handle exchange, Response response) override;
  base::Result<> addHeader(Caller caller, Handle exchange, std::string_view name,
                           std::string_view value) override;
  base::Result<Handle> defer(Caller caller, Handle exchange) override;
  const revenge_call* call(Caller caller, Handle responder) override;
  base::Result<> drop(Caller caller, Handle responder) override;
  base::Result<> watch(Caller caller, Handle exchange, std::function<void()> gone) override;
  base::Result<> limit(Caller caller, Handle exchange, const RequestLimits& to) override;
  base::Result<> tellEnd(Caller caller, Handle exchange, std::string_view plugin, std::uint64_t tag) override;
  base::Result<> resume(Caller caller, Handle responder) override;
  revenge_status bodyRead(Caller caller, Handle exchange, std::string_view& piece, Done done) override;
  base::Result<Handle> openStream(Caller caller, Handle exchange, Response head) override;
  revenge_status write(Caller caller, Handle stream, std::string_view data, Done done) override;
  revenge_status event(Caller caller, Handle stream, const StreamEvent& event, Done done) override;
  base::Result<> close(Caller caller, Handle stream, StreamEnd end) override;
  CallState state(Handle cancel) const override;

 private:
  static constexpr std::size_t kBlock = 64;
  static constexpr std::size_t kBlocks = 1024;
  using Block = std::array<std::unique_ptr<ExchangeRecord>, kBlock>;
  struct Shelf {  // of one loop; blocks are only ever added
    std::array<std::atomic<Block*>, kBlocks> blocks{};
    std::vector<std::unique_ptr<Block>> owned;
    std::vector<ExchangeRecord*> free;
    std::uint32_t made = 0;
  };
  struct Held;  // a record, locked, its handle checked

  Held hold(Caller caller, Handle handle) const;
  base::Result<> complete(Caller caller, Handle handle, const std::function<base::Result<>(Answer&)>& fill);

  std::vector<std::unique_ptr<Shelf>> shelves_;
  Tell tell_;
};

}  // namespace revenge::http
