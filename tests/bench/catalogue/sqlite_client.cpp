#include "sqlite_client.hpp"

#include <stdexcept>

#include <sqlite3.h>

namespace bench {
namespace {

struct Close {
  void operator()(sqlite3* connection) const { sqlite3_close(connection); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class SqliteClient final : public Client {
 public:
  explicit SqliteClient(const std::string& file) {
    sqlite3* raw = nullptr;
    const int code =
        sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    connection_.reset(raw);
    check(code);
    point_ = prepared(kPoint);
    page_ = prepared(kPage);
  }

  void ask(const char* statement, std::int64_t id, Films& films) override {
    sqlite3_stmt* const at = statement == kPoint ? point_.get() : page_.get();
    films.clear();
    check(sqlite3_bind_int64(at, 1, id));
    int code = sqlite3_step(at);
    for (; code == SQLITE_ROW; code = sqlite3_step(at)) {
      films.push_back({sqlite3_column_int64(at, 0), text(at, 1), text(at, 2), sqlite3_column_int64(at, 3),
                       sqlite3_column_double(at, 4)});
    }
    if (code != SQLITE_DONE) check(code);
    check(sqlite3_reset(at));
  }

 private:
  using Prepared = std::unique_ptr<sqlite3_stmt, Close>;

  static std::string text(sqlite3_stmt* at, int column) {
    const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(at, column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(at, column))};
  }
  Prepared prepared(const char* text) {
    sqlite3_stmt* raw = nullptr;
    check(sqlite3_prepare_v3(connection_.get(), text, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr));
    return Prepared(raw);
  }
  void check(int code) const {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(connection_.get()));
  }

  std::unique_ptr<sqlite3, Close> connection_;
  Prepared point_;
  Prepared page_;
};

}  // namespace

std::unique_ptr<Client> sqliteClient(const std::string& file) { return std::make_unique<SqliteClient>(file); }

}  // namespace bench
