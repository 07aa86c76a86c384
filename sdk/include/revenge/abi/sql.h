/*
 * Draft: may change in the next release.
 *
 * SQL as a service, interface "revenge.sql/1": a plugin that owns a database (SQLite or PostgreSQL, as the operator
 * configured it) runs the statements of other plugins.
 *
 * A statement is its text: the provider prepares it once for each of its connections and finds it again by the text, so
 * that nothing of it has to be kept, or made again when the provider is replaced. Parameters are $1 ... $n in both
 * dialects, values travel beside the text and never in it. Text that is the same for both dialects: standard SQL,
 * INSERT ... ON CONFLICT, RETURNING.
 *
 * Waiting. Every function that may wait takes `done`, a completion handle of revenge.service/1. 0: it works on this
 * thread, which must be one that may block (never an I/O thread), and answers in place. Else it may answer
 * REVENGE_PENDING, and finishes `done` with what it would have answered as its result; the bytes are the same.
 *
 * Results are blocks: one piece of memory without pointers, so that it is handed over, copied or sent as it is. It
 * begins with a revenge_sql_block; columns, cells and the bytes of texts follow at the offsets it gives.
 *
 * What a failure means:
 *   REVENGE_INVALID      the statement is wrong: syntax, an unknown table, the number or kind of parameters
 *   REVENGE_EXISTS       a unique or primary key is taken
 *   REVENGE_REFUSED      another constraint, or a rule: a write in a read-only transaction, BEGIN as a statement
 *   REVENGE_BUSY         others were in the way (serialization failure, deadlock, a locked file): the whole
 *                        transaction may be tried again
 *   REVENGE_GONE         the transaction or cursor has ended: its connection was lost, or the provider has left; nothing
 *                        of it was committed, and the whole may be tried again
 *   REVENGE_LIMIT        no connection became free in time, or the result is larger than allowed
 *   REVENGE_TIMED_OUT    the statement ran longer than its time; it was cancelled
 *   REVENGE_UNAVAILABLE  the database cannot be reached, or takes no writes now; trying later may help
 *   REVENGE_IO           disk full, a damaged file
 *   REVENGE_FAILED       also: a commit whose outcome is not known, since the connection broke while it was on its way
 */
#ifndef REVENGE_ABI_SQL_H
#define REVENGE_ABI_SQL_H

#include <revenge/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVENGE_SQL_ID "revenge.sql/1"

/* Kinds of a value. A column has no kind of its own: SQLite stores what it is given. What crosses as a time or a truth
   comes back from SQLite as an integer. Kinds of PostgreSQL that are none of these cross as their text. */
enum {
  REVENGE_SQL_NULL = 0,
  REVENGE_SQL_INTEGER = 1, /* 64 bits, signed */
  REVENGE_SQL_REAL = 2,    /* a double */
  REVENGE_SQL_TEXT = 3,    /* UTF-8, without NUL */
  REVENGE_SQL_BLOB = 4,
  REVENGE_SQL_BOOLEAN = 5, /* integer 0 or 1 */
  REVENGE_SQL_TIME = 6     /* microseconds since 1970-01-01 UTC, in `integer` */
};

/* A parameter. In an array each element is as long as the first says. */
typedef struct revenge_sql_value {
  uint32_t size;
  uint32_t kind;
  int64_t integer; /* INTEGER, BOOLEAN, TIME */
  double real;
  revenge_view bytes; /* TEXT, BLOB; copied where the call does not end in place */
} revenge_sql_value;

typedef struct revenge_sql_statement {
  uint32_t size;
  uint32_t reserved;
  revenge_view text; /* one statement */
  const revenge_sql_value* values;
  size_t value_count; /* of one set */
  size_t
      set_count; /* 0 or 1: run once. More: once for each set, all of them in one transaction and one round trip;
                         `values` holds set_count * value_count, and no rows are answered, only how many were changed */
  int64_t timeout_ns; /* of its run; the call's deadline counts too, the nearer of both. 0: the operator's */
  uint64_t max_bytes; /* of the result; 0: the operator's */
} revenge_sql_statement;

/* Begins each result. Offsets are counted from here. */
typedef struct revenge_sql_block {
  uint32_t size; /* of this struct */
  uint32_t column_count;
  uint64_t row_count;
  uint64_t changed;    /* rows inserted, updated or deleted */
  uint64_t columns_at; /* column_count of revenge_sql_column */
  uint64_t cells_at;   /* row_count * column_count of revenge_sql_cell, row by row */
  uint64_t bytes;      /* of the whole block */
} revenge_sql_block;

/* A name. A fixed shape: it never grows. */
typedef struct revenge_sql_column {
  uint64_t at;
  uint64_t length;
} revenge_sql_column;

/* A fixed shape, of 16 bytes. */
typedef struct revenge_sql_cell {
  uint32_t kind;
  uint32_t length; /* TEXT, BLOB */
  int64_t
      content; /* INTEGER, BOOLEAN, TIME: itself; REAL: the bits of the double; TEXT, BLOB: where its bytes are */
} revenge_sql_cell;

enum { REVENGE_SQL_SQLITE = 1, REVENGE_SQL_POSTGRESQL = 2 };

