// Sql: statements on the database of whoever provides revenge.sql/1, which plugin.json names under requires.
//
//   revenge::Sql sql_ = host().sql();
//   auto rows = sql_.query(call, "SELECT title, year FROM film WHERE id = $1", id).wait();
//   auto done = co_await sql_.query(call, "UPDATE film SET seen = seen + 1 WHERE id = $1", id);
//   for (const revenge::SqlRow row : *rows) show(row.text(0), row.integer(1));
//
// `.wait()` works on this thread and is refused with kBusy on I/O threads and in lifecycle calls; `co_await` waits without
// one. What the failures mean stands in abi/sql.h; `transact` tries again where that helps. A Sql is a value, safe from any
// thread; a transaction or cursor takes one call at a time.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <revenge/abi/sql.h>
#include <revenge/service.hpp>

namespace revenge {

template <>
inline constexpr const char* InterfaceId<revenge_sql> = REVENGE_SQL_ID;

using SqlTime = std::chrono::sys_time<std::chrono::microseconds>;

// A parameter: null, bool, number, text, bytes or time. Texts and bytes are borrowed until the statement has begun.
class SqlValue : public revenge_sql_value {
 public:
  SqlValue(std::nullptr_t = nullptr) : revenge_sql_value(boundary::sized<revenge_sql_value>()) {}
  SqlValue(bool value) : SqlValue(Kind{REVENGE_SQL_BOOLEAN}) { integer = value ? 1 : 0; }
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
  SqlValue(Integer value) : SqlValue(Kind{REVENGE_SQL_INTEGER}) {
    integer = static_cast<std::int64_t>(value);
  }
  SqlValue(double value) : SqlValue(Kind{REVENGE_SQL_REAL}) { real = value; }
  SqlValue(std::string_view text) : SqlValue(Kind{REVENGE_SQL_TEXT}) { bytes = boundary::view(text); }
  SqlValue(const std::string& text) : SqlValue(std::string_view(text)) {}
  SqlValue(const char* text) : SqlValue(std::string_view(text)) {}
  SqlValue(std::span<const std::byte> blob) : SqlValue(Kind{REVENGE_SQL_BLOB}) {
    bytes = {reinterpret_cast<const char*>(blob.data()), blob.size()};
  }
  SqlValue(SqlTime time) : SqlValue(Kind{REVENGE_SQL_TIME}) { integer = time.time_since_epoch().count(); }
  template <class T>
  SqlValue(const std::optional<T>& value) : SqlValue(value ? SqlValue(*value) : SqlValue()) {}

 private:
  struct Kind {
    std::uint32_t number;
  };
  explicit SqlValue(Kind of) : SqlValue() { kind = of.number; }
};

// One row of a result, which it borrows. Requires: column < columns(), unless it is given by its name.
class SqlRow {
 public:
  SqlRow(const char* block, std::uint64_t row) : block_(block), row_(row) {}

  std::uint32_t columns() const { return head().column_count; }
  bool isNull(std::uint32_t column) const { return cell(column).kind == REVENGE_SQL_NULL; }
  // 0 when null. A text of digits is read, which is what PostgreSQL gives for sums.
  std::int64_t integer(std::uint32_t column) const {
    const revenge_sql_cell at = cell(column);
    switch (at.kind) {
      case REVENGE_SQL_REAL:
        return static_cast<std::int64_t>(std::bit_cast<double>(at.content));
      case REVENGE_SQL_TEXT:
        return std::strtoll(std::string(bytes(at)).c_str(), nullptr, 10);
      case REVENGE_SQL_BLOB:
        return 0;
      default:
        return at.content;
    }
  }
  bool boolean(std::uint32_t column) const { return integer(column) != 0; }
  double real(std::uint32_t column) const {
    const revenge_sql_cell at = cell(column);
    if (at.kind == REVENGE_SQL_TEXT) return std::strtod(std::string(bytes(at)).c_str(), nullptr);
    return at.kind == REVENGE_SQL_REAL ? std::bit_cast<double>(at.content)
                                       : static_cast<double>(integer(column));
  }
  SqlTime time(std::uint32_t column) const { return SqlTime(std::chrono::microseconds(integer(column))); }
  // Text or bytes, borrowed; empty for what is neither.
  std::string_view text(std::uint32_t column) const { return bytes(cell(column)); }

