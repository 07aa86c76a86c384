/*
 * Services between plugins, table "revenge.service/1": provide, require, enter, and the handles that calls
 * hand out.
 *
 * An interface is a sized struct of functions with an id ("acme.store/1"); each function takes the provider's
 * `self` and a const revenge_call* first. A consumer never holds that struct: it holds a slot and enters it
 * around each call, so that the provider can be replaced between two calls and is never unmapped beneath one.
 */
#ifndef REVENGE_ABI_SERVICE_H
#define REVENGE_ABI_SERVICE_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_SERVICE_ID "revenge.service/1"

/* An interface this instance offers. Both pointers live until `destroy`. The id stands in plugin.json under
 * provides. */
typedef struct revenge_provision {
  uint32_t size;
  uint32_t reserved;
  revenge_view interface_id;
  const void* table;
  void* self;
} revenge_provision;

/* A call in progress. The caller provides it with `size` set, and does not copy it. */
typedef struct revenge_entry {
  uint32_t size;
  uint32_t reserved;
  const void* table; /* the provider's functions; valid until leave */
  void* self;        /* their first argument */
  revenge_call call; /* their second argument: the caller's with depth and caller set by the host */
  uint64_t held[2];  /* the host's */
} revenge_entry;

/* A function of one plugin that another may call through the host. */
typedef struct revenge_function {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /* [any-thread] no-wait; two-way; owns: *result moves to the caller. */
  revenge_status (*call)(void* context, const revenge_call* call, revenge_view argument,
                         revenge_buffer* result, revenge_error* error);
  /* [io] no-wait; one-way; owns: context ends. NULL: the owner keeps it until destroy. Runs once, entered into
     the owner and before its destroy, when the host will not run `call` again and no run is in progress: for a
     callback that was closed, for a completion that has ended. Not for a function that was refused. */
  void (*released)(void* context);
} revenge_function;

/* What a lease handle stands for inside the instance that issued it. */
typedef struct revenge_leased {
  uint32_t size;
  uint32_t reserved;
  void* object;
  /* [any-thread] no-wait; one-way; owns: object ends. Runs once, when the lease ends, entered into the
   * issuer. */
  void (*ended)(void* object);
} revenge_leased;

typedef struct revenge_service {
  uint32_t size;
  uint32_t reserved;

  /* [any-thread] no-wait; two-way; owns: *provision belongs to the caller until destroy. Visible to consumers
     when the instance is published. */
  revenge_status (*provide)(const revenge_host* host, const revenge_provision* provision,
                            revenge_handle* handle, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: *slot belongs to the caller until destroy. The id must stand in
     plugin.json under requires. Succeeds also while nobody provides it. */
  revenge_status (*require)(const revenge_host* host, revenge_view interface_id, revenge_handle* slot,
                            revenge_error* error);
  /* [io] no-wait; two-way; owns: the provider is held until leave. REVENGE_UNAVAILABLE: no provider now. */
  revenge_status (*enter)(const revenge_host* host, const revenge_call* call, revenge_handle slot,
                          revenge_entry* entry, revenge_error* error);
  /* [io] no-wait; one-way; owns: the hold ends. Once for each successful enter, on any thread. */
  void (*leave)(const revenge_host* host, revenge_entry* entry);

  /* Lease handles: a transaction, a cursor, a stream. Stays with the instance that issued it and keeps it
   * mapped. */

  /* [any-thread] no-wait; two-way; owns: *lease is for the instance `call->caller`; the issuer stays held. */
  revenge_status (*lease_open)(const revenge_host* host, const revenge_call* call,
                               const revenge_leased* leased, revenge_handle* lease, revenge_error* error);
  /* [io] no-wait; two-way; owns: the issuer is held until leave. As enter, but into the instance that issued
     `lease` while it is inside `slot`'s interface. For the holder of the lease only. */
  revenge_status (*lease_enter)(const revenge_host* host, const revenge_call* call, revenge_handle slot,
                                revenge_handle lease, revenge_entry* entry, revenge_error* error);
  /* [io] no-wait; two-way; owns: nothing. The object behind a lease; for the issuer only, NULL when it is not
   * its own. */
  void* (*lease_object)(const revenge_host* host, revenge_handle lease);
  /* [any-thread] no-wait; two-way; owns: the lease ends. By the holder or the issuer. */
  revenge_status (*lease_close)(const revenge_host* host, revenge_handle lease);

  /* [any-thread] no-wait; two-way; owns: nothing. A number never given before in this run: a token. What it
     means is in the provider's own state, and moves with it. */
  revenge_token (*token)(const revenge_host* host);

  /* Callback handles: how a function of one plugin reaches another. */

  /* [any-thread] no-wait; two-way; owns: *callback belongs to the caller until callback_close or destroy. */
  revenge_status (*callback_open)(const revenge_host* host, const revenge_function* function,
                                  revenge_handle* callback, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: *result moves to the caller. Enters the owner, or REVENGE_GONE. */
  revenge_status (*callback_call)(const revenge_host* host, const revenge_call* call, revenge_handle callback,
                                  revenge_view argument, revenge_buffer* result, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: the callback ends. */
  revenge_status (*callback_close)(const revenge_host* host, revenge_handle callback);

  /* Completions across plugins: the consumer opens one, passes the handle, the provider finishes it. */

  /* [any-thread] no-wait; two-way; owns: *handle belongs to the caller until it completed. Once accepted it
     completes by itself with REVENGE_TIMED_OUT at the call's deadline, REVENGE_GONE when the provider leaves,
     REVENGE_CANCELLED when the caller does. Until then nothing completes it: what the function it is passed to
     answers in place counts, and the caller then closes it by completion_cancel. */
  revenge_status (*completion_open)(const revenge_host* host, const revenge_call* call,
                                    const revenge_completion* completion, revenge_handle* handle,
                                    revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing. By the provider, before it answers REVENGE_PENDING: from
     here on the completion is its to finish. `cancelled` (may be NULL; argument and result of its `call` are empty) runs when
     nobody waits any more, perhaps before this returns: the deadline may have passed already. REVENGE_GONE:
     the caller has closed it meanwhile, and wants an answer in place, whatever it is. */
  revenge_status (*completion_accept)(const revenge_host* host, revenge_handle handle,
                                      const revenge_function* cancelled, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing, result and error are copied. REVENGE_GONE: already
   * complete. */
  revenge_status (*completion_finish)(const revenge_host* host, revenge_handle handle, revenge_status status,
                                      revenge_view result, const revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing. By the consumer: completes with REVENGE_CANCELLED unless it
     already has. One that the provider did not accept (it answered in place) is closed without running `complete`. */
  revenge_status (*completion_cancel)(const revenge_host* host, revenge_handle handle);
} revenge_service;

#ifdef __cplusplus
}
#endif

#endif
