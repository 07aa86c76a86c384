#include "postgresql_client.hpp"

#include <cstdlib>
#include <stdexcept>

#include <libpq-fe.h>

namespace bench {
namespace {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};

class PostgresqlClient final : public Client {
 public:
  explicit PostgresqlClient(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    if (PQstatus(connection_.get()) != CONNECTION_OK)
      throw std::runtime_error(PQerrorMessage(connection_.get()));
    for (const auto& [name, text] : {std::pair("point", kPoint), std::pair("page", kPage)}) {
      const Answer prepared(PQprepare(connection_.get(), name, text, 0, nullptr));
      check(prepared, PGRES_COMMAND_OK);
    }
  }

  void ask(const char* statement, std::int64_t id, Films& films) override {
    const std::string digits = std::to_string(id);
    const char* const values[] = {digits.c_str()};
    const Answer answer(PQexecPrepared(connection_.get(), statement == kPoint ? "point" : "page", 1, values,
                                       nullptr, nullptr, 0));
    check(answer, PGRES_TUPLES_OK);
    films.clear();
    for (int row = 0; row < PQntuples(answer.get()); ++row) {
      const auto at = [&](int column) { return PQgetvalue(answer.get(), row, column); };
      const auto text = [&](int column) {
        return std::string(at(column), static_cast<std::size_t>(PQgetlength(answer.get(), row, column)));
      };
      films.push_back({std::strtoll(at(0), nullptr, 10), text(1), text(2), std::strtoll(at(3), nullptr, 10),
                       std::strtod(at(4), nullptr)});
    }
  }

 private:
  using Answer = std::unique_ptr<PGresult, Finish>;

  void check(const Answer& answer, ExecStatusType wanted) const {
    if (PQresultStatus(answer.get()) != wanted) throw std::runtime_error(PQerrorMessage(connection_.get()));
  }

  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace

std::unique_ptr<Client> postgresqlClient(const std::string& url) {
  return std::make_unique<PostgresqlClient>(url);
}

}  // namespace bench
