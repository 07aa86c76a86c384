// The running host, as `revenge dev` needs it: by its control socket. Thread safety: confined to one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "document/value.hpp"
#include "revengectl/client.hpp"
#include "revengectl/connection.hpp"
#include "revengectl/response_reader.hpp"

namespace revenge::author {

// A plugin as the host shows it.
struct Seen {
  std::string version;  // empty: it never ran
  std::string state;
  std::filesystem::path folder;
  bool serves() const { return state == "running" || state == "degraded"; }
};

struct Swapped {
  std::string version;
  double took_ms = 0;
};

// What the host logs about one plugin, and what happens to it, from when it was opened on.
class HostTail {
 public:
  static base::Result<std::unique_ptr<HostTail>> open(const base::Clock& clock, const ctl::Place& place,
                                                      std::string_view id);
  int descriptor() const { return connection_.descriptor(); }
  // What has arrived; only when descriptor() is readable. False: the host has ended it.
  bool read(const std::function<void(const document::Value& line)>& line);

 private:
  HostTail(const base::Clock& clock, const ctl::Place& place);
  base::Result<> begin(std::string_view id);

  const ctl::Place place_;
  ctl::Connection connection_;
  ctl::ResponseReader reader_;
  std::string text_;  // of the body, not yet given away
};

class HostLink {
 public:
  HostLink(const base::Clock& clock, const std::string& socket);

  const std::string& socket() const { return place_.socket; }
  // Errors of both: kUnavailable (no host answers), kGone (it ended in the middle), kBusy (try again), else the host's
  // refusal.
  base::Result<std::optional<Seen>> look(const std::string& id) const;  // none: it knows no such plugin
  base::Result<Swapped> swap(const std::string& id, const std::filesystem::path& folder) const;
  base::Result<std::unique_ptr<HostTail>> tail(std::string_view id) const;

 private:
  base::Result<document::Value> ask(const ctl::Request& request) const;

  const base::Clock& clock_;
  const ctl::Place place_;
  const ctl::Client client_;
};

}  // namespace revenge::author