  // nullopt: there is no such column.
  std::optional<std::uint32_t> column(std::string_view name) const {
    for (std::uint32_t i = 0; i < columns(); ++i) {
      revenge_sql_column at;
      std::memcpy(&at, block_ + head().columns_at + i * sizeof at, sizeof at);
      if (std::string_view(block_ + at.at, at.length) == name) return i;
    }
    return std::nullopt;
  }

 private:
  revenge_sql_block head() const {
    revenge_sql_block head;
    std::memcpy(&head, block_, sizeof head);
    return head;
  }
  revenge_sql_cell cell(std::uint32_t column) const {
    const revenge_sql_block at = head();
    revenge_sql_cell cell;
    std::memcpy(&cell, block_ + at.cells_at + (row_ * at.column_count + column) * sizeof cell, sizeof cell);
    return cell;
  }
  std::string_view bytes(const revenge_sql_cell& at) const {
    if (at.kind != REVENGE_SQL_TEXT && at.kind != REVENGE_SQL_BLOB) return {};
    return {block_ + at.content, at.length};
  }

  const char* block_;
  std::uint64_t row_;
};

// A whole result, owned.
class SqlRows {
 public:
  class Iterator {
   public:
    using value_type = SqlRow;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const char* block, std::uint64_t row) : block_(block), row_(row) {}
    SqlRow operator*() const { return {block_, row_}; }
    Iterator& operator++() {
      ++row_;
      return *this;
    }
    Iterator operator++(int) { return {block_, row_++}; }
    bool operator==(const Iterator&) const = default;

   private:
    const char* block_ = nullptr;
    std::uint64_t row_ = 0;
  };

  explicit SqlRows(std::string block) : block_(std::move(block)), head_(headOf(block_)) {}
  std::uint64_t size() const { return head_.row_count; }
  bool empty() const { return size() == 0; }
  std::uint64_t changed() const { return head_.changed; }  // rows inserted, updated or deleted
  SqlRow operator[](std::uint64_t row) const { return {block_.data(), row}; }
  Iterator begin() const { return {block_.data(), 0}; }
  Iterator end() const { return {block_.data(), size()}; }

 private:
  // Never inlined: g++ 12 would take the bytes for those of a short text, which lie inside of this object, and warn.
  [[gnu::noinline]] static revenge_sql_block headOf(std::string_view block) {
    revenge_sql_block head{};
    if (block.size() >= sizeof head) std::memcpy(&head, block.data(), sizeof head);
    return head;
  }

  std::string block_;
  revenge_sql_block head_;
};

struct SqlOptions {
  std::chrono::nanoseconds timeout{0};  // of the statement's run; 0: the operator's
  std::uint64_t max_bytes = 0;          // of the result; 0: the operator's
};

enum class SqlIsolation : std::uint32_t {
  kReadCommitted = REVENGE_SQL_READ_COMMITTED,
  kRepeatableRead = REVENGE_SQL_REPEATABLE_READ,
  kSerializable = REVENGE_SQL_SERIALIZABLE
};

struct SqlTransactionOptions {
  SqlIsolation isolation = SqlIsolation::kReadCommitted;
  bool read_only = false;
  std::chrono::nanoseconds timeout{0};  // from begin to commit; 0: the operator's
  std::string_view label = "";          // what for; the plugin's id stands before it
};

struct SqlMigration {
  enum Kind : std::uint32_t { kExpand = REVENGE_SQL_EXPAND, kContract = REVENGE_SQL_CONTRACT };
  std::string_view name;
  std::string_view sqlite;
  std::string_view postgresql = "";  // empty: as for SQLite
  Kind kind = kExpand;
};

namespace detail {

template <class Function>
auto sqlStart(const Slot<revenge_sql>& slot, const Call& call, const Lease* lease, Function& function) {
  auto begin = [function](const revenge_sql& table, void* provider, const revenge_call* inner,
                          revenge_handle done, revenge_error* error) mutable {
    return function(table, provider, inner, done, nullptr, error);
  };
  return lease == nullptr ? slot.start(call, begin) : slot.start(call, *lease, begin);
}

// A function of revenge_sql, not yet called: `function(table, self, call, done, buffer, error)`; `make` makes its value of
// the bytes it answers.
template <class Function, class Make>
class [[nodiscard]] SqlCall {
  using Value = std::invoke_result_t<Make&, std::string>;

