// Writes a line for each event of "news." and "flag." to the file of its configuration.
#include <fstream>
#include <thread>

#include <revenge/plugin.hpp>

struct Config {
  std::string file;
  int delay_ms = 0;
  int capacity = 0;
};
REVENGE_CONFIG(Config, file, delay_ms, capacity)

class Listener : public revenge::Plugin<Config> {
 public:
  explicit Listener(revenge::Host& host) {
    host.events().on(
        {"news.", "flag."}, [this](const revenge::ReceivedEvent& event) { note(event); },
        static_cast<std::uint32_t>(config().capacity));
  }

 private:
  void note(const revenge::ReceivedEvent& event) const {
    std::string line = REVENGE_PLUGIN_VERSION " ";
    line.append(event.kind()).append(" ").append(event.attribute("n")).append(event.attribute("flag"));
    line.append(" ").append(std::to_string(event.missed())).append("\n");
    std::ofstream(config().file, std::ios::app) << line;
    std::this_thread::sleep_for(std::chrono::milliseconds(config().delay_ms));
  }
};
REVENGE_PLUGIN(Listener)
