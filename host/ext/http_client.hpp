// Adapter of revenge.http-client/1 over http::Outgoing: keeps the exchanges that instances have under way, and passes
// requests and responses across the boundary. Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <revenge/abi/http_client.h>

#include "http/fetch.hpp"
#include "http/outgoing.hpp"
#include "plugin/host_record.hpp"
#include "service/domain.hpp"
#include "service/handle_table.hpp"

namespace revenge::ext {

class HttpClientAdapter {
 public:
  HttpClientAdapter(service::Domain& domain) : domain_(domain), exchanges_(kHandleKind) {}
  static const revenge_http_client& table();

  // Once, before the first plugin is loaded.
  void goOutThrough(http::Outgoing& outgoing) { outgoing_ = &outgoing; }

  // What the instance has under way ends as cancelled, on the loop that carries it, and it begins nothing any more; how
  // many there were. An exchange keeps its instance inside until its end, so that a drain waits for it.
  std::size_t cancelAll(const revenge_host& host);
  // After the last drain but one: what is left is a response that nobody closed.
  std::size_t withdraw(const revenge_host& host);
  std::size_t count(const revenge_host& host) const { return exchanges_.count(host.instance); }

 private:
  friend struct HttpClientTable;
  static constexpr std::uint8_t kHandleKind = 20;
  static constexpr std::size_t kMaxExchanges =
      10'000;  // of one instance; those under way have a limit of their own

  bool leaves(service::InstanceRef instance) const {
    return leaving_[instance.index & (service::kMaxInstances - 1)].load() == instance.generation;
  }

  service::Domain& domain_;
  http::Outgoing* outgoing_ = nullptr;
  service::HandleTable<std::shared_ptr<http::Fetch>> exchanges_;  // shared with the loop that carries them
  // By index the generation for which cancelAll() was called. Set before the table is looked through, and read after an
  // exchange was put into it: one of the two finds it.
  std::array<std::atomic<std::uint32_t>, service::kMaxInstances> leaving_{};
};

}  // namespace revenge::ext
