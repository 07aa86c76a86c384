#include <atomic>
#include <chrono>

#include "suite_fixture.hpp"

namespace database {
namespace {

using std::chrono::milliseconds;

TEST_F(SuiteTest, ValuesOfEveryKindComeBackAsTheyWent) {
  const char* const table =
      isPostgresql()
          ? "CREATE TABLE v (i BIGINT, r DOUBLE PRECISION, t TEXT, b BYTEA, f BOOLEAN, m TIMESTAMPTZ, n TEXT)"
          : "CREATE TABLE v (i, r, t, b, f, m, n)";
  ASSERT_TRUE(run(table).ok());
  const std::string bytes("\0\x01\xff\\x'\"", 7);
  const Values values{number(INT64_MIN),
                      real(0.1),
                      words("Ünïcödé 映画 '; DROP TABLE v; --"),
                      blob(bytes),
                      boolean(true),
                      moment(1'796'000'000'123'456),
                      null()};
  ASSERT_TRUE(run("INSERT INTO v VALUES ($1, $2, $3, $4, $5, $6, $7)", values).ok());
  const Outcome read = run("SELECT i, r, t, b, f, m, n FROM v");
  EXPECT_EQ(read.rows, "-9223372036854775808|0.100000|Ünïcödé 映画 '; DROP TABLE v; --|" + bytes +
                           "|1|1796000000123456|null");
}

TEST_F(SuiteTest, ParametersAreTakenByTheirNumber) {
  EXPECT_EQ(run("SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT)", {words("a"), words("b")}).rows,
            "b|a|b");
}

TEST_F(SuiteTest, SaysHowManyValuesAStatementTakes) {
  films();
  const Outcome few = run("SELECT * FROM film WHERE id = $1");
  EXPECT_EQ(few.code(), Errc::kInvalid);
  EXPECT_TRUE(few.message().contains("takes 1 values, 0 were given")) << few.message();
  EXPECT_EQ(run("SELECT 1", {number(1)}).code(), Errc::kInvalid);
  EXPECT_EQ(run("SELECT title FROM film WHERE id = $1", {number(2)}).rows, "M");
}

TEST_F(SuiteTest, SaysHowManyRowsWereChanged) {
  films();
  EXPECT_EQ(run("UPDATE film SET year = year + 1").changed, 2U);
  EXPECT_EQ(run("DELETE FROM film WHERE id = 7").changed, 0U);
  EXPECT_EQ(run("INSERT INTO film VALUES (3, 'Ran', 1985) ON CONFLICT (id) DO NOTHING RETURNING id").rows,
            "3");
}

TEST_F(SuiteTest, NamesWhatAFailureMeans) {
  films();
  EXPECT_EQ(run("INSERT INTO film VALUES (1, 'Ran', 1985)").code(), Errc::kExists);
  EXPECT_EQ(run("INSERT INTO film VALUES (3, 'M', 1985)").code(), Errc::kExists);
  EXPECT_EQ(run("INSERT INTO film (id, title) VALUES (3, NULL)").code(), Errc::kRefused);
  const Outcome unknown = run("SELECT * FROM films");
  EXPECT_EQ(unknown.code(), Errc::kInvalid);
  EXPECT_TRUE(unknown.message().contains("films")) << unknown.message();
  EXPECT_EQ(run("SELEC 1").code(), Errc::kInvalid);
  EXPECT_EQ(run("").code(), Errc::kInvalid);
  EXPECT_EQ(run("SELECT 1; SELECT 2").code(), Errc::kInvalid);
  EXPECT_EQ(run("SELECT count(*) FROM film").rows, "2");
}

TEST_F(SuiteTest, TransactionsAreNoStatements) {
  films();
  for (const char* text :
       {"BEGIN", "begin immediate", "COMMIT", "ROLLBACK", "SAVEPOINT a", " /* x */ -- y\n Begin"})
    EXPECT_EQ(run(text).code(), Errc::kRefused) << text;
  EXPECT_EQ(run("SELECT count(*) FROM film").rows, "2");
}

TEST_F(SuiteTest, ForeignKeysAreKept) {
  films();
  ASSERT_TRUE(run("CREATE TABLE play (film BIGINT NOT NULL REFERENCES film (id))").ok());
  EXPECT_EQ(run("INSERT INTO play VALUES (9)").code(), Errc::kRefused);
  EXPECT_TRUE(run("INSERT INTO play VALUES (1)").ok());
  EXPECT_EQ(run("DELETE FROM film WHERE id = 1").code(), Errc::kRefused);
}

TEST_F(SuiteTest, ManySetsAreOneTransaction) {
  films();
  Values values;
  std::vector<std::string> titles;
  for (int i = 0; i < 5000; ++i) titles.push_back("film " + std::to_string(i));
  for (int i = 0; i < 5000; ++i)
    values.insert(values.end(), {number(100 + i), words(titles[static_cast<std::size_t>(i)]), null()});
  const Outcome all = run("INSERT INTO film VALUES ($1, $2, $3)", values, 5000);
  ASSERT_TRUE(all.ok()) << all.message();
  EXPECT_EQ(all.changed, 5000U);
  EXPECT_EQ(run("SELECT count(*) FROM film").rows, "5002");
  // The last of them is there already: none of them is done.
  values[values.size() - 3] = number(1);
  ASSERT_TRUE(run("DELETE FROM film WHERE id >= 100").ok());
  const Outcome none = run("INSERT INTO film VALUES ($1, $2, $3)", values, 5000);
  EXPECT_EQ(none.code(), Errc::kExists);
  EXPECT_TRUE(none.message().starts_with("set 5000: ")) << none.message();
  EXPECT_EQ(run("SELECT count(*) FROM film").rows, "2");
}

TEST_F(SuiteTest, ARunawayStatementIsCancelledAtItsLimitAndItsConnectionUsedAgain) {
  options_.max_connections = 1;
  restart();
  const Instant begun = time_.now();
  const Outcome ended = run(within(milliseconds(200)), endless());
  EXPECT_EQ(ended.code(), Errc::kTimedOut);
  EXPECT_GE(time_.now() - begun, milliseconds(200));
  // D9: none of those behind it is hit by the cancelling.
  constexpr int kBehind = 1000;
  for (int i = 0; i < kBehind; ++i) ASSERT_EQ(run("SELECT 7").rows, "7");
  EXPECT_EQ(database_->readers().opened, 1U);
}

TEST_F(SuiteTest, AStatementNobodyWaitsForIsCancelled) {
  class GivenUp final : public Limit {
   public:
    explicit GivenUp(Instant deadline) : Limit(deadline) {}
    bool isGivenUp() const override { return looks_.fetch_add(1) > 2; }

   private:
    mutable std::atomic<int> looks_{0};
  };
  EXPECT_EQ(run(GivenUp(time_.now() + std::chrono::seconds(60)), endless()).code(), Errc::kCancelled);
  EXPECT_EQ(run("SELECT 7").rows, "7");
}

TEST_F(SuiteTest, AResultBeyondItsLimitIsRefused) {
  films();
  const Outcome outcome = SuiteTest::outcome([&](BlockWriter& to) {
    to.begin(200);
    return database_->execute(
        {.text = "SELECT film.title, other.title FROM film, film AS other, film AS third", .values = {}},
        within(), to);
  });
  EXPECT_EQ(outcome.code(), Errc::kLimit);
}

TEST_F(SuiteTest, SlowStatementsAreReportedWithoutTheirValues) {
  options_.slow = Duration(0);
  restart();
  films();
  slow_.clear();
  run("SELECT title /* secret */ FROM film WHERE title = 'secret' AND id = $1", {number(1)});
  ASSERT_EQ(slow_.size(), 1U);
  EXPECT_EQ(slow_[0], "SELECT title FROM film WHERE title = '...' AND id = $1");
}

TEST_F(SuiteTest, AStatementIsPreparedOnceAndFewAreKept) {
  films();
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 400; ++i)
      ASSERT_EQ(run("SELECT title, " + std::to_string(i) + " FROM film WHERE id = $1", {number(1)}).rows,
                "Metropolis|" + std::to_string(i));
}

TEST_F(SuiteTest, AChangedTableDoesNotBreakWhatWasPrepared) {
  films();
  EXPECT_EQ(run("SELECT * FROM film WHERE id = $1", {number(1)}).rows, "1|Metropolis|1927");
  ASSERT_TRUE(run("ALTER TABLE film ADD COLUMN country TEXT").ok());
  EXPECT_EQ(run("SELECT * FROM film WHERE id = $1", {number(1)}).rows, "1|Metropolis|1927|null");
}

// D13, inside a transaction, where PostgreSQL lets nothing be repeated: it says that the whole may be.
TEST_F(SuiteTest, AChangedTableWithinATransactionIsReadOrTheWholeIsToBeTriedAgain) {
  options_.max_connections = 1;
  restart();
  films();
  EXPECT_EQ(run("SELECT * FROM film WHERE id = $1", {number(1)}).rows, "1|Metropolis|1927");
  ASSERT_TRUE(run("ALTER TABLE film ADD COLUMN country TEXT").ok());
  auto transaction = begin();
  const Outcome first = run(*transaction, "SELECT * FROM film WHERE id = $1", {number(1)});
  if (!first.ok()) {
    EXPECT_EQ(first.code(), Errc::kBusy);
    transaction = nullptr;
    transaction = begin();
  }
  EXPECT_EQ(run(*transaction, "SELECT * FROM film WHERE id = $1", {number(1)}).rows,
            "1|Metropolis|1927|null");
}

}  // namespace
}  // namespace database