  using Started = decltype(sqlStart(std::declval<const Slot<revenge_sql>&>(), std::declval<const Call&>(),
                                    nullptr, std::declval<Function&>()));

 public:
  SqlCall(const Host& host, const Slot<revenge_sql>& slot, const Call& call, const Lease* lease,
          Function function, Make make)
      : host_(&host),
        slot_(slot),
        call_(call),
        lease_(lease),
        function_(std::move(function)),
        make_(std::move(make)) {}

  Result<Value> wait() && {
    const revenge_calls* calls = host_->callTable();
    if (calls != nullptr && !calls->may_block(host_->raw()))
      return fail(Errc::kBusy, "this thread must not block; use co_await, or a worker");
    return std::move(*this).here();
  }
  // As wait(), also in lifecycle calls. Requires: not on an I/O thread.
  Result<Value> here() && {
    std::string bytes;
    auto run = [&](const revenge_sql& table, void* provider, const revenge_call* call, revenge_error* error) {
      revenge_buffer buffer{};
      const revenge_status status = function_(table, provider, call, 0, &buffer, error);
      // Taken before the provider is left.
      if (status == REVENGE_OK) bytes = boundary::take(buffer);
      return status;
    };
    Status done = lease_ == nullptr ? slot_.call(call_, run) : slot_.call(call_, *lease_, run);
    if (!done) return std::unexpected(std::move(done.error()));
    return make_(std::move(bytes));
  }

  auto operator co_await() && {
    waiting_.emplace(sqlStart(slot_, call_, lease_, function_));
    auto inner = std::move(*waiting_).operator co_await();
    struct Awaiting {
      decltype(inner) waits;
      Make& make;
      bool await_ready() const noexcept { return waits.await_ready(); }
      bool await_suspend(std::coroutine_handle<> handle) { return waits.await_suspend(handle); }
      Result<Value> await_resume() {
        Result<std::string> bytes = waits.await_resume();
        if (!bytes) return std::unexpected(std::move(bytes.error()));
        return make(std::move(*bytes));
      }
    };
    return Awaiting{std::move(inner), make_};
  }

 private:
  const Host* host_;
  Slot<revenge_sql> slot_;
  Call call_;
  const Lease* lease_;
  Function function_;
  Make make_;
  std::optional<Started> waiting_;
};

struct SqlNothing {};

inline revenge_handle handleOf(const std::string& bytes) {
  revenge_handle handle = 0;
  if (bytes.size() == sizeof handle) std::memcpy(&handle, bytes.data(), sizeof handle);
  return handle;
}

struct SqlText {
  std::string_view text;
  std::span<const SqlValue> values;
  std::size_t sets = 0;
  SqlOptions options{};

  revenge_sql_statement raw() const {
    auto raw = boundary::sized<revenge_sql_statement>();
    raw.text = boundary::view(text);
    raw.values = values.data();
    raw.set_count = sets;
    raw.value_count = sets > 1 ? values.size() / sets : values.size();
    raw.timeout_ns = options.timeout.count();
    raw.max_bytes = options.max_bytes;
    return raw;
  }
};

template <class Values>
auto sqlExecute(const Host& host, const Slot<revenge_sql>& slot, const Call& call, const Lease* lease,
                std::string_view text, Values values, std::size_t sets, SqlOptions options) {
  auto function = [text, values = std::move(values), sets, options,
                   transaction = lease == nullptr ? 0 : (*lease)->handle()](
                      const revenge_sql& table, void* self, const revenge_call* inner, revenge_handle done,
                      revenge_buffer* rows, revenge_error* error) {
    const revenge_sql_statement raw = SqlText{text, values, sets, options}.raw();
    return table.execute(self, inner, transaction, &raw, done, rows, error);
  };
  return SqlCall(host, slot, call, lease, std::move(function),
                 [](std::string block) { return SqlRows(std::move(block)); });
}

}  // namespace detail

// The rows of one statement, some at a time. Ends with the object.
class SqlCursor {
 public:
  SqlCursor(const Host& host, const Slot<revenge_sql>& slot, revenge_handle handle)
      : host_(&host), slot_(slot), lease_(LeaseRegistration(host, handle)) {}

