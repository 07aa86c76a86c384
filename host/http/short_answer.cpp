#include "http/short_answer.hpp"

#include "http/io_loop.hpp"
#include "http/server_core.hpp"

namespace revenge::http {

Turn answerWith(ExchangeRecord& record, std::uint32_t status, std::string_view line) {
  {
    const std::scoped_lock lock(record.mutex);
    record.answer.set(status, line);
    record.phase = ExchangeRecord::Phase::kAnswered;
  }
  record.connection->answer(record);
  return Turn::kGoOn;
}

Turn answerWith(ExchangeRecord& record, std::uint32_t status, std::string_view line, std::string_view name,
                std::string_view value) {
  {
    const std::scoped_lock lock(record.mutex);
    static_cast<void>(record.answer.addHeader(name, value));
  }
  return answerWith(record, status, line);
}

Turn refuseForNow(ExchangeRecord& record, std::string_view line) {
  return answerWith(record, 503, line, "Retry-After", "1");
}

namespace {

std::uint32_t statusOf(revenge_status status) {
  switch (status) {
    case REVENGE_NOT_FOUND:
      return 404;
    case REVENGE_INVALID:
      return 400;
    case REVENGE_LIMIT:
      return 429;
    case REVENGE_UNAVAILABLE:
      return 503;
    case REVENGE_TIMED_OUT:
      return 504;
    case REVENGE_REFUSED:
      return 403;
    default:
      return 500;
  }
}

}  // namespace

Turn answerFailure(ExchangeRecord& record) {
  const std::uint32_t status = statusOf(record.returned);
  ServerCore& core = record.loop.core();
  if (status == 500) {
    core.logger.warn("handler failed",
                     {{"plugin", record.running->plugin},
                      {"pattern", record.endpoint->pattern},
                      {"status", std::int64_t{record.returned}},
                      {"error", record.returned == REVENGE_OK ? "it did not answer" : record.error}});
    return answerWith(record, 500, "internal error");
  }
  if (status == 503) return refuseForNow(record, record.error);
  return answerWith(record, status, record.error);
}

}  // namespace revenge::http
