// Plugin and REVENGE_PLUGIN: a C++ class as a plugin. Including this header brings the whole glue.
//
// The host makes one object for each load, on a thread of its own, and serialises the virtual functions below;
// handlers, timers and jobs run beside them on other threads. Whatever throws is turned into a status with the
// exception's text at the boundary: nothing here needs a try.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include <revenge/absence.hpp>
#include <revenge/call.hpp>
#include <revenge/clock.hpp>
#include <revenge/command.hpp>
#include <revenge/config.hpp>
#include <revenge/events.hpp>
#include <revenge/flags.hpp>
#include <revenge/health.hpp>
#include <revenge/http.hpp>
#include <revenge/http_client.hpp>
#include <revenge/log.hpp>
#include <revenge/metrics.hpp>
#include <revenge/paths.hpp>
#include <revenge/process.hpp>
#include <revenge/result.hpp>
#include <revenge/service.hpp>
#include <revenge/span.hpp>
#include <revenge/spawn.hpp>
#include <revenge/task.hpp>
#include <revenge/timers.hpp>

namespace revenge {

namespace detail {

// A virtual base, so that the class the boundary instantiates hands host and configuration to the innermost
// base itself, and a plugin's constructor need not pass them on.
class Origin {
 protected:
  Origin() = default;
  Origin(Host& host, const revenge_config& config) : host_(&host), config_(&config) {}

  Host& host() const {
    if (host_ == nullptr) throw Failure(Errc::kGone, "a plugin object that was not made by a host");
    return *host_;
  }
  const revenge_config& initialConfig() const { return host(), *config_; }

 private:
  Host* host_ = nullptr;
  const revenge_config* config_ = nullptr;  // alive until the constructor has returned
};

template <class P>
struct Boundary;

}  // namespace detail

// Derive from it; the constructor takes `Host&` (or nothing) and registers routes, timers, services. They
// become visible when the host publishes the instance.
template <class Config = NoConfig>
class Plugin : public virtual detail::Origin {
 public:
  using ConfigType = Config;

  Plugin() { keep(std::make_unique<Config>(readConfig<Config>(initialConfig()))); }
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  virtual ~Plugin() = default;

  // Must be ready to serve on success.
  virtual Status start() { return {}; }
  // Calls into the plugin have already ended.
  virtual Status stop() { return {}; }
  // kUnavailable: degraded, still serving; other failures: unhealthy.
  virtual Status health() { return {}; }
  // May refuse a configuration that its schema accepts; no visible effect. Also asked for the first one, right
  // after the constructor.
  virtual Status check(const Config&) { return {}; }
  // The checked configuration is in force, config() already answers it. Cannot fail. Also called for the first
  // one, before start(). A plugin that overrides it, in public, takes changes while it runs; one that does not is started
  // anew for them, so that none is ever ignored.
  virtual void configure(const Config&) {}
  // For plugins whose plugin.json declares a state: what the next version restores, between its constructor
  // and start().
  virtual Result<std::string> save() { return fail(Errc::kRefused, "this plugin has no state to save"); }
  virtual Status restore(std::string_view /*state*/, std::string_view /*version*/) {
    return fail(Errc::kRefused, "this plugin restores no state");
  }
  // The swap that save() was called for has failed: what it sealed goes on. After an exclusive swap, which calls stop() as
  // well, start() was called again before.
  virtual void resume() {}

 protected:
  using detail::Origin::host;

  // The configuration in force; from any thread. The reference stays good as long as the plugin.
  // Rationale: configurations are small and change by hand, so each is kept until the instance ends, and a
  // reader needs neither a lock nor a reference count.
  const Config& config() const { return *current_.load(std::memory_order_acquire); }

 private:
  template <class P>
  friend struct detail::Boundary;

  void keep(std::unique_ptr<const Config> config) {
    kept_.push_back(std::move(config));
    current_.store(kept_.back().get(), std::memory_order_release);
  }

  std::vector<std::unique_ptr<const Config>> kept_;  // touched by lifecycle calls alone
  std::unique_ptr<const Config> prepared_;
  std::atomic<const Config*> current_;
};

namespace detail {

// The C functions of one instance of P: every one a few lines inside `guarded`.
template <class P>
struct Boundary {
  using Config = typename P::ConfigType;
  static constexpr bool kConfiguresLive = [] {
    if constexpr (requires { &P::configure; })
      return !std::is_same_v<decltype(&P::configure), void (Plugin<Config>::*)(const Config&)>;
    else
      return false;
  }();
  static_assert(!std::is_final_v<P>, "the glue derives from the plugin class: it cannot be final");

  struct Made final : P {
    Made(Host& host, const revenge_config& config)
      requires std::is_constructible_v<P, Host&>
        : Origin(host, config), P(host) {}
    Made(Host& host, const revenge_config& config)
      requires(!std::is_constructible_v<P, Host&>)
        : Origin(host, config), P() {}
  };

  Boundary(const revenge_host_api& api, const revenge_config& config)
      : host(api), plugin(std::make_unique<Made>(host, config)) {}
  Boundary(const Boundary&) = delete;
  Boundary& operator=(const Boundary&) = delete;
  // Suspended coroutines may use the plugin's members, and these may hold registrations: in this order.
  ~Boundary() {
    host.coroutines().clear();
    plugin.reset();
  }

