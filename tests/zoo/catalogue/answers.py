"""What a handler can do with its answer."""

from members import LIVE, Member

ROW = "calls.answers"


def answers(name, does, statuses, *words, body=None, package="", row=ROW, path="", **more):
    deed = ("get", path, statuses) if body is None else ("get", path, statuses, body)
    return Member(name, does, "running", words, deeds=(deed,), package=package, row=row, **more)


def misbehaving(name, does, statuses, *words, **more):
    return answers(name, does, statuses, *words, package=f"misbehaving/{name}", path=f"/misbehaving/{name}", **more)


MEMBERS = [
    misbehaving("throws-in-handler", "its handler throws an exception", (500,), "thrown across the boundary"),
    misbehaving("throws-int-in-handler", "its handler throws a number", (500,), "no std::exception"),
    misbehaving("hangs-in-handler", "its handler never returns", (504,), "did not answer in time", exit=(1,)),
    misbehaving("answers-nothing", "its handler returns without an answer", (500,), "it did not answer"),
    misbehaving("drops-responder", "it drops a request", (500,), "dropped"),
    misbehaving("never-answers", "it never answers a request", (504,), "did not answer in time"),
    misbehaving("answers-twice", "it answers a request twice", (200,), body=b"ok",
                quiet="the second answer is told that there is one already"),
    answers("answers-late", "it answers behind the deadline", (504,), "did not answer in time", row="symbols.imports"),
    answers("answers-on-another-thread", "it answers from a job", (200,), body=b"late", quiet="nothing is wrong with it",
            row="", no_row="nothing is wrong with it"),
    answers("answers-again-later", "it answers again through a responder that has answered", (200,), body=b"ok",
            quiet="the second answer is told that the request is gone"),
    answers("answers-foreign", "it answers a request that is not its own", (200,), body=b"-7",
            quiet="the call answers that it is gone", row="calls.host"),
    answers("answers-odd-status", "it answers with status 9999", (500,), "9999"),
    answers("answers-split-header", "it answers with a line break in a header", (500,), "x-zoo", row=LIVE),
    answers("answers-framing", "it answers with a Content-Length of its own", (500,), "content-length", row=LIVE),
    answers("answers-no-file", "it answers with a file that is none", (500,), "file", row=LIVE),
    answers("answers-closed-file", "it answers with a descriptor that is not open", (500,), "descriptor", row=LIVE),
    answers("answers-pipe", "it answers with a pipe as a file", (500,), "regular file", row=LIVE),
    answers("answers-body-of-null", "it answers with a body at NULL", (500,), "NULL", row=LIVE),
    answers("answers-null", "it answers NULL", (500,), "NULL", row="calls.host"),
    answers("fails-unknown", "its handler fails with a status that nobody knows", (500,), "-77", row=LIVE),
    answers("fails-without-reason", "its handler fails and does not say why", (500,), "handler failed", row=LIVE),
    answers("fails-positive", "its handler succeeds with a status that nobody knows, unanswered", (200,),
            quiet="whatever is no failure is a success", row="", no_row="the handler has answered"),
    Member("half-a-body", "it streams half a body and is silent", "retired", deeds=(("half",), ("disable",)), words=("not drained by its deadline",),
           row=ROW, exit=(0, 1)),
    answers("floods-client", "it streams faster than the client reads", (200,), quiet="what there is no room for is refused"),
    answers("responds-in-stream", "it answers within a stream", (200,), body=b"EXISTS",
            quiet="the answer is told that there is one already"),
]
