// POST /run/{way}?... with a shell script as its body, and what became of it as the answer: "<how> <code> <signal>\n" and
// what it said.
#include <revenge/plugin.hpp>

using namespace revenge;

class Forker : public Plugin<> {
 public:
  explicit Forker(Host& host) {
    host.http().post("/run/wait", [this](const Request& request) {
      return shown(this->host().processes().run(request.call(), asked(request)).wait());
    });
    host.http().post("/run/await", [this](const Request& request) { return awaited(request); },
                     {.run = Run::kInline, .body = Body::kWhole});
    host.http().post("/run/stream", [this](const Request& request) { return streamed(request); });
    host.http().post("/run/echo", [this](const Request& request) { return echoed(request); });
    // Begins one that nobody waits for, and answers its first words.
    host.http().post("/run/leave", [this](const Request& request) { return left(request); });
  }

  ~Forker() override { host().log().info("destroyed"); }

 private:
  static Command asked(const Request& request) {
    Command command{.arguments = {"sh", "-c", std::string(request.body())}};
    if (const auto seconds = request.query("timeout_ms"))
      command.timeout = std::chrono::milliseconds(std::stoi(std::string(*seconds)));
    if (const auto program = request.query("program")) command.arguments = {std::string(*program)};
    return command;
  }
  static std::string describe(const ProcessResult& result) {
    return std::to_string(static_cast<unsigned>(result.ended())) + " " + std::to_string(result.exitCode()) +
           " " + std::to_string(result.signal()) + "\n" + std::string(result.out()) +
           std::string(result.err());
  }
  static Response shown(const Result<ProcessResult>& result) {
    if (!result) return text(result.error().message).withStatus(502);
    return text(describe(*result));
  }

  Task<Response> awaited(const Request& request) {
    co_return shown(co_await host().processes().run(request.call(), asked(request)));
  }
  Task<Response> streamed(const Request& request) {
    Command command = asked(request);
    command.out = ChildOutput::stream();
    const auto child = co_await host().processes().open(request.call(), std::move(command));
    if (!child) co_return text(child.error().message).withStatus(502);
    std::size_t bytes = 0;
    for (;;) {
      const auto piece = co_await child->read();
      if (!piece) co_return text(piece.error().message).withStatus(502);
      if (!*piece) break;
      bytes += (*piece)->size();
    }
    const auto result = co_await child->ended();
    if (!result) co_return shown(result);
    co_return text(std::to_string(bytes) + "\n" + describe(*result));
  }
  // Its input goes to the child piece by piece, and comes back.
  Task<Response> echoed(const Request& request) {
    Command command{.arguments = {"cat"}};
    command.feed = ChildInput::kStream;
    command.out = ChildOutput::stream();
    const auto child = co_await host().processes().open(request.call(), std::move(command));
    if (!child) co_return text(child.error().message).withStatus(502);
    std::string came;
    for (int i = 0; i < 16; ++i) {
      const std::string piece(32768, static_cast<char>('a' + i));
      const auto room = co_await child->write(piece);
      if (!room || !*room) co_return text("not written").withStatus(502);
      while (came.size() < static_cast<std::size_t>(i + 1) * piece.size()) {
        const auto back = co_await child->read();
        if (!back || !*back) co_return text("not read").withStatus(502);
        came += **back;
      }
    }
    static_cast<void>(child->finish());
    const auto result = co_await child->ended();
    if (!result) co_return shown(result);
    co_return text(std::to_string(came.size()) + "\n" + describe(*result));
  }
  Task<Response> left(const Request& request) {
    Command command = asked(request);
    command.out = ChildOutput::stream();
    auto child = co_await host().processes().open(std::move(command));
    if (!child) co_return text(child.error().message).withStatus(502);
    std::string said;
    while (!said.ends_with("\n\n")) {
      const auto piece = co_await child->read();
      if (!piece || !*piece) break;
      said += **piece;
    }
    run(host(), watch(std::move(*child)));
    co_return text(said);
  }
  Task<> watch(ChildProcess child) {
    const auto result = co_await child.ended();
    host().log().info("left one ended: " + (result ? describe(*result) : result.error().message));
    Command more{.arguments = {"true"}};
    const auto late = co_await host().processes().run(std::move(more));
    host().log().info("late one: " + (late ? describe(*late) : late.error().message));
  }
};
REVENGE_PLUGIN(Forker)
