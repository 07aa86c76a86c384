#include "postgresql/dumps.hpp"

#include <algorithm>
#include <filesystem>

#include "one_row.hpp"
#include "part_file.hpp"
#include "postgresql/conninfo.hpp"

namespace database::postgresql {

namespace {

// What a program says, in one line and not too long.
std::string said(const Ended& ended) {
  constexpr std::size_t kLongest = 300;
  std::string line = ended.err;
  std::ranges::replace(line, '\n', ' ');
  while (line.ends_with(' ')) line.pop_back();
  if (line.size() > kLongest) line = "..." + line.substr(line.size() - kLongest);
  return line.empty() ? "it ended with " + std::to_string(ended.code) : line;
}

class PostgresqlUpkeep final : public Upkeep {
 public:
  PostgresqlUpkeep(std::string url, Connect connect, RunProgram run)
      : url_(std::move(url)), connect_(std::move(connect)), run_(std::move(run)) {}

  std::string place() const override { return placeOf(url_); }
  std::string_view ending() const override { return ".dump"; }

  Result<Vitals> vitals(const Limit& limit) override {
    auto connection = connect_(limit);
    if (!connection) return std::unexpected(std::move(connection.error()));
    auto row =
        oneRow(**connection, "SELECT current_setting('server_version'), pg_database_size(current_database())",
               limit);
    if (!row) return std::unexpected(std::move(row.error()));
    return Vitals{std::string(row->text(0)), static_cast<std::uint64_t>(row->integer(1))};
  }

  Status backup(const std::string& file, const Limit& limit) override {
    if (Status may = PartFile::mayBegin(file); !may) return may;
    PartFile part(file);
    const auto dumped = run({"pg_dump", "--format=custom", "--file=" + part.name()}, Reach::kDatabase, limit);
    if (!dumped) return std::unexpected(dumped.error());
    if (Status whole = examine(part.name(), limit); !whole) return whole;
    return part.put();
  }

  // The table of contents, and then every row to nowhere: a dump that was cut off ends in the middle of its data.
  Status examine(const std::string& file, const Limit& limit) override {
    std::error_code unknown;
    if (!std::filesystem::exists(file, unknown)) return fail(Errc::kNotFound, file + ": no such file");
    const auto listed = run({"pg_restore", "--list", file}, Reach::kNothing, limit);
    if (!listed) return refused(file, listed.error());
    if (!listed->out.contains(" revenge_migrations "))
      return fail(
          Errc::kInvalid,
          file + ": it is a backup, but of no database of this plugin: revenge_migrations is not in it");
    const auto read = run({"pg_restore", "--file=/dev/null", file}, Reach::kNothing, limit);
    return read ? Status() : refused(file, read.error());
  }

  Status restore(const std::string& file, const Limit& limit) override {
    const auto restored = run({"pg_restore", "--clean", "--if-exists", "--single-transaction",
                               "--exit-on-error", "--no-owner", "--no-privileges", file},
                              Reach::kDatabase, limit);
    return restored ? Status() : std::unexpected(restored.error());
  }

  // Every row is read, which finds pages that are broken; of indexes and constraints, what the server itself knows to be
  // unfinished. Indexes are not compared with their tables.
  Result<std::string> check(const Limit& limit) override {
    auto connection = connect_(limit);
    if (!connection) return std::unexpected(std::move(connection.error()));
    auto faults =
        oneRow(**connection,
               "SELECT coalesce(string_agg(what, '; '), '') FROM ("
               "SELECT 'index ' || indexrelid::regclass || ' is invalid' AS what FROM pg_index "
               "WHERE NOT indisvalid UNION ALL "
               "SELECT 'constraint ' || conname || ' of ' || conrelid::regclass || ' was never checked' "
               "FROM pg_constraint WHERE NOT convalidated) AS found",
               limit);
    if (!faults) return std::unexpected(std::move(faults.error()));
    if (!faults->text(0).empty()) return fail(Errc::kIo, place() + ": " + std::string(faults->text(0)));
    auto sums = oneRow(**connection, "SELECT current_setting('data_checksums')", limit);
    if (!sums) return std::unexpected(std::move(sums.error()));
    const auto read = run({"pg_dump", "--format=plain", "--file=/dev/null"}, Reach::kDatabase, limit);
    if (!read) return std::unexpected(read.error());
    return std::string("every row of every table; that no index or constraint is unfinished") +
           (sums->text(0) == "on" ? "; the pages' checksums" : "; pages have no checksums here") +
           ". Indexes were not compared with their tables";
  }

  Status optimize(const Limit& limit) override {
    auto connection = connect_(limit);
    if (!connection) return std::unexpected(std::move(connection.error()));
    if (Status unbound = (*connection)->script("SET statement_timeout = 0", limit); !unbound) return unbound;
    return (*connection)->script("ANALYZE", limit);
  }

 private:
  enum class Reach { kNothing, kDatabase };

  // Where the database is goes in the words, what is secret in the environment, which only the same user can read.
  Result<Ended> run(std::vector<std::string> words, Reach reach, const Limit& limit) {
    Program program{.words = std::move(words), .environment = {}};
    if (reach == Reach::kDatabase) {
      auto parts = partsOf(url_);
      if (!parts) return std::unexpected(std::move(parts.error()));
      program.words.insert(program.words.begin() + 1, {"--no-password", "--dbname=" + parts->open});
      program.environment = std::move(parts->secrets);
    }
    const std::string name = program.words.front();
    auto ended = run_(program, limit);
    if (!ended && ended.error().code == Errc::kNotFound)
      return fail(Errc::kUnavailable,
                  name + " is not installed (Debian: postgresql-client): " + ended.error().message);
    if (!ended) return ended;
    if (ended->code != 0) return fail(Errc::kFailed, name + ": " + said(*ended));
    return ended;
  }
  static Status refused(const std::string& file, const revenge::Error& why) {
    if (why.code != Errc::kFailed) return std::unexpected(why);
    return fail(Errc::kInvalid, file + ": it is damaged, or no backup: " + why.message);
  }

  const std::string url_;
  const Connect connect_;
  const RunProgram run_;
};

}  // namespace

std::unique_ptr<Upkeep> upkeep(std::string url, Connect connect, RunProgram run) {
  return std::make_unique<PostgresqlUpkeep>(std::move(url), std::move(connect), std::move(run));
}

}  // namespace database::postgresql
