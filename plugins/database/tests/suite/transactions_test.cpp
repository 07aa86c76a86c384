#include <algorithm>
#include <future>

#include "suite_fixture.hpp"

namespace database {
namespace {

TEST_F(SuiteTest, WhatIsCommittedStaysAndWhatIsNotDoesNot) {
  films();
  {
    auto kept = begin();
    ASSERT_TRUE(run(*kept, "UPDATE film SET year = 1 WHERE id = 1").ok());
    ASSERT_TRUE(kept->commit(within()));
    EXPECT_EQ(run(*kept, "SELECT 1").code(), Errc::kGone);
    auto undone = begin();
    ASSERT_TRUE(run(*undone, "UPDATE film SET year = 2 WHERE id = 1").ok());
    ASSERT_TRUE(undone->rollback(within()));
    auto dropped = begin();
    ASSERT_TRUE(run(*dropped, "UPDATE film SET year = 3 WHERE id = 1").ok());
  }
  EXPECT_EQ(run("SELECT year FROM film WHERE id = 1").rows, "1");
}

TEST_F(SuiteTest, OthersSeeATransactionOnlyWhenItIsCommitted) {
  films();
  auto writing = begin();
  ASSERT_TRUE(run(*writing, "DELETE FROM film").ok());
  EXPECT_EQ(run("SELECT count(*) FROM film").rows, "2");
  ASSERT_TRUE(writing->commit(within()));
  EXPECT_EQ(run("SELECT count(*) FROM film").rows, "0");
}

TEST_F(SuiteTest, SavepointsUndoAPart) {
  films();
  auto transaction = begin();
  ASSERT_TRUE(run(*transaction, "DELETE FROM film WHERE id = 1").ok());
  ASSERT_TRUE(transaction->savepoint("SAVEPOINT", "a \"b\"", within()));
  ASSERT_TRUE(run(*transaction, "DELETE FROM film").ok());
  EXPECT_EQ(run(*transaction, "INSERT INTO film (id) VALUES (1)").code(), Errc::kRefused);
  ASSERT_TRUE(transaction->savepoint("ROLLBACK TO SAVEPOINT", "a \"b\"", within()));
  ASSERT_TRUE(transaction->savepoint("RELEASE SAVEPOINT", "a \"b\"", within()));
  ASSERT_TRUE(transaction->commit(within()));
  EXPECT_EQ(run("SELECT id FROM film").rows, "2");
}

TEST_F(SuiteTest, AReadOnlyTransactionSeesOneMomentAndChangesNothing) {
  films();
  auto reading = begin(Access::kRead, Isolation::kRepeatableRead);
  EXPECT_EQ(run(*reading, "SELECT count(*) FROM film").rows, "2");
  ASSERT_TRUE(run("DELETE FROM film WHERE id = 1").ok());
  EXPECT_EQ(run(*reading, "SELECT count(*) FROM film").rows, "2");
  const Outcome write = run(*reading, "DELETE FROM film");
  EXPECT_EQ(write.code(), Errc::kRefused) << write.message();
  reading.reset();
  EXPECT_EQ(run("SELECT count(*) FROM film").rows, "1");
  EXPECT_TRUE(database_->takesWrites());
}

TEST_F(SuiteTest, ATransactionWhoseTimeIsOverIsRolledBack) {
  films();
  auto begun = database_->begin(Isolation::kReadCommitted, Access::kWrite, time_.now(), within(), "slow");
  ASSERT_TRUE(begun);
  ASSERT_TRUE(run(**begun, "DELETE FROM film").ok());
  EXPECT_TRUE((*begun)->endIfOver(time_.now()));
  const Outcome late = run(**begun, "SELECT 1");
  EXPECT_EQ(late.code(), Errc::kGone);
  EXPECT_TRUE(late.message().contains("its time was over")) << late.message();
  EXPECT_EQ(run("SELECT count(*) FROM film").rows, "2");
}

// D17.
TEST_F(SuiteTest, WritersOneAfterAnotherNeverMeetABusyDatabase) {
  films();
  ASSERT_TRUE(run("CREATE TABLE tally (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)").ok());
  ASSERT_TRUE(run("INSERT INTO tally VALUES (1, 0)").ok());
  constexpr int kWriters = 8;
  constexpr int kRounds = 1000;
  std::vector<std::future<int>> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.push_back(std::async(std::launch::async, [this] {
      int failed = 0;
      for (int round = 0; round < kRounds; ++round)
        failed += run("UPDATE tally SET n = n + 1 WHERE id = $1", {number(1)}).ok() ? 0 : 1;
      return failed;
    }));
  }
  for (auto& writer : writers) EXPECT_EQ(writer.get(), 0);
  EXPECT_EQ(run("SELECT n FROM tally").rows, std::to_string(kWriters * kRounds));
}

TEST_F(SuiteTest, OneCallOfATransactionAtATime) {
  films();
  auto transaction = begin();
  auto slow = std::async(std::launch::async, [&] {
    Outcome ended;
    do {
      ended = outcome([&](BlockWriter& to) {
        return transaction->execute({.text = endless(), .values = {}}, within(std::chrono::milliseconds(500)),
                                    to);
      });
    } while (ended.code() == Errc::kBusy);
    return ended;
  });
  // Until the other one is inside: then this one is told so.
  Outcome other = run(*transaction, "SELECT 1");
  while (other.ok() && slow.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    other = run(*transaction, "SELECT 1");
  EXPECT_EQ(other.code(), Errc::kBusy);
  EXPECT_EQ(slow.get().code(), Errc::kTimedOut);
}

TEST_F(SuiteTest, ACursorGivesALargeResultInParts) {
  films();
  Values values;
  std::vector<std::string> titles;
  for (int i = 0; i < 1000; ++i) titles.push_back("film " + std::to_string(i));
  for (int i = 0; i < 1000; ++i)
    values.insert(values.end(), {number(100 + i), words(titles[static_cast<std::size_t>(i)]), null()});
  ASSERT_TRUE(run("INSERT INTO film VALUES ($1, $2, $3)", values, 1000).ok());
  const Values bound{number(99)};
  auto rows = database_->open({.text = "SELECT id FROM film WHERE id > $1 ORDER BY id", .values = bound},
                              within(), "a test");
  ASSERT_TRUE(rows) << rows.error().message;
  std::uint64_t seen = 0;
  for (;;) {
    const Outcome part = outcome([&](BlockWriter& to) { return (*rows)->fetch(300, within(), to); });
    ASSERT_TRUE(part.ok()) << part.message();
    if (part.rows.empty()) break;
    EXPECT_TRUE(part.rows.starts_with(std::to_string(100 + seen)));
    seen += static_cast<std::uint64_t>(std::ranges::count(part.rows, ';')) + 1;
    // What others do meanwhile it does not see.
    if (seen == 300) {
      ASSERT_TRUE(run("DELETE FROM film WHERE id > 500").ok());
    }
  }
  EXPECT_EQ(seen, 1000U);
}

TEST_F(SuiteTest, ACursorOfATransactionSeesWhatItDid) {
  films();
  std::shared_ptr<Database::Transaction> transaction = begin();
  ASSERT_TRUE(run(*transaction, "DELETE FROM film WHERE id = 1").ok());
  {
    auto rows =
        Database::Rows::within(transaction, {.text = "SELECT title FROM film", .values = {}}, within());
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(outcome([&](BlockWriter& to) { return (*rows)->fetch(10, within(), to); }).rows, "M");
  }
  ASSERT_TRUE(transaction->commit(within()));
  EXPECT_EQ(run("SELECT count(*) FROM film").rows, "1");
}

TEST_F(SuiteTest, ACursorThatOutlivesItsTransactionHasEnded) {
  films();
  std::shared_ptr<Database::Transaction> transaction = begin();
  auto rows = Database::Rows::within(transaction, {.text = "SELECT title FROM film", .values = {}}, within());
  ASSERT_TRUE(rows);
  ASSERT_TRUE(transaction->rollback(within()));
  EXPECT_EQ(outcome([&](BlockWriter& to) { return (*rows)->fetch(10, within(), to); }).code(), Errc::kGone);
}

}  // namespace
}  // namespace database