  // At most `rows` more; none: there are no more.
  auto fetch(const Call& call, std::uint64_t rows) const {
    auto function = [rows, cursor = lease_->handle()](const revenge_sql& table, void* self,
                                                      const revenge_call* inner, revenge_handle done,
                                                      revenge_buffer* out, revenge_error* error) {
      return table.fetch(self, inner, cursor, rows, done, out, error);
    };
    return detail::SqlCall(*host_, slot_, call, &lease_, std::move(function),
                           [](std::string block) { return SqlRows(std::move(block)); });
  }

 private:
  const Host* host_;
  Slot<revenge_sql> slot_;
  Lease lease_;
};

// What was not committed when it ends is rolled back.
class SqlTransaction {
  auto advance(const Call& call, std::uint32_t how, std::string_view name) const {
    auto function = [how, name, transaction = lease_->handle()](
                        const revenge_sql& table, void* self, const revenge_call* inner, revenge_handle done,
                        revenge_buffer*, revenge_error* error) {
      return table.advance(self, inner, transaction, how, boundary::view(name), done, error);
    };
    return detail::SqlCall(*host_, slot_, call, &lease_, std::move(function),
                           [](const std::string&) { return detail::SqlNothing(); });
  }

 public:
  SqlTransaction(const Host& host, const Slot<revenge_sql>& slot, revenge_handle handle)
      : host_(&host), slot_(slot), lease_(LeaseRegistration(host, handle)) {}

  template <class... Values>
  auto query(const Call& call, std::string_view text, const Values&... values) const {
    return detail::sqlExecute(*host_, slot_, call, &lease_, text,
                              std::array<SqlValue, sizeof...(Values)>{SqlValue(values)...}, 0, {});
  }
  // Once for each set of values, which follow each other.
  auto batch(const Call& call, std::string_view text, std::span<const SqlValue> values,
             std::size_t sets) const {
    return detail::sqlExecute(*host_, slot_, call, &lease_, text, values, sets, {});
  }
  auto commit(const Call& call) const { return advance(call, REVENGE_SQL_COMMIT, ""); }
  auto rollback(const Call& call) const { return advance(call, REVENGE_SQL_ROLLBACK, ""); }
  auto savepoint(const Call& call, std::string_view name) const {
    return advance(call, REVENGE_SQL_SAVEPOINT, name);
  }
  auto release(const Call& call, std::string_view name) const {
    return advance(call, REVENGE_SQL_RELEASE, name);
  }
  auto rollbackTo(const Call& call, std::string_view name) const {
    return advance(call, REVENGE_SQL_ROLLBACK_TO, name);
  }
  const Lease& lease() const { return lease_; }

 private:
  const Host* host_;
  Slot<revenge_sql> slot_;
  Lease lease_;
};

enum class SqlDialect : std::uint32_t { kSqlite = REVENGE_SQL_SQLITE, kPostgresql = REVENGE_SQL_POSTGRESQL };

class Sql {
  // Of the eight bytes of a lease handle the object that ends it.
  template <class Object>
  auto make() const {
    return [host = host_, slot = slot_](const std::string& bytes) {
      return Object(*host, slot, detail::handleOf(bytes));
    };
  }

 public:
  Sql(const Host& host, Slot<revenge_sql> slot) : host_(&host), slot_(slot) {}

  // A statement by itself.
  template <class... Values>
  auto query(const Call& call, std::string_view text, const Values&... values) const {
    return query(call, SqlOptions(), text, values...);
  }
  template <class... Values>
  auto query(const Call& call, SqlOptions options, std::string_view text, const Values&... values) const {
    return detail::sqlExecute(*host_, slot_, call, nullptr, text,
                              std::array<SqlValue, sizeof...(Values)>{SqlValue(values)...}, 0, options);
  }
  // Once for each set of values, which follow each other; all or none, in one round trip.
  auto batch(const Call& call, std::string_view text, std::span<const SqlValue> values,
             std::size_t sets) const {
    return detail::sqlExecute(*host_, slot_, call, nullptr, text, values, sets, {});
  }

