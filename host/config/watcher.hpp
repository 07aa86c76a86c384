// Notices that the files of the configuration have become others, however that came about: events and a slow poll only
// mark them dirty, and when they have been quiet for a while their content decides. Whoever owns it calls step() when
// descriptor() is readable and when it said it wants to be called. Thread safety: confined to one thread, which may
// wait for disks and for take(). Source of the algorithm: the debounce with a maximum wait is consul-template's "wait".
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/file_events.hpp"
#include "config/snapshot.hpp"
#include "config/sources.hpp"

namespace revenge::config {

struct WatchTimes {
  base::Duration debounce = std::chrono::seconds(1);  // of quiet, before the files are read
  base::Duration longest = std::chrono::seconds(4);   // from the first event: a busy writer delays no further
  base::Duration poll = std::chrono::seconds(5);      // where no event comes: other machines, overlay mounts
};

enum class Taken { kDone, kNotNow };  // kNotNow: ask again a debounce later

struct WatchHandlers {
  std::function<Problems(const Sources&)> check;  // why these files are no configuration
  std::function<Taken(const Sources&)> take;      // called with files that passed check()
  std::function<void(const Problems&)> refuse;    // the files as they are now are none; once for each content
  std::function<void(const std::string&)> sees;   // what events do not tell, and why; empty: they tell all
};

class Watcher {
 public:
  // `running` is what is in force.
  Watcher(Places places, Sources running, WatchHandlers handlers, base::Instant now, WatchTimes times = {},
          FileEvents events = FileEvents());

  int descriptor() const {
    return events_.descriptor();
  }  // may become another one in step(); -1: there is none
  // Does what is due and says when it wants to be called at the latest.
  base::Instant step(base::Instant now);

 private:
  // Device, inode, size and times: content cannot change and leave all of them, since nobody sets the last one.
  using Signature = std::vector<std::string>;

  std::vector<std::string> paths() const;
  Signature signature() const;
  Problems emptied(const Sources& sources) const;
  bool hasLost(const Sources& sources) const;
  void arm();
  void mark(base::Instant now);
  void lookAgain(base::Instant now);
  void settle(base::Instant now);

  const Places places_;
  const WatchHandlers handlers_;
  const WatchTimes times_;
  FileEvents events_;
  std::string trouble_;
  Sources running_;
  Sources refused_;
  Signature seen_;
  bool dirty_ = false;
  bool doubted_ = false;  // the files were odd once, and get a second look
  base::Instant first_;   // event since they were clean
  base::Instant due_;
  base::Instant next_poll_;
};

}  // namespace revenge::config
