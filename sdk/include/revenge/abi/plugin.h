/*
 * The handshake and the life of a plugin: the one exported symbol, the descriptor, the functions of an
 * instance.
 *
 * The host calls revenge_plugin_entry once after loading, copies the descriptor, and refuses the plugin when
 * it does not agree with plugin.json. Each load makes one instance. Lifecycle calls of a plugin are
 * serialised, run on a thread of their own with the deadline in call->deadline_ns, and never on an I/O thread
 * or a worker.
 *
 *   create -> restore? -> start -> (prepare -> commit | abort)* -> save? -> stop -> destroy
 *
 * `create` may register routes, timers, services; they become visible when the host publishes the instance,
 * which it does after `start` and `health` have answered REVENGE_OK. After `stop` no function but `destroy`
 * is entered (or `start`, when an exclusive swap has failed), after `destroy` none. What is still registered then, the host withdraws.
 */
#ifndef REVENGE_ABI_PLUGIN_H
#define REVENGE_ABI_PLUGIN_H

#include <revenge/abi/base.h>
#include <revenge/abi/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A leaf of the validated configuration: null, boolean, number or text under its JSON pointer ("/folders/0").
 */
enum {
  REVENGE_CONFIG_NULL = 0,
  REVENGE_CONFIG_BOOLEAN = 1, /* integer is 0 or 1 */
  REVENGE_CONFIG_INTEGER = 2,
  REVENGE_CONFIG_NUMBER = 3,
  REVENGE_CONFIG_TEXT = 4,
  REVENGE_CONFIG_EMPTY_ARRAY = 5,
  REVENGE_CONFIG_EMPTY_OBJECT = 6
};
typedef struct revenge_config_value {
  uint32_t size;
  uint32_t type;
  revenge_view pointer;
  int64_t integer;
  double number;
  revenge_view text;
} revenge_config_value;

/* The configuration of one plugin after its schema: defaults filled in, validated. Twice the same content: as
   JSON and as leaves in document order, so that a plugin needs no JSON reader. */
typedef struct revenge_config {
  uint32_t size;
  uint32_t reserved;
  uint64_t revision; /* rises with each change of this plugin's configuration */
  revenge_view json;
  const revenge_config_value* values;
  size_t value_count;
} revenge_config;

/* An instance, filled by `create`. `self` comes back as the first argument of every function. Functions may
   be NULL where marked optional. */
typedef struct revenge_instance {
  uint32_t size;
  uint32_t reserved;
  void* self;
  /* [lifecycle] no-wait; two-way; owns: nothing. Must be ready to serve when it returns. */
  revenge_status (*start)(void* self, const revenge_call* call, revenge_error* error);
  /* [lifecycle] no-wait; two-way; owns: nothing. Ends what the instance began; calls into it have already
   * ended. */
  revenge_status (*stop)(void* self, const revenge_call* call, revenge_error* error);
  /* [lifecycle] no-wait; one-way; owns: self ends. Also called after a failed or missing start. */
  void (*destroy)(void* self);
  /* [lifecycle] no-wait; two-way; owns: nothing. Optional. REVENGE_OK: healthy; REVENGE_UNAVAILABLE:
   * degraded. */
  revenge_status (*health)(void* self, const revenge_call* call, revenge_error* error);
  /* [lifecycle] no-wait; two-way; owns: nothing. Optional. May refuse; no visible effect until commit.
     Without it every valid configuration is accepted and `commit` alone is called. */
  revenge_status (*prepare)(void* self, const revenge_call* call, const revenge_config* next,
                            revenge_error* error);
  /* [lifecycle] no-wait; one-way; owns: nothing. Optional: without it the plugin is reloaded to change
     configuration. Cannot fail; `next` is the one prepared. */
  void (*commit)(void* self, const revenge_config* next);
  /* [lifecycle] no-wait; one-way; owns: nothing. Optional. The prepared configuration will not come. */
  void (*abort)(void* self);
  /* [lifecycle] no-wait; two-way; owns: *state moves to the host. Optional; required when plugin.json says
     state snapshot or handover. */
  revenge_status (*save)(void* self, const revenge_call* call, revenge_buffer* state, revenge_error* error);
  /* [lifecycle] no-wait; two-way; owns: nothing. Optional; between create and start. `version` is the semver
     of the plugin that saved. */
  revenge_status (*restore)(void* self, const revenge_call* call, revenge_view state, revenge_view version,
                            revenge_error* error);
  /* [lifecycle] no-wait; one-way; owns: nothing. Optional. The swap that `save` was called for has failed: what
     it sealed goes on as before. After an exclusive swap, which calls `stop` as well, `start` was called again. */
  void (*resume)(void* self);
} revenge_instance;

/* What an instance asks the host through. Lives as long as the process. */
typedef struct revenge_host_api {
  uint32_t size;
  uint32_t abi_generation;
  revenge_view version;     /* of the host, for messages only: ask for tables instead of comparing it */
  const revenge_host* host; /* first argument of every table function */
  /* [any-thread] no-wait; two-way; owns: nothing. The table `id` ("revenge.http/1") in the process's
     lifetime, or NULL when it is not offered. */
  const void* (*query)(const revenge_host* host, revenge_view id);
} revenge_host_api;

/* What the library is. Constant, in the library's own memory. */
typedef struct revenge_plugin {
  uint32_t size;
  uint32_t abi_generation;  /* REVENGE_ABI_GENERATION of the headers it was built with */
  revenge_view id;          /* as in plugin.json */
  revenge_view version;     /* as in plugin.json */
  revenge_view sdk_version; /* REVENGE_VERSION_STRING of the headers, for messages */
  /* [lifecycle] no-wait; two-way; owns: nothing. Fills *instance (its `size` is set to the host's). On
     failure nothing is left behind and no other function is called. */
  revenge_status (*create)(const revenge_host_api* api, const revenge_call* call,
                           const revenge_config* config, revenge_instance* instance, revenge_error* error);
} revenge_plugin;

/* The one symbol a plugin exports. `abi_generation` is the host's. NULL refuses; `error` then says why. */
typedef const revenge_plugin* (*revenge_plugin_entry_fn)(uint32_t abi_generation, revenge_error* error);
#define REVENGE_PLUGIN_ENTRY "revenge_plugin_entry"

#ifdef __cplusplus
}
#endif

#endif
