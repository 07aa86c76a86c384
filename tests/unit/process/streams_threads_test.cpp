#include "unit/process/process_fixture.hpp"

namespace revenge::process {
namespace {

using base::Errc;

constexpr std::size_t kMiB = 1U << 20U;

Command limited(Command command, Beyond beyond) {
  command.out.beyond = beyond;
  command.out.max_bytes = 1000;
  return command;
}

class Streams : public ProcessTest {
 protected:
  const std::string numbers_ = "i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done";
  std::string said_ = [] {
    std::string said;
    for (int i = 0; i < 3000; ++i) said += std::to_string(i) + "\n";
    return said;
  }();
};

TEST_F(Streams, KeepsTheHeadOfWhatIsTooLong) {
  const Outcome outcome = run(limited(shell(numbers_), Beyond::kKeepHead));
  EXPECT_EQ(outcome.how, How::kExited);
  EXPECT_EQ(outcome.out, said_.substr(0, 1000));
  EXPECT_EQ(outcome.out_cut, said_.size() - 1000);
}

TEST_F(Streams, KeepsTheTailOfWhatIsTooLong) {
  const Outcome outcome = run(limited(shell(numbers_), Beyond::kKeepTail));
  EXPECT_EQ(outcome.how, How::kExited);
  EXPECT_EQ(outcome.out, said_.substr(said_.size() - 1000));
  EXPECT_EQ(outcome.out_cut, said_.size() - 1000);
}

TEST_F(Streams, TheTailOfMuchIsKeptInLittleMemory) {
  Command asked = shell("head -c 64M /dev/zero; printf end");
  asked.out = {.form = OutputForm::kCollect, .beyond = Beyond::kKeepTail, .max_bytes = 5};
  const Outcome outcome = run(std::move(asked));
  EXPECT_EQ(outcome.out, std::string("\0\0end", 5));
  EXPECT_EQ(outcome.out_cut, 64 * kMiB - 2);
}

TEST_F(Streams, EndsAChildThatSaysTooMuch) {
  const Outcome outcome = run(limited(command({"yes"}), Beyond::kKill));
  EXPECT_EQ(outcome.how, How::kOutputLimit);
  EXPECT_EQ(outcome.signal, SIGTERM);
  EXPECT_EQ(outcome.out.size(), 1000U);
  EXPECT_GT(outcome.out_cut, 0U);
  EXPECT_EQ(metric(R"(revenge_children_ended_total{how="output_limit",plugin="p"})"), 1);
}

TEST_F(Streams, ExactlyTheLimitIsNotTooMuch) {
  Command asked = shell("head -c 1000 /dev/zero");
  EXPECT_EQ(run(limited(std::move(asked), Beyond::kKill)).how, How::kExited);
}

TEST_F(Streams, SixtyFourMebibytesComePieceByPiece) {
  Command asked = shell("head -c 64M /dev/zero; printf err >&2");
  asked.out.form = OutputForm::kStream;
  Run child = running(std::move(asked));
  std::size_t came = 0;
  while (auto piece = readPiece(*child.child)) {
    EXPECT_LE(piece->size(), Intake::kWindow + (64U << 10U));
    came += piece->size();
  }
  EXPECT_EQ(came, 64 * kMiB);
  EXPECT_TRUE(end(child).ok);
  EXPECT_EQ(child.outcome().err, "err");
}

// It would write for ever; whoever does not read holds it after the window and the pipe.
TEST_F(Streams, AChildWaitsForItsReader) {
  Command asked = shell("i=0; while head -c 65536 /dev/zero; do i=$((i+1)); echo $i >&2; done");
  asked.out.form = OutputForm::kStream;
  asked.err.form = OutputForm::kStream;
  Run child = running(std::move(asked));
  // Asleep in write(2) on the pipe: nobody takes more of it until something is read.
  const auto blocked = [&] {
    for (const auto& [pid, seen] : below(child.child->pid())) {
      std::ifstream where("/proc/" + std::to_string(pid) + "/syscall");
      std::string call;
      where >> call;
      if (seen.name == "head" && seen.state == 'S' && call == "1") return true;
    }
    return false;
  };
  const auto patience = std::chrono::steady_clock::now() + kSoon;
  while (!blocked() && std::chrono::steady_clock::now() < patience) {
  }
  EXPECT_TRUE(blocked());
  std::string said;
  while (!said.contains("\n4\n")) said += readPiece(*child.child, Stream::kErr).value_or("\n4\n");
  EXPECT_FALSE(said.contains("\n12\n")) << said;
  std::size_t came = 0;
  while (came < 4 * kMiB) came += readPiece(*child.child).value_or(std::string(4 * kMiB, '-')).size();
  child.child->cancel({Errc::kCancelled, "enough"});
  EXPECT_TRUE(end(child).ok);
  EXPECT_EQ(child.outcome().how, How::kCancelled);
}

TEST_F(Streams, AStreamIsReadToItsEndAfterTheChilds) {
  Command asked = shell("printf rest");
  asked.out.form = OutputForm::kStream;
  Run child = start(std::move(asked));
  EXPECT_EQ(child.outcome().how, How::kExited);
  EXPECT_EQ(readAll(*child.child), "rest");
  EXPECT_EQ(readPiece(*child.child), std::nullopt);
}

TEST_F(Streams, AWholeInputArrivesAndEnds) {
  Command asked = command({"wc", "-c"});
  asked.input = InputForm::kWhole;
  asked.input_bytes = std::string(8 * kMiB, 'x');
  EXPECT_EQ(run(std::move(asked)).out, "8388608\n");
}

TEST_F(Streams, NoInputIsEmptyInput) { EXPECT_EQ(run(command({"wc", "-c"})).out, "0\n"); }

TEST_F(Streams, AnInputIsWrittenPieceByPiece) {
  Command asked = command({"cat"});
  asked.input = InputForm::kStream;
  asked.out.form = OutputForm::kStream;
  Run child = running(std::move(asked));
  for (int i = 0; i < 100; ++i) {
    auto [told, future] = listening();
    const std::string line = "line " + std::to_string(i) + "\n";
    const auto went = child.child->write(line, std::move(told));
    ASSERT_TRUE(went);
    EXPECT_EQ(readLine(*child.child), line);
  }
  EXPECT_TRUE(child.child->finish());
  EXPECT_TRUE(end(child).ok);
  EXPECT_EQ(child.outcome().exit_code, 0);
}

TEST_F(Streams, AWriterWaitsForItsChild) {
  Command asked = shell("exec sleep 100");
  asked.input = InputForm::kStream;
  Run child = running(std::move(asked));
  const std::string much(4 * kMiB, 'x');
  auto [on_its_way, sent] = listening();
  ASSERT_TRUE(child.child->write(much, std::move(on_its_way)));
  EXPECT_TRUE(heard(sent).ok);
  auto [held, room] = listening();
  const auto went = child.child->write(much, std::move(held));
  ASSERT_TRUE(went);
  EXPECT_EQ(*went, Went::kPending);
  const auto more = child.child->write("y", nullptr);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::kBusy);
  child.child->cancel({Errc::kCancelled, "enough"});
  EXPECT_TRUE(heard(room).end);
}

TEST_F(Streams, AChildThatReadsNoMoreEndsTheInput) {
  Command asked = shell("exec <&-; echo closed; read line < /dev/null; while :; do sleep 100; done");
  asked.input = InputForm::kStream;
  asked.out.form = OutputForm::kStream;
  Run child = running(std::move(asked));
  EXPECT_EQ(readLine(*child.child), "closed\n");
  for (bool ended = false; !ended;) {
    auto [told, future] = listening();
    const auto went = child.child->write("into nothing", std::move(told));
    ASSERT_TRUE(went);
    ended = *went == Went::kEnd || (*went == Went::kPending && heard(future).end);
  }
  Command whole = command({"true"});
  whole.input = InputForm::kWhole;
  whole.input_bytes = std::string(8 * kMiB, 'x');
  EXPECT_EQ(run(std::move(whole)).exit_code, 0);
}

TEST_F(Streams, WhoReadsFromAChildThatNeverRanIsTold) {
  Command asked = command({"no-such-program"});
  asked.out.form = OutputForm::kStream;
  asked.input = InputForm::kStream;
  auto child = processes_->prepare(std::move(asked));
  ASSERT_TRUE(child);
  auto [told, came] = listening();
  std::string_view piece;
  ASSERT_EQ((*child)->read(Stream::kOut, piece, std::move(told)), Went::kPending);
  auto [room, written] = listening();
  ASSERT_EQ((*child)->write(std::string(kMiB, 'x'), std::move(room)), Went::kPending);
  auto [failed, word] = listening();
  (*child)->start(Until::kStarted, std::move(failed));
  EXPECT_EQ(heard(word).error.code, Errc::kNotFound);
  EXPECT_TRUE(heard(came).end);
  EXPECT_TRUE(heard(written).end);
}

TEST_F(Streams, SaysWhatWasNotAskedFor) {
  Run child = running(shell("exec sleep 100"));
  std::string_view piece;
  EXPECT_EQ(child.child->read(Stream::kOut, piece, nullptr).error().code, Errc::kInvalid);
  EXPECT_EQ(child.child->write("x", nullptr).error().code, Errc::kInvalid);
  EXPECT_EQ(child.child->outcome().error().code, Errc::kBusy);
}

}  // namespace
}  // namespace revenge::process
