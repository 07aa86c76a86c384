// Probing: what is in files, found out after they are listed: of media some at a time in niced children, of sidecars (.nfo) before
// them and right here. A file that is corrupt, or that ffprobe hangs on, costs only itself.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include <revenge/plugin.hpp>
#include <revenge/sql.hpp>

#include "catalogue/id.hpp"
#include "disk/folder.hpp"

namespace library {

struct ProbingOptions {
  std::string program;  // ffprobe
  std::chrono::milliseconds timeout{0};
};

class Probing {
 public:
  // `tagged` is told of folders whose tracks or sidecars turned out to say what is to be placed or shown otherwise.
  Probing(revenge::Host& host, revenge::Sql sql, ProbingOptions options,
          std::function<void(std::int64_t root, std::int64_t folder)> tagged);

  // There may be files to look into.
  void wake();
  // A thread's function; as many at once as there are threads. They return after close().
  void run(const revenge::StopToken& stop, const revenge::Call& call);
  void close();
  // Why nothing can be probed; empty: it can.
  std::string trouble() const;

 private:
  struct Waiting {
    Id id;
    std::int64_t root_id = 0;
    std::int64_t folder = 0;
    std::string root;
    std::string path;
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;
    std::uint64_t inode = 0;
    bool is_sidecar = false;
    bool is_of_something = false;  // of a sidecar: a title or an item
    bool describes_title = false;  // by its name
    bool said_something = false;
  };
  struct Found {
    Id id;
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;
    std::int64_t state = 0;
    std::string error{};
    std::string facts{};
    std::optional<std::int64_t> duration_ms{};
    std::string sample{};
    std::string tags{};
    std::int64_t root_id = 0;
    std::int64_t folder = 0;
    bool places_anew = false;
    bool is_text_alone = false;  // no sidecar at all
  };
  enum class Which : std::uint8_t { kSidecars, kMedia };

  std::optional<Waiting> next(const revenge::StopToken& stop, const revenge::Call& call);
  bool fill(Which which, const revenge::Call& call);
  std::optional<Found> look(const Waiting& file, const revenge::Call& call);
  std::optional<Found> readSidecar(const Waiting& file, Found found, const disk::Root& root,
                                   const revenge::Call& call) const;
  std::vector<std::string> rootsBeside(std::int64_t root, const revenge::Call& call) const;
  void keep(Found found, const revenge::Call& call);
  bool write(std::vector<Found> found, const revenge::Call& call);

  revenge::Host& host_;
  revenge::Sql sql_;
  const ProbingOptions options_;
  const std::function<void(std::int64_t root, std::int64_t folder)> tagged_;
  const revenge::Counter probesTotal_;
  const revenge::Counter failuresTotal_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> queue_;
  std::set<Id> in_hand_;  // asked for, not yet written
  std::vector<Found> found_;
  std::set<Id> passed_over_;  // of those: sidecars that changed, which are listed anew
  bool may_have_more_ = true;
  bool may_have_sidecars_ = true;
  bool is_filling_ = false;
  bool is_closed_ = false;
  std::string trouble_;
  std::chrono::steady_clock::time_point not_before_{};      // ffprobe is run again
  std::chrono::steady_clock::time_point ask_not_before_{};  // the database is asked again
};

}  // namespace library
