// What a row's process leaves for the one that started it, in memory both share: it is there when the row has crashed.
// Thread safety: written from any thread of the child; read by the parent at any time, whole when the child has ended.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace revenge::check {

class Journal {
 public:
  // Mapped shared; unmapped by the one that made it.
  static Journal* make();
  static void end(Journal* journal);

  // By the row.
  void found(std::string_view finding);
  void note(std::string_view note);
  void notRun(std::string_view why);
  void finished() { finished_ = true; }
  // Code of the plugin is entered on this thread, and left. `limit` of 0: the row's own deadline.
  void entered(std::string_view phase, std::chrono::nanoseconds limit);
  void left();
  void called(std::string_view function);
  // In a signal handler: this thread is the one that ends the process.
  void crashed();
  void terminated(std::string_view why);

  // By the parent.
  struct Said {
    std::vector<std::string> findings;
    std::vector<std::string> notes;
    std::optional<std::string> notRun;
  };
  Said said() const;
  bool isFinished() const { return finished_; }
  struct Where {
    std::string phase;
    std::chrono::nanoseconds limit{};
  };
  // The thread that crashed, else one that is inside the plugin.
  Where where() const;
  std::string lastCall() const;
  std::string why() const;
  static constexpr std::size_t kThreads = 32;
  // What a thread is inside of. Another `since`: it has left meanwhile, and entered again; 0: it is outside.
  struct Stay {
    std::int64_t since = 0;
    Where where;
  };
  std::array<Stay, kThreads> stays() const;

 private:
  static constexpr std::size_t kText = 120;
  struct Phase {
    std::atomic<std::int64_t> since = 0;  // 0: outside of the plugin
    std::atomic<std::int64_t> limit = 0;
    std::array<char, kText> text{};
  };

  void say(char kind, std::string_view text);
  Phase& mine();
  static Where read(const Phase& phase);

  std::atomic<bool> finished_ = false;
  std::atomic<std::int32_t> crashed_ = -1;
  std::atomic<std::uint32_t> threads_ = 0;
  std::atomic<std::uint32_t> used_ = 0;
  std::array<Phase, kThreads> phases_;
  std::array<char, kText> call_{};
  std::array<char, 4 * kText> why_{};
  std::array<char, std::size_t{64} * 1024> text_{};
};

}  // namespace revenge::check
