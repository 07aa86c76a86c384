// The spans of one request: the server's own from head to end, the wait for a worker, and each handler of a plugin.
// Names and attributes follow OpenTelemetry's conventions for HTTP servers. What is not sampled costs a comparison.
// Thread safety: begin and end on the exchange's loop; the others on the thread that runs the handler.
#pragma once

#include <string_view>

#include "http/exchange_record.hpp"
#include "http/request_head.hpp"

namespace revenge::http {

// How a request ended, for its server span.
enum class Ending : std::uint8_t { kAnswered, kCutShort, kClientLeft };

// From the head: the trace that is gone on with, or a new one; fills the trace part of the origin.
void beginTrace(ExchangeRecord& record);
void endTrace(const ExchangeRecord& record, Ending ending, base::Instant now);
// A head that was refused: nothing of it is known for sure.
void traceRefused(IoLoop& loop, const Parsed& parsed);

// On the loop, before the handler of `record.running` is called or handed to a worker: what it does is beneath its span.
void nameHandlerSpan(ExchangeRecord& record);

// One call of a handler. Made where the call begins.
class HandlerSpan {
 public:
  enum class From : std::uint8_t { kLoop, kWorker };  // kWorker: the wait for it is a span too
  HandlerSpan(const ExchangeRecord& record, From from) : record_(record) {
    if (record.trace.handler_id != 0) begin(from);
  }
  HandlerSpan(const HandlerSpan&) = delete;
  HandlerSpan& operator=(const HandlerSpan&) = delete;
  void end() const {  // what it returned is in the record
    if (record_.trace.handler_id != 0) finish();
  }

 private:
  void begin(From from);
  void finish() const;

  const ExchangeRecord& record_;
  base::Instant begun_{};
};

}  // namespace revenge::http
