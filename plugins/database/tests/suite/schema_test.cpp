#include <future>

#include "suite_fixture.hpp"

namespace database {
namespace {

class SchemaTest : public SuiteTest {
 protected:
  Schemas& schemas() {
    if (!schemas_)
      schemas_.emplace(*database_, time_, [this](const Step& step, Duration) { ran_.push_back(step.name); });
    return *schemas_;
  }
  Schema films(std::size_t count) const {
    Schema schema{.name = "library", .migrations = {}};
    const std::vector<Migration> all{
        {1, StepKind::kExpand, "film", "CREATE TABLE library_film (id BIGINT PRIMARY KEY, name TEXT);"},
        {2, StepKind::kExpand, "title",
         "ALTER TABLE library_film ADD COLUMN title TEXT; UPDATE library_film SET title = name;"},
        {3, StepKind::kContract, "no name", "ALTER TABLE library_film DROP COLUMN name;"},
        {4, StepKind::kExpand, "year", "ALTER TABLE library_film ADD COLUMN year BIGINT;"}};
    schema.migrations.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
    return schema;
  }
  Status expand(const Schema& schema) { return schemas().expand(schema, within()); }
  std::string states() {
    const auto steps = schemas().steps(within());
    std::string text;
    for (const Step& step : steps.value())
      text += step.name + (step.state == StepState::kDone  ? " done;"
                           : step.state == StepState::kDue ? " due;"
                                                           : " waits;");
    return text;
  }

  std::optional<Schemas> schemas_;
  std::vector<std::string> ran_;
};

TEST_F(SchemaTest, ExpandStepsRunOnceAndContractStepsWait) {
  ASSERT_TRUE(expand(films(4)));
  EXPECT_EQ(ran_, (std::vector<std::string>{"film", "title", "year"}));
  EXPECT_EQ(states(), "film done;title done;year done;no name waits;");
  ASSERT_TRUE(expand(films(4)));
  EXPECT_EQ(ran_.size(), 3U);
  EXPECT_TRUE(run("INSERT INTO library_film (id, name, title, year) VALUES (1, 'a', 'b', 2)").ok());
}

TEST_F(SchemaTest, ContractStepsRunWhenTheVersionIsMadePermanent) {
  ASSERT_TRUE(expand(films(4)));
  const auto ran = schemas().contract("library", within());
  ASSERT_TRUE(ran) << ran.error().message;
  ASSERT_EQ(ran->size(), 1U);
  EXPECT_EQ(run("SELECT name FROM library_film").code(), Errc::kInvalid);
  EXPECT_TRUE(schemas().contract("", within())->empty());
  EXPECT_EQ(schemas().contract("other", within()).error().code, Errc::kNotFound);
}

TEST_F(SchemaTest, AnInstanceThatFollowsKnowsWhatWasAskedForBeforeIt) {
  ASSERT_TRUE(expand(films(4)));
  const std::string saved = schemas().save();
  schemas_.reset();
  EXPECT_EQ(schemas().contract("library", within()).error().code, Errc::kNotFound);
  for (std::size_t cut = 1; cut < saved.size(); cut += 7)
    EXPECT_FALSE(schemas().takeOver(std::string_view(saved).substr(0, saved.size() - cut)));
  EXPECT_FALSE(schemas().takeOver("99999999999999999999:x"));
  ASSERT_TRUE(schemas().takeOver(saved));
  EXPECT_EQ(schemas().waiting("library", within())->size(), 1U);
  EXPECT_EQ(schemas().contract("library", within())->size(), 1U);
}

TEST_F(SchemaTest, WhereNothingHasRunNothingIsWritten) {
  EXPECT_TRUE(schemas().steps(within())->empty());
  EXPECT_EQ(run("SELECT * FROM revenge_migrations").code(), Errc::kInvalid);
}

TEST_F(SchemaTest, TheVersionBeforeGoesOnUntilThen) {
  ASSERT_TRUE(expand(films(4)));
  EXPECT_TRUE(
      expand(films(2)));  // a rollback: it knows nothing of the newest expand step, and can live with it
  ASSERT_TRUE(expand(films(4)));
  ASSERT_TRUE(schemas().contract("library", within()));
  const Status old = expand(films(2));
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().code, Errc::kRefused);
  EXPECT_TRUE(old.error().message.contains("contracted by migration 3 'no name'")) << old.error().message;
}

TEST_F(SchemaTest, AMigrationWithAnotherTextIsRefused) {
  ASSERT_TRUE(expand(films(2)));
  Schema edited = films(2);
  edited.migrations[1].text += " ";
  const Status refused = expand(edited);
  EXPECT_EQ(refused.error().code, Errc::kRefused);
  EXPECT_TRUE(refused.error().message.contains("migration 2 'title' has run with another text"))
      << refused.error().message;
}

TEST_F(SchemaTest, AStepThatFailsLeavesThoseBeforeItAndNothingOfItself) {
  Schema broken = films(2);
  broken.migrations[1].text = "ALTER TABLE library_film ADD COLUMN extra TEXT; SELECT nothing FROM nowhere;";
  const Status failed = expand(broken);
  ASSERT_FALSE(failed);
  EXPECT_TRUE(failed.error().message.starts_with("schema 'library': migration 2 'title': "))
      << failed.error().message;
  EXPECT_EQ(run("SELECT extra FROM library_film").code(), Errc::kInvalid);
  EXPECT_TRUE(expand(films(2)));
}

TEST_F(SchemaTest, ADryRunSaysWhatIsDueAndRunsNothing) {
  const auto due = schemas().due(films(4), within());
  ASSERT_TRUE(due);
  ASSERT_EQ(due->size(), 3U);
  EXPECT_EQ((*due)[2].name, "year");
  EXPECT_TRUE(ran_.empty());
  EXPECT_EQ(run("SELECT * FROM library_film").code(), Errc::kInvalid);
}

TEST_F(SchemaTest, SeveralHostsRunThemOnce) {
  std::vector<std::future<Status>> hosts;
  std::vector<std::unique_ptr<Schemas>> others;
  std::atomic<int> ran = 0;
  for (int i = 0; i < 4; ++i) {
    others.push_back(std::make_unique<Schemas>(*database_, time_, [&](const Step&, Duration) { ++ran; }));
    hosts.push_back(std::async(std::launch::async, [&, i] {
      return others[static_cast<std::size_t>(i)]->expand(films(4), within());
    }));
  }
  for (auto& host : hosts) {
    const Status done = host.get();
    EXPECT_TRUE(done) << done.error().message;
  }
  EXPECT_EQ(ran, 3);
}

}  // namespace
}  // namespace database
