// Greeter: greets by name and numbers the greetings since the last refresh. Safe from any thread.
//
// The domain of the plugin: it knows nothing of the host, and its test loads none.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace hello {

class Greeter {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  explicit Greeter(Clock clock);

  // The refusal names the key and what is wrong with it.
  static std::expected<void, std::string> accepts(const std::string& greeting);

  void use(const std::string& greeting);
  void refresh();
  // "Hello, ada (1 in 20 s)"
  std::string greet(std::string_view name);

 private:
  const Clock clock_;
  std::mutex mutex_;
  std::string greeting_ = "Hello";
  std::chrono::steady_clock::time_point since_;
  int greeted_ = 0;
};

}  // namespace hello
