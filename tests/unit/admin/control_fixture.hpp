// The control plane behind the real server on a Unix socket, with Plugins that find the packages a test writes. No code
// of a plugin runs: what a package can do wrong before that is enough to see every kind of answer.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <sys/stat.h>

#include "admin/routes.hpp"
#include "admin/top.hpp"
#include "document/json.hpp"
#include "flags/flags.hpp"
#include "flags/read.hpp"
#include "module/loader.hpp"
#include "observe/events.hpp"
#include "observe/health.hpp"
#include "plugin/plugins.hpp"
#include "runtime/transition_threads.hpp"
#include "unit/http/server_fixture.hpp"
#include "unit/plugin/no_crashes.hpp"

namespace revenge::admin {

class NoCapabilities final : public plugin::Capabilities {
 public:
  const void* open(const revenge_host&) override { return nullptr; }
  const void* table(std::string_view) const override { return nullptr; }
  void bind(service::GenerationBuilder&, const plugin::Scene&) override {}
  void published() override {}
  void pause(const revenge_host&) override {}
  base::Result<> contribute(service::GenerationBuilder&, const plugin::Scene&) override { return {}; }
  std::size_t cancelWaits(const revenge_host&) override { return 0; }
  void quiesce(const revenge_host&) override {}
  std::vector<std::string> join(const revenge_host&, base::Instant) override { return {}; }
  std::vector<std::string> withdraw(const revenge_host&) override { return {}; }
  std::vector<std::string> holders(const revenge_host&) const override { return {}; }
  std::vector<std::pair<std::string, std::uint64_t>> registrations(const revenge_host&) const override {
    return {};
  }
};

// Answers as it is told, in place.
class FakeCommands final : public plugin::Commands {
 public:
  base::Result<std::vector<plugin::CommandView>> list(std::string_view plugin) const override {
    if (plugin != "a") return base::fail(base::Errc::kUnavailable, "plugin '{}' does not serve", plugin);
    return views_;
  }
  plugin::CommandRunning run(plugin::CommandAsked asked, std::shared_ptr<base::Executor>,
                             plugin::CommandDone done) override {
    last_ = std::move(asked);
    done(answer_);
    return 0;
  }
  void cancel(plugin::CommandRunning) override {}

