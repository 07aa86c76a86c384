// A Database on the server that REVENGE_TEST_DATABASE names: "sqlite", or a PostgreSQL URL. Each test has tables of its own.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "block_reader.hpp"
#include "database.hpp"
#include "lanes.hpp"
#include "postgresql/rouser.hpp"
#include "postgresql/session.hpp"
#include "schema.hpp"
#include "sqlite/session.hpp"

namespace database {

inline revenge_sql_value null() { return {sizeof(revenge_sql_value), REVENGE_SQL_NULL, 0, 0, {}}; }
inline revenge_sql_value number(std::int64_t of) {
  return {sizeof(revenge_sql_value), REVENGE_SQL_INTEGER, of, 0, {}};
}
inline revenge_sql_value boolean(bool of) {
  return {sizeof(revenge_sql_value), REVENGE_SQL_BOOLEAN, of ? 1 : 0, 0, {}};
}
inline revenge_sql_value real(double of) { return {sizeof(revenge_sql_value), REVENGE_SQL_REAL, 0, of, {}}; }
inline revenge_sql_value moment(std::int64_t us) {
  return {sizeof(revenge_sql_value), REVENGE_SQL_TIME, us, 0, {}};
}
inline revenge_sql_value words(std::string_view of) {
  return {sizeof(revenge_sql_value), REVENGE_SQL_TEXT, 0, 0, {of.data(), of.size()}};
}
inline revenge_sql_value blob(std::string_view of) {
  return {sizeof(revenge_sql_value), REVENGE_SQL_BLOB, 0, 0, {of.data(), of.size()}};
}
using Values = std::vector<revenge_sql_value>;

// What a statement came to: its rows as text, joined by '|' and ';', or its error.
struct Outcome {
  Status status;
  std::string rows;
  std::uint64_t changed = 0;

  bool ok() const { return status.has_value(); }
  Errc code() const { return status ? Errc{} : status.error().code; }
  std::string message() const { return status ? std::string() : status.error().message; }
};

class SuiteTest : public testing::Test {
 protected:
  static std::string server() {
    const char* const named = std::getenv("REVENGE_TEST_DATABASE");
    if (named == nullptr) throw std::runtime_error("REVENGE_TEST_DATABASE is not set");
    return named;
  }
  static bool isPostgresql() { return server() != "sqlite"; }

  SuiteTest() {
    for (int i = 0; i < 6; ++i) threads_.emplace_back([this] { lanes_.run(); });
    threads_.emplace_back([this] { rouser_.run(); });
    restart();
  }
  ~SuiteTest() override {
    stop();
    lanes_.close();
    rouser_.close();
    for (std::thread& thread : threads_) thread.join();
    std::filesystem::remove_all(folder_);
  }

  void restart() {
    stop();
    database_ = std::make_unique<Database>(backend(), options_, parts());
    if (isPostgresql() && !std::exchange(emptied_, true)) {
      run("DROP SCHEMA public CASCADE");
      run("CREATE SCHEMA public");
    }
  }
  void stop() {
    if (!database_) return;
    database_->close();
    EXPECT_TRUE(database_->awaitEmpty(time_.now() + std::chrono::seconds(20)));
    database_.reset();
  }

  Backend backend() {
    if (!isPostgresql()) {
      return {.dialect = REVENGE_SQL_SQLITE,
              .connect =
                  [this](Access access, const Limit& limit) {
                    return sqlite::connect(
                        {.file = file()},
                        access == Access::kWrite ? sqlite::Role::kWriter : sqlite::Role::kReader, time_,
                        limit);
                  },
              .one_writer = true};
    }
    const postgresql::Settings settings{.url = server(), .elsewhere = [this](std::function<void()> work) {
                                          return lanes_.post(std::move(work));
                                        }};
    return {.dialect = REVENGE_SQL_POSTGRESQL,
            .connect =
                [this, settings](Access, const Limit& limit) {
                  return postgresql::connect(settings, time_, rouser_, limit);
                },
            .one_writer = false};
  }
  DatabaseParts parts() {
    return {.time = time_,
            .elsewhere = [this](std::function<void()> work) { return lanes_.post(std::move(work)); },
            .leaked = [this](std::string_view borrower, Duration) { leaks_.emplace_back(borrower); },
            .slow = [this](const Slow& slow) { slow_.emplace_back(slow.text); }};
  }
  std::string file() const { return (folder_ / "test.db").string(); }