typedef struct revenge_sql_description {
  uint32_t size;
  uint32_t dialect; /* REVENGE_SQL_SQLITE ... */
  uint32_t
      takes_writes; /* 0: what is read may be served, what is written fails with REVENGE_UNAVAILABLE; else 1 */
} revenge_sql_description;

/* Isolation. SQLite has only the last, and gives it for each. */
enum { REVENGE_SQL_READ_COMMITTED = 0, REVENGE_SQL_REPEATABLE_READ = 1, REVENGE_SQL_SERIALIZABLE = 2 };

typedef struct revenge_sql_transaction {
  uint32_t size;
  uint32_t isolation;
  bool read_only;     /* many beside each other and beside a writer, also in SQLite */
  int64_t timeout_ns; /* from begin to commit; then it is rolled back. 0: the operator's */
  revenge_view label; /* who and what for, such as "library: scan"; told when it is held for long */
} revenge_sql_transaction;

/* How a transaction goes on. */
enum {
  REVENGE_SQL_COMMIT = 0,
  REVENGE_SQL_ROLLBACK = 1,
  REVENGE_SQL_SAVEPOINT = 2,  /* `name`: from here on can be undone by itself */
  REVENGE_SQL_RELEASE = 3,    /* `name`: keeps what was done since, as part of what surrounds it */
  REVENGE_SQL_ROLLBACK_TO = 4 /* `name`: undoes what was done since; the savepoint stays */
};

/* Steps of a schema. Expand steps leave the database usable by the version before; they run when they are asked for.
   Contract steps take away what that version needs; they wait until the operator makes this version permanent. */
enum { REVENGE_SQL_EXPAND = 0, REVENGE_SQL_CONTRACT = 1 };

typedef struct revenge_sql_migration {
  uint32_t size;
  uint32_t kind;
  uint64_t version; /* 1, 2, 3 ...; its text never changes once it has run anywhere */
  revenge_view name;
  revenge_view sqlite;     /* statements, each ended by a semicolon */
  revenge_view postgresql; /* empty: as for SQLite */
} revenge_sql_migration;

typedef struct revenge_sql_schema {
  uint32_t size;
  uint32_t reserved;
  revenge_view name;                       /* whose; [a-z][a-z0-9_]*, its tables begin with it */
  const revenge_sql_migration* migrations; /* all there are, by version */
  size_t migration_count;
} revenge_sql_schema;

/* Transactions and cursors are lease handles: they stay with the instance that began them, are entered by lease_enter,
   and end by lease_close at the latest: an open transaction is rolled back. One function of a lease at a time, others
   get REVENGE_BUSY. */
typedef struct revenge_sql {
  uint32_t size;
  uint32_t reserved;

  /* [any-thread] no-wait; two-way; owns: nothing. */
  revenge_status (*describe)(void* self, const revenge_call* call, revenge_sql_description* description,
                             revenge_error* error);
  /* [any-thread] waits; two-way; owns: *rows moves to the caller. Runs a statement in `transaction`, or by itself when
     that is 0. */
  revenge_status (*execute)(void* self, const revenge_call* call, revenge_handle transaction,
                            const revenge_sql_statement* statement, revenge_handle done, revenge_buffer* rows,
                            revenge_error* error);
  /* [any-thread] waits; two-way; owns: *transaction belongs to the caller until lease_close. The result of `done` is the
     handle's eight bytes. */
  revenge_status (*begin)(void* self, const revenge_call* call, const revenge_sql_transaction* options,
                          revenge_handle done, revenge_handle* transaction, revenge_error* error);
  /* [any-thread] waits; two-way; owns: nothing. `how`: REVENGE_SQL_COMMIT ...; after a commit or a rollback, also a
     failed one, the transaction has ended. */
  revenge_status (*advance)(void* self, const revenge_call* call, revenge_handle transaction, uint32_t how,
                            revenge_view name, revenge_handle done, revenge_error* error);
  /* [any-thread] waits; two-way; owns: *cursor belongs to the caller until lease_close. For results too large to be one
     block. In `transaction`, which does nothing else meanwhile on SQLite, or by itself when that is 0. */
  revenge_status (*open)(void* self, const revenge_call* call, revenge_handle transaction,
                         const revenge_sql_statement* statement, revenge_handle done, revenge_handle* cursor,
                         revenge_error* error);
  /* [any-thread] waits; two-way; owns: *rows moves to the caller. At most `max_rows` more; a block without rows: there
     are no more. */
  revenge_status (*fetch)(void* self, const revenge_call* call, revenge_handle cursor, uint64_t max_rows,
                          revenge_handle done, revenge_buffer* rows, revenge_error* error);
  /* [any-thread] waits; two-way; owns: nothing. Brings the tables of `schema` to its last expand step. One host at a
     time; a step that fails leaves those before it. REVENGE_REFUSED: the database was changed by a version that this
     one cannot work beside, or a step that has run has another text now. Allowed in lifecycle calls. */
  revenge_status (*migrate)(void* self, const revenge_call* call, const revenge_sql_schema* schema,
                            revenge_handle done, revenge_error* error);
} revenge_sql;

#ifdef __cplusplus
}
#endif

#endif
