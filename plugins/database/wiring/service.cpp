#include "wiring/service.hpp"

#include <atomic>
#include <optional>
#include <utility>

#include "wiring/call_limit.hpp"

namespace database {

namespace {

using revenge::boundary::text;

class SharedLimit final : public Limit {
 public:
  SharedLimit(Instant deadline, std::shared_ptr<const std::atomic<bool>> given_up)
      : Limit(deadline), given_up_(std::move(given_up)) {}
  bool isGivenUp() const override { return given_up_->load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<const std::atomic<bool>> given_up_;
};

// What a lease stands for. Its end may come on any thread, and ending may wait for the server: a lane does it.
template <class Object>
struct Lent {
  Lent(Lanes& lanes, std::shared_ptr<Object> lent) : object(std::move(lent)), lanes_(lanes) {}
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
  ~Lent() {
    // Refused when the plugin stops: then it ends here.
    if (object) static_cast<void>(lanes_.post([ending = std::move(object)] {}));
  }

  std::shared_ptr<Object> object;

 private:
  Lanes& lanes_;
};
using TransactionLease = Lent<Database::Transaction>;
using RowsLease = Lent<Database::Rows>;

struct OwnedStatement {
  explicit OwnedStatement(const Statement& from)
      : text(from.text), values(from.values.begin(), from.values.end()) {
    std::size_t bytes = 0;
    for (const revenge_sql_value& value : values) bytes += value.bytes.size;
    kept.reserve(bytes);
    for (revenge_sql_value& value : values) {
      if (value.bytes.size == 0) continue;
      kept.append(value.bytes.data, value.bytes.size);
      value.bytes.data = kept.data() + kept.size() - value.bytes.size;
    }
    sets = from.sets;
  }
  OwnedStatement(const OwnedStatement&) = delete;
  OwnedStatement& operator=(const OwnedStatement&) = delete;
  Statement view() const { return {.text = text, .values = values, .sets = sets}; }

  std::string text;
  std::vector<revenge_sql_value> values;
  std::string kept;
  std::size_t sets = 1;
};

Instant deadlineOf(const revenge_call* call) {
  if (call == nullptr || call->deadline_ns == 0) return Instant::max();
  return Instant(std::chrono::nanoseconds(call->deadline_ns));
}

Result<Statement> statementOf(const revenge_sql_statement* given) {
  if (given == nullptr || given->size < sizeof(revenge_sql_statement))
    return fail(Errc::kInvalid, "statement is NULL, or its size is not set");
  if (given->timeout_ns < 0) return fail(Errc::kInvalid, "timeout_ns must not be negative");
  const std::size_t sets = given->set_count == 0 ? 1 : given->set_count;
  if (given->value_count > 32'766)
    return fail(Errc::kInvalid, "statement: more than 32766 values; give sets of values, or fewer");
  const std::size_t values = sets * given->value_count;
  if (values > 0 && (given->values == nullptr || given->values->size != sizeof(revenge_sql_value)))
    return fail(Errc::kInvalid, "values is NULL, or the size of its first is not the one of this revision");
  return Statement{.text = text(given->text), .values = {given->values, values}, .sets = sets};
}

Asked askedOf(const revenge_call* call, const revenge_sql_statement& statement) {
  return {deadlineOf(call), Duration(statement.timeout_ns), statement.max_bytes};
}

std::string bytesOf(revenge_buffer block) { return revenge::boundary::take(block); }

}  // namespace

struct SqlTable {
  static Service& of(void* self) { return *static_cast<Service*>(self); }

  // Runs `work(limit) -> Result<std::string>` on a lane and finishes `done` with it.
  template <class Work>
  static revenge_status onLane(Service& service, Instant deadline, revenge_handle done, Work work) {
    auto given_up = std::make_shared<std::atomic<bool>>(false);
    auto completion = std::make_shared<revenge::Completion>(service.host_.services().accept(
        done, [given_up] { given_up->store(true, std::memory_order_relaxed); }));
    const bool runs = service.lanes_.post([work = std::move(work), completion, given_up, deadline]() mutable {
      const SharedLimit limit(deadline, given_up);
      static_cast<void>(completion->finish(work(limit)));
    });
    if (!runs) static_cast<void>(completion->finish(fail(Errc::kGone, "the database is being closed")));
    return REVENGE_PENDING;
  }

