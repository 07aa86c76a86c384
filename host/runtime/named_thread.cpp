#include "runtime/named_thread.hpp"

#include <system_error>

#include <pthread.h>

#include "base/host_threads.hpp"

namespace revenge::runtime {

base::Result<std::thread> startThread(const std::string& name, base::Task body) try {
  return std::thread([shown = name.substr(0, 15), body = std::move(body)]() mutable {
    pthread_setname_np(pthread_self(), shown.c_str());
    const base::HostThread known;
    body();
  });
} catch (const std::system_error& error) {
  return base::fail(base::Errc::kLimit,
                    "thread '{}' did not start: {}; raise the limit of tasks (TasksMax, ulimit -u)", name,
                    error.what());
}

}  // namespace revenge::runtime
