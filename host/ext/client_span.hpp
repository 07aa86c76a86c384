// The span of a request that a plugin makes to another server, from send to the end of its head. Thread safety: a value that
// goes with the request; ended once.
#pragma once

#include <string>

#include "ext/trace.hpp"
#include "http/fetch.hpp"

namespace revenge::ext {

class ClientSpan {
 public:
  // Gives the request what goes out: traceparent under the span's id, or a new one when none is recorded, and tracestate.
  ClientSpan(TraceAdapter& trace, const revenge_host& host, const revenge_call* call,
             http::OutgoingRequest& request);

  // `fetch` has its response when `came` is one.
  void end(const http::Fetch* fetch, const base::Result<http::Came>& came) const;

 private:
  void describe(observe::SpanRecord& record, const http::Fetch* fetch,
                const base::Result<http::Came>& came) const;

  TraceAdapter& trace_;
  const revenge_host& host_;
  revenge_handle span_ = 0;  // 0: not recorded
  http::Method method_;
  http::Url url_;
};

}  // namespace revenge::ext