  auto begin(const Call& call, SqlTransactionOptions options = {}) const {
    std::string label(options.label);
#ifdef REVENGE_PLUGIN_ID
    label = REVENGE_PLUGIN_ID + (label.empty() ? std::string() : ": ") + label;
#endif
    auto function = [options, label = std::move(label)](const revenge_sql& table, void* self,
                                                        const revenge_call* inner, revenge_handle done,
                                                        revenge_buffer* out, revenge_error* error) {
      auto raw = boundary::sized<revenge_sql_transaction>();
      raw.isolation = static_cast<std::uint32_t>(options.isolation);
      raw.read_only = options.read_only;
      raw.timeout_ns = options.timeout.count();
      raw.label = boundary::view(label);
      revenge_handle transaction = 0;
      const revenge_status status = table.begin(self, inner, &raw, done, &transaction, error);
      if (status == REVENGE_OK && out != nullptr) keep(*out, transaction);
      return status;
    };
    return detail::SqlCall(*host_, slot_, call, nullptr, std::move(function), make<SqlTransaction>());
  }
  template <class... Values>
  auto open(const Call& call, std::string_view text, const Values&... values) const {
    auto function = [text, held = std::array<SqlValue, sizeof...(Values)>{SqlValue(values)...}](
                        const revenge_sql& table, void* self, const revenge_call* inner, revenge_handle done,
                        revenge_buffer* out, revenge_error* error) {
      const revenge_sql_statement raw = detail::SqlText{text, held}.raw();
      revenge_handle cursor = 0;
      const revenge_status status = table.open(self, inner, 0, &raw, done, &cursor, error);
      if (status == REVENGE_OK && out != nullptr) keep(*out, cursor);
      return status;
    };
    return detail::SqlCall(*host_, slot_, call, nullptr, std::move(function), make<SqlCursor>());
  }

  // `work(const SqlTransaction&)` answers Status or Result<T>; its success is committed. Where others were in the way, or
  // the connection was lost before the commit, all of it runs again, three times at most. Blocks: not on I/O threads.
  template <class Work>
  auto transact(const Call& call, SqlTransactionOptions options, Work work) const
      -> std::invoke_result_t<Work&, const SqlTransaction&> {
    constexpr int kTries = 3;
    for (int attempt = 1;; ++attempt) {
      auto done = tryOnce(call, options, work);
      if (done || attempt == kTries) return done;
      if (done.error().code != Errc::kBusy && done.error().code != Errc::kGone) return done;
    }
  }

  // Brings the tables of `schema` to the last expand step of `migrations`, which count from 1. In start(), before anything
  // is asked of them; allowed in lifecycle calls.
  Status migrate(const Call& call, std::string_view schema, std::span<const SqlMigration> migrations) const {
    std::vector<revenge_sql_migration> raw;
    for (const SqlMigration& one : migrations) {
      auto& step = raw.emplace_back(boundary::sized<revenge_sql_migration>());
      step.kind = one.kind;
      step.version = raw.size();
      step.name = boundary::view(one.name);
      step.sqlite = boundary::view(one.sqlite);
      step.postgresql = boundary::view(one.postgresql);
    }
    auto all = boundary::sized<revenge_sql_schema>();
    all.name = boundary::view(schema);
    all.migrations = raw.data();
    all.migration_count = raw.size();
    return slot_.call(call, [&](const revenge_sql& table, void* self, const revenge_call* inner,
                                revenge_error* error) { return table.migrate(self, inner, &all, 0, error); });
  }

  Result<SqlDialect> dialect(const Call& call) const {
    auto description = boundary::sized<revenge_sql_description>();
    Status asked = slot_.call(
        call, [&](const revenge_sql& table, void* self, const revenge_call* inner, revenge_error* error) {
          return table.describe(self, inner, &description, error);
        });
    if (!asked) return std::unexpected(std::move(asked.error()));
    return static_cast<SqlDialect>(description.dialect);
  }

 private:
  static void keep(revenge_buffer& out, revenge_handle handle) {
    auto* const own = new revenge_handle(handle);
    out = {reinterpret_cast<const char*>(own), sizeof handle,
           [](void* owner) { delete static_cast<revenge_handle*>(owner); }, own};
  }

  template <class Work>
  auto tryOnce(const Call& call, const SqlTransactionOptions& options, Work& work) const
      -> std::invoke_result_t<Work&, const SqlTransaction&> {
    auto begun = begin(call, options).wait();
    if (!begun) return std::unexpected(std::move(begun.error()));
    auto done = work(std::as_const(*begun));
    if (!done) return done;
    auto committed = begun->commit(call).wait();
    if (!committed) return std::unexpected(std::move(committed.error()));
    return done;
  }

  const Host* host_;
  Slot<revenge_sql> slot_;
};

inline Sql Host::sql() { return {*this, services().require<revenge_sql>()}; }

}  // namespace revenge