  static revenge_status create(const revenge_host_api* api, const revenge_call*, const revenge_config* config,
                               revenge_instance* instance, revenge_error* error) noexcept {
    return boundary::guarded(error, [&] {
      auto filled = boundary::sized<revenge_instance>();
      filled.start = start;
      filled.stop = stop;
      filled.destroy = destroy;
      filled.health = health;
      filled.prepare = prepare;
      if constexpr (kConfiguresLive) filled.commit = commit;
      filled.abort = abort;
      filled.save = save;
      filled.restore = restore;
      filled.resume = resume;
      auto made = std::make_unique<Boundary>(*api, *config);
      const Config& initial = of(made.get()).config();
      orThrow(of(made.get()).check(initial));
      of(made.get()).configure(initial);
      filled.self = made.release();
      // The host's struct may be older and shorter than ours.
      filled.size = instance->size;
      std::memcpy(instance, &filled, std::min<std::size_t>(instance->size, sizeof filled));
    });
  }

  static revenge_status start(void* self, const revenge_call*, revenge_error* error) noexcept {
    return boundary::guarded(error, [&] { return of(self).start(); });
  }
  static revenge_status stop(void* self, const revenge_call*, revenge_error* error) noexcept {
    return boundary::guarded(error, [&] { return of(self).stop(); });
  }
  static void destroy(void* self) noexcept { delete static_cast<Boundary*>(self); }

  static revenge_status health(void* self, const revenge_call*, revenge_error* error) noexcept {
    return boundary::guarded(error, [&] { return of(self).health(); });
  }
  static revenge_status prepare(void* self, const revenge_call*, const revenge_config* next,
                                revenge_error* error) noexcept {
    return boundary::guarded(error, [&]() -> Status {
      auto config = std::make_unique<const Config>(readConfig<Config>(*next));
      if (Status accepted = of(self).check(*config); !accepted) return accepted;
      of(self).prepared_ = std::move(config);
      return {};
    });
  }
  static void commit(void* self, const revenge_config* next) noexcept {
    auto& boundary = *static_cast<Boundary*>(self);
    boundary.host.contained("configure", [&] {
      auto config = std::exchange(of(self).prepared_, nullptr);
      if (config == nullptr) config = std::make_unique<const Config>(readConfig<Config>(*next));
      of(self).keep(std::move(config));
      of(self).configure(of(self).config());
    });
  }
  static void abort(void* self) noexcept { of(self).prepared_ = nullptr; }

  static revenge_status save(void* self, const revenge_call*, revenge_buffer* state,
                             revenge_error* error) noexcept {
    return boundary::guarded(error, [&]() -> Status {
      Result<std::string> saved = of(self).save();
      if (!saved) return std::unexpected(std::move(saved.error()));
      *state = boundary::give(std::move(*saved));
      return {};
    });
  }
  static void resume(void* self) noexcept {
    static_cast<Boundary*>(self)->host.contained("resume", [&] { of(self).resume(); });
  }
  static revenge_status restore(void* self, const revenge_call*, revenge_view state, revenge_view version,
                                revenge_error* error) noexcept {
    return boundary::guarded(
        error, [&] { return of(self).restore(boundary::text(state), boundary::text(version)); });
  }

  static Plugin<Config>& of(void* self) { return *static_cast<Boundary*>(self)->plugin; }

  Host host;
  std::unique_ptr<Made> plugin;
};

inline const revenge_plugin* descriptor(const revenge_plugin& plugin, std::uint32_t host_generation,
                                        revenge_error* error) noexcept {
  if (host_generation >= REVENGE_ABI_GENERATION) return &plugin;
  boundary::write(error, "built for a newer generation of the plugin ABI than this host has");
  return nullptr;
}

}  // namespace detail
}  // namespace revenge

#if defined(REVENGE_PLUGIN_ID) && defined(REVENGE_PLUGIN_VERSION)
// The library's one symbol. Id and version come from plugin.json by way of revenge_add_plugin().
#define REVENGE_PLUGIN(Class)                                                                   \
  extern "C" __attribute__((visibility("default"))) const revenge_plugin* revenge_plugin_entry( \
      std::uint32_t abi_generation, revenge_error* error) {                                     \
    static constinit const revenge_plugin plugin = {                                            \
        sizeof(revenge_plugin),                                                                 \
        REVENGE_ABI_GENERATION,                                                                 \
        {REVENGE_PLUGIN_ID, sizeof(REVENGE_PLUGIN_ID) - 1},                                     \
        {REVENGE_PLUGIN_VERSION, sizeof(REVENGE_PLUGIN_VERSION) - 1},                           \
        {REVENGE_VERSION_STRING, sizeof(REVENGE_VERSION_STRING) - 1},                           \
        &::revenge::detail::Boundary<Class>::create};                                           \
    return ::revenge::detail::descriptor(plugin, abi_generation, error);                        \
  }
#else
#define REVENGE_PLUGIN(Class) \
  static_assert(false, "REVENGE_PLUGIN_ID is missing: build the plugin with revenge_add_plugin()");
#endif