  Limit within(std::chrono::milliseconds time = std::chrono::seconds(20)) const {
    return Limit(time_.now() + time);
  }

  template <class Work>
  static Outcome outcome(Work work) {
    BlockWriter writer;
    writer.begin(16U << 20U);
    Outcome outcome;
    outcome.status = work(writer);
    const revenge_buffer block = writer.finish();
    outcome.rows = shown({block.data, block.size});
    outcome.changed = BlockReader({block.data, block.size}).changed();
    block.release(block.owner);
    return outcome;
  }
  static std::string shown(revenge_view block) {
    revenge_sql_block head;
    std::memcpy(&head, block.data, sizeof head);
    std::string text;
    for (std::uint64_t row = 0; row < head.row_count; ++row) {
      if (row > 0) text += ';';
      for (std::uint32_t column = 0; column < head.column_count; ++column) {
        if (column > 0) text += '|';
        revenge_sql_cell cell;
        std::memcpy(&cell, block.data + head.cells_at + (row * head.column_count + column) * sizeof cell,
                    sizeof cell);
        if (cell.kind == REVENGE_SQL_NULL)
          text += "null";
        else if (cell.kind == REVENGE_SQL_REAL)
          text += std::to_string(std::bit_cast<double>(cell.content));
        else if (cell.kind == REVENGE_SQL_TEXT || cell.kind == REVENGE_SQL_BLOB)
          text += std::string(block.data + cell.content, cell.length);
        else
          text += std::to_string(cell.content);
      }
    }
    return text;
  }

  Outcome run(std::string_view text, const Values& values = {}, std::size_t sets = 1) {
    return run(within(), text, values, sets);
  }
  Outcome run(const Limit& limit, std::string_view text, const Values& values = {}, std::size_t sets = 1) {
    return outcome([&](BlockWriter& to) {
      return database_->execute({.text = text, .values = values, .sets = sets}, limit, to);
    });
  }
  Outcome run(Database::Transaction& transaction, std::string_view text, const Values& values = {}) {
    return outcome(
        [&](BlockWriter& to) { return transaction.execute({.text = text, .values = values}, within(), to); });
  }
  std::unique_ptr<Database::Transaction> begin(Access access = Access::kWrite,
                                               Isolation isolation = Isolation::kReadCommitted) {
    auto begun =
        database_->begin(isolation, access, time_.now() + std::chrono::seconds(60), within(), "a test");
    EXPECT_TRUE(begun) << begun.error().message;
    return begun ? std::move(*begun) : nullptr;
  }
  void films() {
    ASSERT_TRUE(
        run("CREATE TABLE film (id BIGINT PRIMARY KEY, title TEXT NOT NULL UNIQUE, year BIGINT)").ok());
    ASSERT_TRUE(run("INSERT INTO film VALUES ($1, $2, $3)",
                    {number(1), words("Metropolis"), number(1927), number(2), words("M"), number(1931)}, 2)
                    .ok());
  }
  // A statement that runs until it is cancelled.
  static std::string endless() {
    return isPostgresql()
               ? "SELECT pg_sleep(60)"
               : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
  }

  SystemTime time_;
  postgresql::Rouser rouser_;
  std::filesystem::path folder_ = makeFolder();
  Lanes lanes_;
  std::vector<std::thread> threads_;
  DatabaseOptions options_;
  std::unique_ptr<Database> database_;
  std::vector<std::string> leaks_;
  std::vector<std::string> slow_;
  bool emptied_ = false;

 private:
  static std::filesystem::path makeFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "revenge-database-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return path;
  }
};

}  // namespace database