  std::vector<plugin::CommandView> views_;
  base::Result<std::string> answer_ = R"({"done": true})";
  plugin::CommandAsked last_;
};

// Says yes twice, then no; remembers what it was asked.
class FakeDesk final : public config::Desk {
 public:
  base::Result<std::vector<config::Entry>> get(std::string_view key) const override {
    if (key == "no.such") return base::fail(base::Errc::kNotFound, "no.such: unknown key");
    return std::vector{config::Entry{"log.level", document::Value("info"), false, "default"},
                       config::Entry{"plugins.a.password", document::Value(), true, "REVENGE_X_FILE"}};
  }
  base::Result<config::Explained> explain(std::string_view key) const override {
    config::Explained told;
    told.key = key;
    told.type = "an integer";
    told.effect = config::Effect::kHostRestart;
    told.value = document::Value(81);
    told.waits = "80";
    told.layers = {{"default", "default", document::Value(80)},
                   {"file", "revenge.yaml:2", document::Value(81)}};
    return told;
  }
  base::Result<std::vector<config::Difference>> diff(
      const std::optional<config::Draft>& draft) const override {
    if (draft && draft->text != "good")
      return base::fail(base::Errc::kInvalid, "{}:1: one\n{}:2: two", draft->name, draft->name);
    return differences();
  }
  config::Verdict validate(const config::Draft& draft) const override {
    return {{draft.name + ":1: " + draft.text}, {"odd"}};
  }
  config::HistoryView history() const override {
    config::Kept kept{3, base::WallTime(std::chrono::seconds(1'700'000'000)), "files", {"log.level"}, {}};
    return {3, {kept}, config::RefusedCandidate{{}, "files", {"revenge.yaml:1: no"}}, ""};
  }
  base::Result<config::Outcome> set(std::string_view key, std::string_view yaml,
                                    const config::Asked& asked) override {
    return changed(std::string(key) + "=" + std::string(yaml), asked);
  }
  base::Result<config::Outcome> unset(std::string_view key, const config::Asked& asked) override {
    return changed(std::string(key), asked);
  }
  base::Result<config::Outcome> rollback(std::uint64_t number, const config::Asked& asked) override {
    return changed(std::to_string(number), asked);
  }
  base::Result<config::Applied> reload(config::Whom whom, const config::Asked& asked) override {
    last_ = asked;
    whom_.push_back(whom);
    if (whom_.size() > 2) return base::fail(base::Errc::kInvalid, "revenge.yaml:1: no");
    return config::Applied{7, {"log.level", "http.port"}, {"http.port"}, {"a"}, {"b"}, {}, 4};
  }

  std::vector<config::Whom> whom_;
  std::string what_;
  config::Asked last_;

 private:
  static std::vector<config::Difference> differences() {
    config::Difference open{"http.port", document::Value(80),         document::Value(81), false,
                            "here",      config::Effect::kHostRestart};
    config::Difference hidden{"plugins.a.password", std::nullopt, document::Value(), true, "here",
                              config::Effect::kLive};
    return {open, hidden};
  }
  base::Result<config::Outcome> changed(std::string what, const config::Asked& asked) {
    what_ = std::move(what);
    last_ = asked;
    if (asked.decided_on && *asked.decided_on != 7) return base::fail(base::Errc::kStale, "another runs");
    config::Outcome outcome{config::Applied{7, {"http.port"}, {}, {}, {}, {}, 4},
                            differences(),
                            {"revenge.local.yaml"},
                            asked.run};
    return outcome;
  }
};

class ControlTest : public http::ServerTest {
 protected:
  ControlTest() {
    std::string name = (std::filesystem::temp_directory_path() / "revenge-admin-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    ::chmod(folder_.c_str(), 0755);
  }
  ~ControlTest() override {
    server_.reset();
    if (plugins_ != nullptr) (void)plugins_->shutdown(clock_.now());
    plugins_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void addPackage(const std::string& id, const std::string& manifest) {
    std::filesystem::create_directories(folder_ / "plugins" / id);
    std::ofstream(folder_ / "plugins" / id / "plugin.json") << manifest;
  }

  void serve() {
    std::filesystem::create_directories(folder_ / "plugins");
    std::filesystem::create_directories(folder_ / "state");
    auto loader = module::Loader::make(
        {.privateFolder = folder_ / "private", .stateFolder = folder_ / "state"}, clock_);
    ASSERT_TRUE(loader) << loader.error().message;
    loader_ = std::move(*loader);
    auto plugins = plugin::Plugins::open(
        {clock_, log_.log(), health_, events_, flags_, domain_, lanes_, transitions_, *loader_, capabilities_,
         [](const module::Manifest&,
            const std::string&) -> base::Result<std::shared_ptr<const plugin::Section>> {
           return base::fail(base::Errc::kFailed, "no configuration here");
         },
         [] { return base::Result<>(); }, [](pid_t) { return true; }, crashes_},
        {.folders = {folder_ / "plugins"}, .state_dir = folder_ / "state"});
    ASSERT_TRUE(plugins) << plugins.error().message;
    plugins_ = std::move(*plugins);
    audit_.emplace(AuditLog::Rooms{clock_, log_.log(), log_.metrics(), events_},
                   AuditLogOptions{.folder = folder_ / "state"});
    auto output =
        observe::LogOutput::open(clock_, log_.metrics(), {.standard_error = observe::LogStderr::kOff});
    ASSERT_TRUE(output);
    output_ = std::move(*output);
    feed_.emplace(*output_, lanes_.executor(lane_));
    routes_ = controlRoutes(
        {clock_,
         *plugins_,
         events_,
         health_,
         flags_,
         [this] { stopped_ = true; },
         desk_,
         [this](const flags::Edit& edit, const flags::Asked& asked) { return editFlag(edit, asked); },
         {"http://here"},
         &top_,
         log_.log(),
         *audit_,
         *feed_,
         &commands_,
         lanes_.executor(lane_),
         Operators(tokens_)},
        lane_);
    for (http::Route& route : publicRoutes(health_, log_.metrics())) routes_.push_back(std::move(route));
    start();
    const auto socket = server_->listenUnix((folder_ / "revenge.sock").string(), 0666);
    ASSERT_TRUE(socket) << socket.error().message;
    socket_ = *socket;
  }

  // Over a text instead of a file.
  base::Result<flags::Edited> editFlag(const flags::Edit& edit, const flags::Asked& asked) {
    if (asked.decided_on && *asked.decided_on != flags_.generation())
      return base::fail(base::Errc::kStale, "other flags are in force");
    const auto now = flags::readDefinitions(flags_text_, "flags.yaml");
    const auto text = flags::edited(flags_text_, "flags.yaml", *now, edit);
    if (!text) return std::unexpected(text.error());
    auto next = flags::readDefinitions(*text, "flags.yaml");
    flags::Edited done;
    done.before.key = edit.key;
    if (const auto* before = now->find(edit.key)) done.before = flags::view(*before, clock_.wall());
    done.after = flags::view(*next->find(edit.key), clock_.wall());
    done.run = asked.run;
    edited_by_ = asked.by;
    if (asked.run == flags::Run::kDry) return done;
    flags_text_ = *text;
    (void)flags_.publish(std::move(*next), asked.by);
    done.generation = flags_.generation();
    return done;
  }

  http::Reply get(const std::string& target) { return http::Client(socket_).get(target); }
  static http::Reply post(http::Client client, const std::string& target, const std::string& body = "") {
    client.send(fmt::format("POST {} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n{}", target,
                            body.size(), body));
    return client.read();
  }
  http::Reply post(const std::string& target, const std::string& body = "") {
    return post(http::Client(socket_), target, body);
  }

  // The status of a request over TCP.
  int withToken(const std::string& token, const std::string& method, const std::string& target,
                const std::string& body = "") {
    http::Client client = connect();
    client.send(fmt::format(
        "{} {} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{}", method,
        target, token, body.size(), body));
    return client.read().status;
  }

  static document::Value parsed(const std::string& json) {
    const auto value = document::parseJson(json, "answer");
    EXPECT_TRUE(value) << json;
    return value.value_or(document::Value());
  }
  static std::string text(const document::Value& value, std::string_view pointer) {
    const document::Value* const found = value.at(pointer);
    return found != nullptr && found->text() != nullptr ? *found->text() : "(none)";
  }

  std::filesystem::path folder_;
  std::string socket_;
  std::atomic<bool> stopped_{false};
  FakeDesk desk_;
  FakeCommands commands_;
  std::string flags_text_;
  std::string edited_by_;
  observe::Health health_{clock_};
  observe::EventStream events_{clock_};
  flags::Flags flags_{clock_, log_.metrics()};
  runtime::TransitionThreads transitions_{scheduler_, {}};
  NoCapabilities capabilities_;
  std::vector<Token> tokens_;
  std::optional<AuditLog> audit_;
  std::unique_ptr<observe::LogOutput> output_;
  std::optional<LogFeed> feed_;
  TopReadings top_{log_.metrics(), scheduler_, nullptr};
  std::unique_ptr<module::Loader> loader_;
  plugin::NoCrashes crashes_;
  std::unique_ptr<plugin::Plugins> plugins_;
};

}  // namespace revenge::admin
