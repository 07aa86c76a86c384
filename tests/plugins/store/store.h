/*
 * An ordered key-value store between plugins, table "test.store/1": every form a service can have.
 *
 * Keys are not empty and hold neither '=' nor a line break. After a handover the instance that was left refuses
 * changes with REVENGE_UNAVAILABLE; what it lent goes on reading what it had.
 */
#ifndef TEST_STORE_H
#define TEST_STORE_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TEST_STORE_ID "test.store/1"

typedef struct test_store {
  uint32_t size;
  uint32_t reserved;

  /* [any-thread] no-wait; two-way; owns: nothing. */
  revenge_status (*put)(void* self, const revenge_call* call, revenge_view key, revenge_view value,
                        revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: *value moves to the caller, to release before it leaves. A missing key is
     asked of the loader with the longest prefix, whose answer is not kept; else REVENGE_NOT_FOUND. */
  revenge_status (*get)(void* self, const revenge_call* call, revenge_view key, revenge_buffer* value,
                        revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing. */
  revenge_status (*remove)(void* self, const revenge_call* call, revenge_view key, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing. A counter: a missing key counts from 0. REVENGE_INVALID: the
     value is no number; REVENGE_LIMIT: the sum is none of 64 bits. */
  revenge_status (*add)(void* self, const revenge_call* call, revenge_view key, int64_t delta, int64_t* value,
                        revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing. How many keys there are. */
  revenge_status (*count)(void* self, const revenge_call* call, uint64_t* keys, revenge_error* error);

  /* Transactions. Closing the lease without commit rolls back. Enter by the lease; one call at a time. */

  /* [any-thread] no-wait; two-way; owns: *transaction is a lease of the caller. */
  revenge_status (*begin)(void* self, const revenge_call* call, revenge_handle* transaction,
                          revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing. Nobody else sees it before commit. */
  revenge_status (*transaction_put)(void* self, const revenge_call* call, revenge_handle transaction,
                                    revenge_view key, revenge_view value, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: *value as for get. The transaction's own value before the store's. */
  revenge_status (*transaction_get)(void* self, const revenge_call* call, revenge_handle transaction,
                                    revenge_view key, revenge_buffer* value, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing. All or nothing, once. */
  revenge_status (*commit)(void* self, const revenge_call* call, revenge_handle transaction,
                           revenge_error* error);

  /* Callbacks. They are called outside every lock; one whose owner has left is forgotten. */

  /* [any-thread] no-wait; two-way; owns: nothing. `callback` gets "key=value" after each change of a key under
     the prefix, "key" after its removal. The token outlives a handover. */
  revenge_status (*subscribe)(void* self, const revenge_call* call, revenge_view prefix,
                              revenge_handle callback, revenge_token* token, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing. */
  revenge_status (*unsubscribe)(void* self, const revenge_call* call, revenge_token token,
                                revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: nothing. `callback` gets a key and answers its value; 0: none any more. */
  revenge_status (*set_loader)(void* self, const revenge_call* call, revenge_view prefix,
                               revenge_handle callback, revenge_error* error);

  /* Reading in pieces, and waiting. `done` is a completion handle of the caller. */

  /* [any-thread] no-wait; two-way; owns: *cursor is a lease of the caller. The keys from `from` on, before `to`;
     an empty `to`: to the end. */
  revenge_status (*scan_open)(void* self, const revenge_call* call, revenge_view from, revenge_view to,
                              revenge_handle* cursor, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: *batch as for get. Lines "key=value", none at the end. REVENGE_OK: in
     *batch; REVENGE_PENDING: `done` gets them as its result. Enter by the lease; one call at a time. */
  revenge_status (*scan_next)(void* self, const revenge_call* call, revenge_handle cursor,
                              revenge_buffer* batch, revenge_handle done, revenge_error* error);
  /* [any-thread] no-wait; two-way; owns: *value as for get. REVENGE_OK: *value is set; REVENGE_PENDING: `done`
     gets the value once the key exists, REVENGE_GONE when this instance stops before. */
  revenge_status (*wait_for)(void* self, const revenge_call* call, revenge_view key, revenge_buffer* value,
                             revenge_handle done, revenge_error* error);
} test_store;

#ifdef __cplusplus
}
#endif

#endif