  template <class Object>
  static std::shared_ptr<Object> find(const Service& service, revenge_handle lease) {
    const auto* const lent = service.host_.services().lent<Lent<Object>>(lease);
    return lent == nullptr ? nullptr : lent->object;
  }

  static revenge_status describe(void* self, const revenge_call*, revenge_sql_description* description,
                                 revenge_error* error) {
    return revenge::boundary::guarded(error, [&]() -> Status {
      if (description == nullptr || description->size < sizeof(revenge_sql_description))
        return fail(Errc::kInvalid, "description is NULL, or its size is not set");
      description->dialect = of(self).database_.dialect();
      description->takes_writes = of(self).database_.takesWrites() ? 1 : 0;
      return {};
    });
  }

  static revenge_status execute(void* self, const revenge_call* call, revenge_handle transaction,
                                const revenge_sql_statement* given, revenge_handle done, revenge_buffer* rows,
                                revenge_error* error) {
    Service& service = of(self);
    bool pending = false;
    const revenge_status status = revenge::boundary::guarded(error, [&]() -> Status {
      auto statement = statementOf(given);
      if (!statement) return std::unexpected(std::move(statement.error()));
      const auto inside = transaction == 0 ? nullptr : find<Database::Transaction>(service, transaction);
      if (transaction != 0 && !inside) return fail(Errc::kGone, "the transaction has ended");
      Asked asked = askedOf(call, *given);
      if (inside) asked.deadline = std::min(asked.deadline, inside->deadline());
      const Instant deadline = service.database_.statementDeadline(asked);
      const std::uint64_t most = service.database_.mostBytes(asked.max_bytes);
      const auto run = [&service](const std::shared_ptr<Database::Transaction>& in, const Statement& what,
                                  const Limit& limit, BlockWriter& to) {
        return in ? in->execute(what, limit, to) : service.database_.execute(what, limit, to);
      };
      if (done != 0) {
        pending = true;
        onLane(service, deadline, done,
               [&service, run, inside, most, owned = std::make_shared<const OwnedStatement>(*statement)](
                   const Limit& limit) -> Result<std::string> {
                 const auto writer = service.writer();
                 writer->begin(most);
                 if (Status ran = run(inside, owned->view(), limit, *writer); !ran)
                   return std::unexpected(std::move(ran.error()));
                 return bytesOf(writer->finish());
               });
        return {};
      }
      if (rows == nullptr) return fail(Errc::kInvalid, "rows is NULL");
      const CallLimit limit(deadline, revenge::Call(service.host_, call));
      const auto writer = service.writer();
      writer->begin(most);
      if (Status ran = run(inside, *statement, limit, *writer); !ran) return ran;
      *rows = writer->finish();
      return {};
    });
    return status == REVENGE_OK && pending ? REVENGE_PENDING : status;
  }

  static revenge_status begin(void* self, const revenge_call* call, const revenge_sql_transaction* options,
                              revenge_handle done, revenge_handle* transaction, revenge_error* error) {
    Service& service = of(self);
    bool pending = false;
    const revenge_status status = revenge::boundary::guarded(error, [&]() -> Status {
      if (options == nullptr || options->size < sizeof(revenge_sql_transaction))
        return fail(Errc::kInvalid, "options is NULL, or its size is not set");
      if (options->isolation > REVENGE_SQL_SERIALIZABLE || options->timeout_ns < 0)
        return fail(Errc::kInvalid, "isolation or timeout_ns is out of range");
      const auto isolation = static_cast<Isolation>(options->isolation);
      const Access access = options->read_only ? Access::kRead : Access::kWrite;
      const Instant until =
          service.database_.transactionDeadline({deadlineOf(call), Duration(options->timeout_ns), 0});
      const Instant deadline =
          std::min(until, service.database_.statementDeadline({deadlineOf(call), {}, 0}));
      // Leased before it has begun: the caller of a lease is known only here.
      auto lent = std::make_unique<TransactionLease>(service.lanes_, nullptr);
      TransactionLease* const place = lent.get();
      auto lease = service.host_.services().lend(revenge::Call(service.host_, call), std::move(lent));
      if (!lease) return std::unexpected(std::move(lease.error()));
      const auto start = [&service, place, isolation, access, until, handle = *lease,
                          label = std::string(text(options->label))](const Limit& limit) -> Status {
        auto begun = service.database_.begin(isolation, access, until, limit,
                                             label.empty() ? "a transaction without a label" : label);
        if (!begun) {
          revenge::LeaseRegistration(service.host_, handle).end();
          return std::unexpected(std::move(begun.error()));
        }
        place->object = std::move(*begun);
        const std::lock_guard lock(service.mutex_);
        service.open_.push_back(place->object);
        return {};
      };
      if (done != 0) {
        pending = true;
        onLane(service, deadline, done, [start, handle = *lease](const Limit& limit) -> Result<std::string> {
          if (Status begun = start(limit); !begun) return std::unexpected(std::move(begun.error()));
          return std::string(reinterpret_cast<const char*>(&handle), sizeof handle);
        });
        return {};
      }
      if (transaction == nullptr) return fail(Errc::kInvalid, "transaction is NULL");
      if (Status begun = start(CallLimit(deadline, revenge::Call(service.host_, call))); !begun) return begun;
      *transaction = *lease;
      return {};
    });
    return status == REVENGE_OK && pending ? REVENGE_PENDING : status;
  }

