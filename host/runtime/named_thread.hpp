// Starts a thread that shows its name in ps, gdb and crash reports. Thread safety: free function, any thread.
#pragma once

#include <string>
#include <thread>

#include "base/executor.hpp"
#include "base/result.hpp"

namespace revenge::runtime {

// The kernel keeps the first 15 bytes of the name. kLimit when the system gives no more threads.
base::Result<std::thread> startThread(const std::string& name, base::Task body);

}  // namespace revenge::runtime
