// Adapter of revenge.trace/1 over observe::Spans, and the spans of calls between plugins. A span in progress is kept here,
// with the call that is passed on beneath it. Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <revenge/abi/trace.h>

#include "base/clock.hpp"
#include "observe/spans.hpp"
#include "plugin/host_record.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class TraceAdapter {
 public:
  static constexpr std::size_t kOpen = 4096;  // spans in progress of one instance; more are not recorded

  TraceAdapter(observe::Spans& spans, const base::Clock& clock)
      : spans_(spans), clock_(clock), open_(kHandleKind) {}
  static const revenge_trace& table();

  // Whether a span under this call would be recorded; cheap.
  bool records(const revenge_call* call) const {
    if (call == nullptr || call->origin == nullptr) return false;
    return (call->origin->trace_flags & observe::TraceContext::kSampled) != 0 && spans_.wanted();
  }
  // Under `call`, which records. Its origin becomes this span's; 0: too many are in progress.
  revenge_handle begin(const revenge_host& host, revenge_call& call, std::string name);
  // A span of a request that goes out, whose ids the request carries; nothing: too many are in progress.
  struct Outgoing {
    revenge_handle handle;
    observe::TraceContext context;
  };
  std::optional<Outgoing> beginOutgoing(const revenge_host& host, const revenge_call& call);
  // `fill` adds to the record.
  template <typename Fill>
  void end(const revenge_host& host, revenge_handle span, Fill&& fill) {
    const auto item = open_.take(span, host.instance);
    if (!item) return;
    const Open& open = *item->value;
    spans_.record([&](observe::SpanRecord& record) {
      record.begin(open.ids, observe::SpanKind::kInternal, open.begun);
      record.ended = clock_.now();
      if (!open.name.empty()) record.name(open.name);
      record.plugin(host.id);
      fill(record);
    });
  }
  // Spans that were not ended are forgotten.
  void withdraw(const revenge_host& host) { (void)open_.withdraw(host.instance); }

 private:
  friend struct TraceTable;
  static constexpr std::uint8_t kHandleKind = 30;

  struct Open {
    observe::SpanIds ids;
    std::string name;  // empty: the end says it
    base::Instant begun{};
    revenge_origin origin{};
    revenge_call call{};
  };
  using Table = service::HandleTable<std::shared_ptr<Open>>;

  std::shared_ptr<Open> make(const revenge_call* call);
  // Of nobody's call; null: not sampled.
  std::shared_ptr<Open> makeRoot(const revenge_call* call);

  observe::Spans& spans_;
  const base::Clock& clock_;
  Table open_;
};

}  // namespace revenge::ext