  static Status goOn(Database::Transaction& transaction, std::uint32_t how, std::string_view name,
                     const Limit& limit) {
    switch (how) {
      case REVENGE_SQL_COMMIT:
        return transaction.commit(limit);
      case REVENGE_SQL_ROLLBACK:
        return transaction.rollback(limit);
      case REVENGE_SQL_SAVEPOINT:
        return transaction.savepoint("SAVEPOINT", name, limit);
      case REVENGE_SQL_RELEASE:
        return transaction.savepoint("RELEASE SAVEPOINT", name, limit);
      case REVENGE_SQL_ROLLBACK_TO:
        return transaction.savepoint("ROLLBACK TO SAVEPOINT", name, limit);
      default:
        return fail(Errc::kInvalid, "how: expected REVENGE_SQL_COMMIT to REVENGE_SQL_ROLLBACK_TO");
    }
  }

  static revenge_status advance(void* self, const revenge_call* call, revenge_handle transaction,
                                std::uint32_t how, revenge_view name, revenge_handle done,
                                revenge_error* error) {
    Service& service = of(self);
    bool pending = false;
    const revenge_status status = revenge::boundary::guarded(error, [&]() -> Status {
      const auto inside = find<Database::Transaction>(service, transaction);
      if (!inside) return fail(Errc::kGone, "the transaction has ended");
      const Instant deadline = service.database_.statementDeadline({deadlineOf(call), {}, 0});
      if (done != 0) {
        pending = true;
        onLane(service, deadline, done,
               [inside, how, own = std::string(text(name))](const Limit& limit) -> Result<std::string> {
                 if (Status went = goOn(*inside, how, own, limit); !went)
                   return std::unexpected(std::move(went.error()));
                 return std::string();
               });
        return {};
      }
      return goOn(*inside, how, text(name), CallLimit(deadline, revenge::Call(service.host_, call)));
    });
    return status == REVENGE_OK && pending ? REVENGE_PENDING : status;
  }

  static revenge_status open(void* self, const revenge_call* call, revenge_handle transaction,
                             const revenge_sql_statement* given, revenge_handle done, revenge_handle* cursor,
                             revenge_error* error) {
    Service& service = of(self);
    bool pending = false;
    const revenge_status status = revenge::boundary::guarded(error, [&]() -> Status {
      auto statement = statementOf(given);
      if (!statement) return std::unexpected(std::move(statement.error()));
      if (statement->sets > 1) return fail(Errc::kInvalid, "a cursor takes one set of values");
      const auto inside = transaction == 0 ? nullptr : find<Database::Transaction>(service, transaction);
      if (transaction != 0 && !inside) return fail(Errc::kGone, "the transaction has ended");
      const Instant deadline = service.database_.statementDeadline(askedOf(call, *given));
      auto lent = std::make_unique<RowsLease>(service.lanes_, nullptr);
      RowsLease* const place = lent.get();
      auto lease = service.host_.services().lend(revenge::Call(service.host_, call), std::move(lent));
      if (!lease) return std::unexpected(std::move(lease.error()));
      const auto start = [&service, place, inside, handle = *lease](const Statement& what,
                                                                    const Limit& limit) -> Status {
        auto opened = inside ? Database::Rows::within(inside, what, limit)
                             : service.database_.open(what, limit, what.text);
        if (!opened) {
          revenge::LeaseRegistration(service.host_, handle).end();
          return std::unexpected(std::move(opened.error()));
        }
        place->object = std::move(*opened);
        return {};
      };
      if (done != 0) {
        pending = true;
        onLane(service, deadline, done,
               [start, handle = *lease, owned = std::make_shared<const OwnedStatement>(*statement)](
                   const Limit& limit) -> Result<std::string> {
                 if (Status opened = start(owned->view(), limit); !opened)
                   return std::unexpected(std::move(opened.error()));
                 return std::string(reinterpret_cast<const char*>(&handle), sizeof handle);
               });
        return {};
      }
      if (cursor == nullptr) return fail(Errc::kInvalid, "cursor is NULL");
      if (Status opened = start(*statement, CallLimit(deadline, revenge::Call(service.host_, call))); !opened)
        return opened;
      *cursor = *lease;
      return {};
    });
    return status == REVENGE_OK && pending ? REVENGE_PENDING : status;
  }

