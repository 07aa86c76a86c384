/*
 * Draft: may change in the next release.
 *
 * Resilience as a service, interface "revenge.resilience/1": a plugin that holds policies (breaker, retry, rate limit,
 * bulkhead, timeout, ...) in pipelines, as the operator configured them, tells its callers when to make a call and
 * whether to make it again. The call itself stays with the caller: one function before it, one behind it.
 *
 *   acquire             REVENGE_OK: make the call, then settle. A failure: the call is not to be made.
 *   settle              REVENGE_OK and no token: it is over. A token: make the call again, and settle again.
 *
 * A permit is a token: a number that keeps nothing alive. It is settled by whatever instance provides the interface by
 * then, also one that replaced the issuer meanwhile: that one gives back what was held and counts the outcome, and makes
 * no further attempt. What a plugin holds when its instance ends is given back as abandoned.
 *
 * Waiting. Both take `done`, a completion handle of revenge.service/1. 0: where they have to wait (for a place in a
 * queue, for a retry's delay) they do it on this thread, which must be one that may block. Else they may answer
 * REVENGE_PENDING, and finish `done` with what they would have answered and a revenge_resilience_permit as bytes.
 * A completion that is cancelled, or a call whose deadline passes, waits no longer and holds nothing.
 *
 * What a failure of both means; the permit says which policy it was, and when it is worth asking again:
 *   REVENGE_UNAVAILABLE  an open or isolated breaker; an adaptive limit
 *   REVENGE_LIMIT        a full bulkhead, a rate, the retries or their budget are exhausted
 *   REVENGE_TIMED_OUT    a timeout of the pipeline, or the call's deadline
 *   REVENGE_CANCELLED    nobody waits for it any more
 *   REVENGE_INVALID      more than can ever be granted, an unknown verdict or priority
 *   REVENGE_NOT_FOUND    acquire: no pipeline of that name
 *   REVENGE_GONE         settle: there is no such permit, or it is another plugin's
 * settle fails so where the pipeline ends the run with a refusal of its own; where the call's own failure is what the
 * run ended with, settle answers REVENGE_OK, and the caller knows it.
 */
#ifndef REVENGE_ABI_RESILIENCE_H
#define REVENGE_ABI_RESILIENCE_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_RESILIENCE_ID "revenge.resilience/1"

/* Who is let in first, and shed last. */
enum { REVENGE_PLAYBACK = 0, REVENGE_BROWSING = 1, REVENGE_BACKGROUND = 2 };

/* Of a request. */
enum {
  REVENGE_RESILIENCE_REPEATABLE = 1, /* doing it twice does no harm: it may be retried after it was made */
  REVENGE_RESILIENCE_FALLBACK = 2    /* the caller has an answer of its own for when there is none */
};

typedef struct revenge_resilience_request {
  uint32_t size;
  uint32_t flags;
  revenge_view pipeline;
  revenge_view key; /* of limits by key; empty where the pipeline has none */
  uint32_t priority;
  uint32_t permits; /* of rate limits; 0: one */
} revenge_resilience_request;

/* Which policy refused. */
enum {
  REVENGE_RESILIENCE_NO_POLICY = 0,
  REVENGE_RESILIENCE_CIRCUIT_OPEN = 1,
  REVENGE_RESILIENCE_ISOLATED = 2, /* by the operator */
  REVENGE_RESILIENCE_BULKHEAD_FULL = 3,
  REVENGE_RESILIENCE_RATE_LIMITED = 4,
  REVENGE_RESILIENCE_OVERLOADED = 5,
  REVENGE_RESILIENCE_RETRIES_EXCEEDED = 6,
  REVENGE_RESILIENCE_BUDGET_EXCEEDED = 7,
  REVENGE_RESILIENCE_TIMEOUT = 8,
  REVENGE_RESILIENCE_CANCELLED = 9,
  REVENGE_RESILIENCE_INVALID_ARGUMENT = 10
};

/* Also of a failure: then without a token. */
typedef struct revenge_resilience_permit {
  uint32_t size;
  uint32_t attempts;      /* made so far */
  uint64_t token;         /* 0: nothing is held */
  uint32_t refused_by;    /* REVENGE_RESILIENCE_CIRCUIT_OPEN ...; of a fallback, what it stands in for */
  bool is_fallback;       /* with a token: answer by the fallback, then settle what that says */
  int64_t retry_after_ns; /* until it is worth asking again; 0: not known, or at once */
  int64_t
      until_ns; /* of the host's monotonic clock: the attempt should be over by then; INT64_MAX: any time */
  uint64_t
      limit; /* of the innermost rate limit passed or refused by: permits in its window; 0: there is none */
  uint64_t remaining;
  int64_t reset_ns; /* until all of them are there again */
} revenge_resilience_permit;

enum {
  REVENGE_RESILIENCE_SUCCESS = 0,
  REVENGE_RESILIENCE_FAILURE = 1,
  REVENGE_RESILIENCE_IGNORED = 2,  /* neither: a bad request of the caller's own, a cancelled one */
  REVENGE_RESILIENCE_ABANDONED = 3 /* the call was not made after all */
};

/* Of an outcome. */
enum { REVENGE_RESILIENCE_FINAL = 1 /* a failure that no retry mends: it is handed on as it is */ };

typedef struct revenge_resilience_outcome {
  uint32_t size;
  uint32_t verdict;
  uint32_t flags;
  uint32_t reserved;
  int64_t retry_after_ns; /* what the other side asked for, as in Retry-After; 0: nothing */
} revenge_resilience_outcome;

typedef struct revenge_resilience {
  uint32_t size;
  uint32_t reserved;

  /* [any-thread] waits; two-way; owns: the permit is the caller's, to be settled once. */
  revenge_status (*acquire)(void* self, const revenge_call* call, const revenge_resilience_request* request,
                            revenge_handle done, revenge_resilience_permit* permit, revenge_error* error);

  /* [any-thread] waits; two-way; owns: takes the token, and gives one back where the call is to be made again. */
  revenge_status (*settle)(void* self, const revenge_call* call, uint64_t token,
                           const revenge_resilience_outcome* outcome, revenge_handle done,
                           revenge_resilience_permit* next, revenge_error* error);
} revenge_resilience;

#ifdef __cplusplus
}
#endif

#endif
