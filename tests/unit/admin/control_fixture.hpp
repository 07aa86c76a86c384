// The control plane behind the real server on a Unix socket, with Plugins that find the packages a test writes. No code
// of a plugin runs: what a package can do wrong before that is enough to see every kind of answer.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <sys/stat.h>

#include "admin/routes.hpp"
#include "document/json.hpp"
#include "module/loader.hpp"
#include "observe/events.hpp"
#include "observe/health.hpp"
#include "plugin/plugins.hpp"
#include "runtime/transition_threads.hpp"
#include "unit/http/server_fixture.hpp"

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
        {clock_, log_.log(), health_, events_, domain_, lanes_, transitions_, *loader_, capabilities_,
         [](const module::Manifest&,
            const std::string&) -> base::Result<std::shared_ptr<const plugin::Section>> {
           return base::fail(base::Errc::kFailed, "no configuration here");
         },
         [] { return base::Result<>(); }, [](pid_t) { return true; }},
        {.folders = {folder_ / "plugins"}, .state_dir = folder_ / "state"});
    ASSERT_TRUE(plugins) << plugins.error().message;
    plugins_ = std::move(*plugins);
    routes_ = controlRoutes({clock_,
                             *plugins_,
                             events_,
                             health_,
                             [this] { stopped_ = true; },
                             [this](config::Whom whom) -> base::Result<config::Applied> {
                               asked_.push_back(whom);
                               if (asked_.size() > 2)
                                 return base::fail(base::Errc::kInvalid, "revenge.yaml:1: no");
                               return config::Applied{
                                   7, {"log.level", "http.port"}, {"http.port"}, {"a"}, {"b"}, {}};
                             },
                             {"http://here"}},
                            lane_);
    for (http::Route& route : publicRoutes(health_, log_.metrics())) routes_.push_back(std::move(route));
    start();
    const auto socket = server_->listenUnix((folder_ / "revenge.sock").string(), 0666);
    ASSERT_TRUE(socket) << socket.error().message;
    socket_ = *socket;
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
  std::vector<config::Whom> asked_;
  observe::Health health_{clock_};
  observe::EventStream events_{clock_};
  runtime::TransitionThreads transitions_{scheduler_, {}};
  NoCapabilities capabilities_;
  std::unique_ptr<module::Loader> loader_;
  std::unique_ptr<plugin::Plugins> plugins_;
};

}  // namespace revenge::admin