  static revenge_status fetch(void* self, const revenge_call* call, revenge_handle cursor,
                              std::uint64_t max_rows, revenge_handle done, revenge_buffer* rows,
                              revenge_error* error) {
    Service& service = of(self);
    bool pending = false;
    const revenge_status status = revenge::boundary::guarded(error, [&]() -> Status {
      const auto open = find<Database::Rows>(service, cursor);
      if (!open) return fail(Errc::kGone, "the cursor has ended");
      const Instant deadline = service.database_.statementDeadline({deadlineOf(call), {}, 0});
      const std::uint64_t most = service.database_.mostBytes(0);
      if (done != 0) {
        pending = true;
        onLane(service, deadline, done,
               [&service, open, max_rows, most](const Limit& limit) -> Result<std::string> {
                 const auto writer = service.writer();
                 writer->begin(most);
                 if (Status fetched = open->fetch(max_rows, limit, *writer); !fetched)
                   return std::unexpected(std::move(fetched.error()));
                 return bytesOf(writer->finish());
               });
        return {};
      }
      if (rows == nullptr) return fail(Errc::kInvalid, "rows is NULL");
      const auto writer = service.writer();
      writer->begin(most);
      const CallLimit limit(deadline, revenge::Call(service.host_, call));
      if (Status fetched = open->fetch(max_rows, limit, *writer); !fetched) return fetched;
      *rows = writer->finish();
      return {};
    });
    return status == REVENGE_OK && pending ? REVENGE_PENDING : status;
  }

  static revenge_status migrate(void* self, const revenge_call* call, const revenge_sql_schema* given,
                                revenge_handle done, revenge_error* error) {
    Service& service = of(self);
    bool pending = false;
    const revenge_status status = revenge::boundary::guarded(error, [&]() -> Status {
      auto schema = schemaOf(given, service.database_.dialect());
      if (!schema) return std::unexpected(std::move(schema.error()));
      constexpr std::chrono::minutes kLongest(10);
      const Instant deadline = std::min(deadlineOf(call), service.time_.now() + kLongest);
      if (done != 0) {
        pending = true;
        onLane(service, deadline, done,
               [&service, own = std::move(*schema)](const Limit& limit) -> Result<std::string> {
                 if (Status ran = service.schemas_.expand(own, limit); !ran)
                   return std::unexpected(std::move(ran.error()));
                 return std::string();
               });
        return {};
      }
      return service.schemas_.expand(*schema, CallLimit(deadline, revenge::Call(service.host_, call)));
    });
    return status == REVENGE_OK && pending ? REVENGE_PENDING : status;
  }
};

const revenge_sql& Service::table() {
  static constexpr revenge_sql kTable{sizeof(revenge_sql), 0,
                                      SqlTable::describe,  SqlTable::execute,
                                      SqlTable::begin,     SqlTable::advance,
                                      SqlTable::open,      SqlTable::fetch,
                                      SqlTable::migrate};
  return kTable;
}

void Service::tend() {
  std::vector<std::shared_ptr<Database::Transaction>> open;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(open_, [](const auto& one) { return one.expired(); });
    for (const auto& one : open_)
      if (auto transaction = one.lock()) open.push_back(std::move(transaction));
  }
  const Instant now = time_.now();
  for (const auto& transaction : open) transaction->endIfOver(now);
}

}  // namespace database
