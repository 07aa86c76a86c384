#include "http/outgoing.hpp"

#include <future>

#include "http/outgoing_core.hpp"
#include "http/outlet.hpp"

namespace revenge::http {

using base::Errc;

Outgoing::Outgoing(Parts parts, OutgoingOptions options)
    : core_(std::make_shared<OutgoingCore>(parts, std::move(options))) {}

Outgoing::~Outgoing() { stop(); }

std::shared_ptr<Outlet> Outgoing::outletOf(std::string_view plugin) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return nullptr;
  auto known = outlets_.find(plugin);
  if (known == outlets_.end())
    known = outlets_.emplace(plugin, std::make_shared<Outlet>(core_, std::string(plugin))).first;
  return known->second;
}

base::Result<std::shared_ptr<Fetch>> Outgoing::prepare(std::string_view plugin, OutgoingRequest request) {
  if (auto ok = checkFields(request.fields); !ok) return std::unexpected(std::move(ok.error()));
  if (request.request_body == BodyForm::kStream && request.body.size() > 0)
    return base::fail(Errc::kInvalid, "a request with a streamed body has no other");
  const auto& options = core_->options;
  if (request.max_response_bytes == 0 && request.response_body == BodyForm::kWhole)
    request.max_response_bytes = options.max_response_bytes;
  const std::shared_ptr<Outlet> outlet = outletOf(plugin);
  if (outlet == nullptr) return base::fail(Errc::kCancelled, "the host is stopping");
  if (!outlet->arrive()) {
    return base::fail(
        Errc::kLimit,
        "'{}' has {} requests under way already (http_client.max_requests); wait for some to end", plugin,
        options.max_requests);
  }
  if (!request.body.owned()) request.body = Bytes(std::string(request.body.view()));
  return std::make_shared<Fetch>(outlet, std::move(request));
}

void Outgoing::stop() {
  std::map<std::string, std::shared_ptr<Outlet>, std::less<>> outlets;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    outlets.swap(outlets_);
  }
  for (const auto& [plugin, outlet] : outlets) {
    std::promise<void> done;
    std::future<void> ended = done.get_future();
    const bool taken = outlet->post([outlet, promise = std::move(done)]() mutable {
      outlet->stop();
      promise.set_value();
    });
    // A loop that is away in a plugin for good would keep the host from ending.
    if (taken) static_cast<void>(ended.wait_for(std::chrono::seconds(5)));
  }
  core_->aside.stop();
}

}  // namespace revenge::http
