"""Packages as one file: made, signed, installed beside one another, swapped to, refused, removed."""

import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import unittest

from host import BUILD, HostTest, NEXT_STREAM, STREAM, UnixConnection, PATIENCE, Answer
from test_swap import Clients

HELLO = BUILD / "tests" / "packages" / "hello"


class Author(HostTest):
    """What a plugin's author has: folders, keys, and revenge pack."""

    def folder(self, version=None, package=HELLO, **more):
        self.folders = getattr(self, "folders", 0) + 1
        folder = self.root / f"source{self.folders}" / package.name
        shutil.copytree(package, folder)
        if version or more:
            manifest = json.loads((folder / "plugin.json").read_text())
            manifest.update(more)
            if version:
                manifest["version"] = version
            (folder / "plugin.json").write_text(json.dumps(manifest))
        return folder

    def pack(self, folder, *words):
        """Exit code and standard error of revenge pack, and the file it makes."""
        file = self.root / f"package{len(list(self.root.glob('package*')))}.revenge"
        done = subprocess.run([str(BUILD / "bin" / "revenge-pack"), str(folder), "-o", str(file), *map(str, words)],
                              capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
        return done.returncode, done.stderr, file

    def packed(self, *arguments, sign=None, **named):
        code, said, file = self.pack(self.folder(*arguments, **named), *(("--sign", sign) if sign else ()))
        self.assertEqual(code, 0, said)
        return file

    def unpacked(self, file, folder):
        """What a file of flat names holds, beside what the folder holds already."""
        folder.mkdir(exist_ok=True)
        with tarfile.open(file) as archive:
            for name in archive.getnames():
                (folder / name).write_bytes(archive.extractfile(name).read())
        return folder

    def key(self, name):
        """A secret key of that name; beside it, its .pub file."""
        file = self.root / f"{name}.key"
        subprocess.run(["minisign", "-G", "-W", "-p", str(file.with_suffix(".pub")), "-s", str(file)], check=True,
                       capture_output=True, stdin=subprocess.DEVNULL)
        return file

    def public(self, key):
        return key.with_suffix(".pub").read_text().splitlines()[1]

    def key_id(self, key):
        return key.with_suffix(".pub").read_text().split()[5]

    def trusting(self, *keys, **more):
        return [f"trust.keys={json.dumps([self.public(key) for key in keys])}"] + [
            f"trust.{name}={value}" for name, value in more.items()]

    def post(self, host, content, **parameters):
        connection = UnixConnection(host.socket, PATIENCE)
        try:
            query = "&".join(f"{name}={value}" for name, value in parameters.items())
            connection.request("POST", f"/v1/packages?{query}", body=content)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def install(self, host, file, **parameters):
        answer = self.post(host, pathlib.Path(file).read_bytes(), **parameters)
        return answer.json

    def stored(self, host, id="hello"):
        return [each["version"] for each in host.control("GET", f"/v1/packages/{id}").json["packages"]]

    def left(self, host):
        return sorted(path.name for path in (host.root / "state" / "packages").iterdir())

    def version_served(self, host):
        return host.get("/hello/ada").headers.get("revenge-plugin")


class Packing(Author):
    def test_one_folder_gives_the_same_bytes_twice(self):
        folder = self.folder()
        (folder / "data").mkdir()
        (folder / "data" / "table.txt").write_text("rows")
        key = self.key("own")
        first = self.pack(folder, "--sign", key)
        other = self.root / "elsewhere" / "hello"
        shutil.copytree(folder, other)
        for path in other.rglob("*"):
            path.chmod(0o700)
        second = self.pack(other, "--sign", key)
        self.assertEqual((first[0], second[0]), (0, 0), first[1] + second[1])
        self.assertEqual(first[2].read_bytes(), second[2].read_bytes())
        with tarfile.open(first[2]) as archive:
            self.assertEqual([(entry.name, entry.mode, entry.mtime, entry.uid, entry.uname) for entry in archive],
                             [(name, 0o644, 0, 0, "") for name in
                              ("data/table.txt", "hello.so", "plugin.json", "plugin.json.minisig")])
            manifest = json.load(archive.extractfile("plugin.json"))
        self.assertEqual(manifest["files"], {"data/table.txt": hashlib.sha256(b"rows").hexdigest()})
        self.assertEqual(manifest["sha256"], hashlib.sha256((folder / "hello.so").read_bytes()).hexdigest())

    def test_the_signature_is_one_that_minisign_verifies(self):
        key = self.key("own")
        file = self.packed(sign=key)
        out = self.unpacked(file, self.root / "out")
        done = subprocess.run(["minisign", "-V", "-P", self.public(key), "-m", str(out / "plugin.json")],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("hello 0.1.0", done.stdout)

    def test_what_a_host_would_refuse_is_refused_before_and_named(self):
        folder = self.folder()
        (folder / "hello.so").write_bytes(b"no library")
        code, said, file = self.pack(folder)
        self.assertEqual((code, file.exists()), (1, False))
        self.assertIn("plugin.json: names sha256", said)
        manifest = json.loads((folder / "plugin.json").read_text())
        del manifest["sha256"]
        (folder / "plugin.json").write_text(json.dumps(manifest))
        code, said, _ = self.pack(folder)
        self.assertEqual(code, 1)
        self.assertIn("hello.so", said)
        (folder / "hello.so").unlink()
        self.assertIn("the folder holds no hello.so", self.pack(folder)[1])
        (folder / "plugin.json").write_text('{"id": 7}')
        self.assertIn("plugin.json:1: id:", self.pack(folder)[1])
        linked = self.folder()
        (linked / "more").symlink_to("/etc/passwd")
        self.assertIn("more' is no regular file", self.pack(linked)[1])
        self.assertEqual(self.pack(self.root / "nowhere")[0], 1)
        self.assertEqual(subprocess.run([str(BUILD / "bin" / "revenge-pack")], capture_output=True).returncode, 2)


class Installing(Author):
    def test_a_new_plugin_is_installed_off_and_runs_when_that_is_said(self):
        host = self.running()
        answer = self.install(host, self.packed())
        self.assertEqual((answer["id"], answer["version"], answer["outcome"], answer["anew"]), ("hello", "0.1.0", "kept", True))
        self.assertEqual((host.plugin("hello")["state"], host.plugin("hello")["wanted"]), ("disabled", False))
        self.assertIn("revengectl enable hello", host.plugin("hello")["note"])
        self.assertEqual(host.get("/hello/ada").status, 404)
        self.assertEqual(host.stop(), 0)
        host.start()
        self.assertEqual(host.plugin("hello")["state"], "disabled")
        self.assertEqual(host.operate("enable", "hello").status, 200)
        self.assertEqual(host.get("/hello/ada").status, 200)
        self.assertEqual(host.stop(), 0)
        host.start()
        host.wait("it is back", lambda: host.get("/hello/ada").status == 200)
        self.assertEqual(host.stop(), 0)

    def test_enable_starts_it_at_once(self):
        host = self.running()
        code, said, wrong = host.ctl("install", self.packed(), "--enable")
        self.assertEqual(code, 0, wrong)
        self.assertIn("hello 0.1.0 installed", said)
        self.assertIn("serving 0.1.0", said)
        self.assertEqual(host.get("/hello/ada").status, 200)
        code, said, _ = host.ctl("install", self.folder())
        self.assertEqual(code, 0)
        self.assertIn("runs already", said)

    def test_a_newer_version_is_swapped_to_under_requests_and_rollback_returns(self):
        content = self.film("a.mp4", 100_000)
        host = self.running()
        id = self.library(host, 1)["a.mp4"]["id"]
        clients = Clients(host, {id: content})
        answer = self.install(host, self.packed(package=NEXT_STREAM))
        self.assertEqual((answer["outcome"], answer["ran"], answer["report"]["to"]), ("swapped", "0.1.0", "0.2.0"))
        seen = clients.answers
        host.wait("clients go on", lambda: clients.answers > seen + 8 or clients.failures)
        self.assertEqual(host.operate("rollback", "stream").json["to"], "0.1.0")
        seen = clients.answers
        host.wait("clients go on", lambda: clients.answers > seen + 8 or clients.failures)
        self.assertEqual(host.operate("rollback", "stream").json["to"], "0.2.0")
        clients.end()
        self.assertEqual(clients.failures, [])
        self.assertEqual(clients.versions, {"stream/0.1.0", "stream/0.2.0"})
        self.assertEqual(host.stop(), 0)
        host.start()
        self.assertEqual(host.plugin("stream")["version"], "0.2.0")
        self.assertEqual(host.operate("rollback", "stream").json["to"], "0.1.0")
        self.assertEqual(host.stop(), 0)

    def test_an_older_version_is_kept_and_does_not_take_over(self):
        host = self.running(plugins=(NEXT_STREAM,))
        answer = self.install(host, self.packed(package=STREAM))
        self.assertEqual(answer["outcome"], "kept")
        self.assertIn("0.2.0 runs, which is newer", answer["warnings"][0])
        self.assertEqual(host.plugin("stream")["version"], "0.2.0")
        folder = answer["folder"]
        outlook = host.plan({"plugin": "stream", "swap": folder}).json
        self.assertTrue(outlook["changes"][0]["downgrade"])
        code, said, _ = host.ctl("swap", "stream", folder, "--dry-run")
        self.assertIn("older than what runs", said)

    def test_a_version_that_does_not_start_leaves_everything_as_it_was(self):
        host = self.running(plugins=(STREAM, HELLO))
        before = host.generation
        package = self.packed("0.1.1")  # its library says 0.1.0
        answer = self.post(host, package.read_bytes())
        self.assertEqual(answer.status, 403, answer.body)
        self.assertIn("says it is 'hello' 0.1.0, plugin.json says 'hello' 0.1.1", answer.json["error"]["message"])
        self.assertEqual((host.generation, self.left(host), self.stored(host)), (before, [], []))
        self.assertEqual(host.plugin("hello")["version"], "0.1.0")

    def test_versions_stay_side_by_side_as_many_as_are_kept(self):
        host = self.running(options=["host.keep_versions=1"])
        for number in range(1, 6):
            answer = self.install(host, self.packed(f"0.1.0+{number}"), enable=1)
            self.assertEqual(answer["outcome"], "started" if number == 1 else "swapped", answer)
        # What runs, what rollback returns to, and one more.
        self.assertEqual(self.stored(host), ["0.1.0+5", "0.1.0+4", "0.1.0+3"])
        self.assertEqual(answer["removed"], ["0.1.0+2"])
        self.assertEqual(host.plugin("hello")["rollback"], "0.1.0+4")
        self.assertEqual(host.operate("rollback", "hello").json["to"], "0.1.0+4")
        code, said, _ = host.ctl("versions", "hello")
        self.assertEqual(code, 0)
        self.assertRegex(said, r"0\.1\.0\+5 +rollback returns to it")
        self.assertRegex(said, r"0\.1\.0\+4 +runs")

    def test_the_same_version_is_taken_once_and_no_other_content_of_it(self):
        host = self.running()
        file = self.packed()
        self.assertTrue(self.install(host, file)["anew"])
        self.assertFalse(self.install(host, file)["anew"])
        other = self.folder()
        (other / "more.txt").write_text("more")
        answer = self.post(host, self.pack(other)[2].read_bytes())
        self.assertEqual(answer.status, 409)
        self.assertIn("hello 0.1.0 is installed already, with another content", answer.json["error"]["message"])

    def test_a_dry_run_keeps_nothing(self):
        host = self.running()
        code, said, wrong = host.ctl("install", self.packed(), "--dry-run")
        self.assertEqual(code, 0, wrong)
        self.assertIn("hello 0.1.0 can be installed", said)
        self.assertEqual((self.left(host), self.stored(host)), ([], []))
        self.assertEqual(host.control("GET", "/v1/plugins/hello").status, 404)
        code, said, wrong = host.ctl("install", self.packed(package=NEXT_STREAM), "--dry-run")
        self.assertIn("would replace 0.1.0", said)
        self.assertEqual(host.plugin("stream")["version"], "0.1.0")

    def test_an_update_of_what_is_switched_off_does_not_switch_it_on(self):
        host = self.running(plugins=(STREAM, HELLO))
        self.assertEqual(host.operate("disable", "hello").status, 200)
        answer = self.install(host, self.packed("0.1.0+7"))
        self.assertEqual(answer["outcome"], "kept")
        self.assertEqual(host.plugin("hello")["state"], "disabled")
        self.assertEqual(host.operate("enable", "hello").json["to"], "0.1.0+7")
        self.assertEqual(host.operate("rollback", "hello").json["to"], "0.1.0")

    def test_who_installed_what_is_recorded(self):
        host = self.running()
        self.install(host, self.packed())
        self.post(host, b"nonsense" * 100)
        lines = host.ctl("audit")[1]
        self.assertIn("install hello 0.1.0", lines)
        self.assertIn("no ustar archive", lines)

    def test_a_full_disk_is_named_and_nothing_of_it_is_left(self):
        file = self.packed()
        host = self.host()
        packages = host.root / "state" / "packages"
        packages.mkdir(parents=True)
        inner = host.command()
        user = ("-m",) if os.geteuid() == 0 else ("-Urm",)
        script = f'mount -t tmpfs -o size=12k none {packages}; exec "$@"'
        host.command = lambda: ["unshare", *user, "--propagation", "private", "sh", "-ec", script, "sh", *inner]
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.kill)
        answer = self.post(host, file.read_bytes())
        self.assertNotEqual(answer.status, 200)
        self.assertIn("No space left on device", answer.json["error"]["message"])
        self.assertIn("hello.so", answer.json["error"]["message"])
        self.assertEqual(os.listdir(f"/proc/{host.process.pid}/root{packages}"), [])
        self.assertEqual(host.get("/stream").status, 200)

    def test_what_a_crash_left_half_done_is_gone_at_the_next_start(self):
        host = self.running()
        self.install(host, self.packed(), enable=1)
        host.process.kill()
        host.end()
        half = host.root / "state" / "packages" / ".new-abcdef"
        half.mkdir()
        (half / "hello.so").write_bytes(b"half")
        host.start()
        host.wait("it runs", lambda: host.get("/hello/ada").status == 200)
        self.assertEqual(self.left(host), ["hello"])


class Removing(Author):
    def test_what_runs_or_is_the_way_back_stays_unless_forced(self):
        host = self.running()
        for number in (1, 2, 3):
            self.install(host, self.packed(f"0.1.0+{number}"), enable=1)
        code, _, wrong = host.ctl("remove", "hello@0.1.0+3")
        self.assertEqual(code, 1)
        self.assertIn("runs 0.1.0+3 from there", wrong)
        self.assertIn("rollback returns to it", host.ctl("remove", "hello@0.1.0+2")[2])
        self.assertEqual(host.ctl("remove", "hello@0.1.0+1")[0], 0)
        self.assertEqual(host.ctl("remove", "hello@0.1.0+1")[0], 4)
        self.assertEqual(self.stored(host), ["0.1.0+3", "0.1.0+2"])
        self.assertEqual(host.ctl("remove", "hello@0.1.0+2", "--force")[0], 0)
        self.assertEqual(host.operate("rollback", "hello").status, 404)
        self.assertEqual(host.get("/hello/ada").status, 200)
        code, said, _ = host.ctl("remove", "hello", "--force", "--dry-run")
        self.assertIn("would remove hello 0.1.0+3; the plugin is disabled", said)
        self.assertEqual(host.get("/hello/ada").status, 200)
        self.assertEqual(host.ctl("remove", "hello", "--force")[0], 0)
        self.assertEqual(host.control("GET", "/v1/plugins/hello").status, 404)
        self.assertEqual((self.left(host), host.get("/hello/ada").status), ([], 404))
        self.assertEqual(host.stop(), 0)
        host.start()
        self.assertEqual(host.control("GET", "/v1/plugins/hello").status, 404)
        self.assertEqual(host.stop(), 0)

    def test_a_plugin_of_a_plugin_folder_is_that_again(self):
        host = self.running(plugins=(STREAM, HELLO))
        self.install(host, self.packed("0.1.0+7"), enable=1)
        self.assertEqual(host.plugin("hello")["version"], "0.1.0+7")
        self.assertEqual(host.operate("disable", "hello").status, 200)
        self.assertEqual(host.ctl("remove", "hello")[0], 0)
        self.assertEqual(host.operate("enable", "hello").json["to"], "0.1.0")
        self.assertEqual(host.ctl("remove", "hello")[0], 4)

    def test_names_that_lead_elsewhere_are_no_packages(self):
        host = self.running()
        for target in ("/v1/packages/..", "/v1/packages/%2e%2e", "/v1/packages/..%2fx", "/v1/packages/hello/..%2f.."):
            self.assertIn(host.control("DELETE", target).status, (400, 404), target)
        self.assertTrue((host.root / "state").exists())


class Hostile(Author):
    def archive(self, *entries):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for name, kind, extra in entries:
                info = tarfile.TarInfo(name)
                info.type = kind
                if kind == tarfile.REGTYPE:
                    info.size = len(extra)
                    archive.addfile(info, io.BytesIO(extra))
                else:
                    info.linkname = extra
                    archive.addfile(info)
        return out.getvalue()

    def test_each_is_refused_in_its_own_words_and_leaves_nothing(self):
        host = self.running()
        good = (HELLO / "plugin.json").read_bytes()
        file, link = tarfile.REGTYPE, tarfile.SYMTYPE
        whole = self.packed().read_bytes()
        bomb = bytearray(self.archive(("hello.so", file, b"")))
        bomb[124:135] = b"77777777777"
        bomb[148:156] = b"        "
        bomb[148:156] = b"%06o\0 " % sum(bomb[:512])
        cases = [
            (self.archive(("/tmp/revenge-evil", file, b"x")), "an absolute path"),
            (self.archive(("../../evil", file, b"x")), "a path that leaves the folder"),
            (self.archive(("data", link, "/etc"), ("data/passwd", file, b"x")), "a symbolic link"),
            (self.archive(("hello.so", tarfile.LNKTYPE, "/etc/passwd")), "a hard link"),
            (self.archive(("null", tarfile.CHRTYPE, "")), "a device"),
            (self.archive(("pipe", tarfile.FIFOTYPE, "")), "a pipe"),
            (self.archive(("a", file, b"1"), ("a", file, b"2")), "a second file of that name"),
            (self.archive(("a\x1b[2J", file, b"1")), "no printable UTF-8"),
            (bytes(bomb), "larger than 536870912 bytes"),
            (whole[:-2000], "cut short"),
            (whole + b"more", "something follows the end"),
            (b"\x1f\x8b" + whole, "it is compressed"),
            (b"", "the archive is empty"),
            (self.archive(("plugin.json", file, good)), "holds no file hello.so"),
            (self.archive(("hello.so", file, b"x")), "it holds no plugin.json"),
        ]
        for content, words in cases:
            answer = self.post(host, content, enable=1)
            self.assertGreaterEqual(answer.status, 400, words)
            self.assertIn(words, answer.json["error"]["message"])
            self.assertEqual((self.left(host), self.stored(host)), ([], []), words)
        self.assertFalse(pathlib.Path("/tmp/revenge-evil").exists())
        self.assertFalse((host.root / "evil").exists())
        self.assertEqual(host.control("GET", "/v1/plugins/hello").status, 404)
        self.assertEqual(self.post(host, whole, enable=1).status, 200)
        self.assertEqual(host.stop(), 0)

    def test_a_client_that_leaves_in_the_middle_leaves_nothing(self):
        host = self.running()
        content = self.packed().read_bytes()
        connection = UnixConnection(host.socket, PATIENCE)
        connection.putrequest("POST", "/v1/packages?enable=1")
        connection.putheader("Content-Length", str(len(content)))
        connection.endheaders()
        connection.send(content[: len(content) // 2])
        host.wait("it is coming in", lambda: self.left(host) != [])
        connection.close()
        host.wait("nothing of it is left", lambda: self.left(host) == [])
        self.assertEqual(self.stored(host), [])


class Trusted(Author):
    def test_what_a_trusted_key_signed_is_loaded_and_shown(self):
        key = self.key("own")
        host = self.running(plugins=(), options=self.trusting(key))
        answer = self.install(host, self.packed(sign=key), enable=1)
        self.assertEqual(answer["outcome"], "started", answer)
        text = f"trusted: key {self.key_id(key)}: hello 0.1.0"
        self.assertEqual((answer["signature"], host.plugin("hello")["signature"]), (text, text))
        self.assertIn(text, host.ctl("show", "hello")[1])
        outlook = host.plan({"plugin": "hello", "reload": True}).json
        self.assertEqual(outlook["changes"][0]["signature"], text)
        self.assertEqual(host.get("/hello/ada").status, 200)

    def test_the_others_are_refused_before_any_of_their_code_runs(self):
        key, other = self.key("own"), self.key("other")
        host = self.running(plugins=(), options=self.trusting(key))
        signed = self.unpacked(self.packed(sign=key), self.folder())

        def spoilt(name, content):
            folder = self.folder(package=signed)
            (folder / name).write_bytes(content)
            return folder

        manifest = (signed / "plugin.json").read_bytes()
        library = (signed / "hello.so").read_bytes()
        signature = (signed / "plugin.json.minisig").read_bytes()
        further = self.folder(package=signed)
        (further / "more.txt").write_text("more")
        cases = [
            (self.folder(), "it is not signed"),
            (self.packed(sign=other), f"signed by the unknown key {self.key_id(other)}"),
            (spoilt("plugin.json", manifest.replace(b"0.1.0", b"0.1.9", 1)), "plugin.json was altered"),
            (spoilt("hello.so", library + b"x"), "the file was altered"),
            (spoilt("plugin.json.minisig", signature[:150]), "plugin.json.minisig is damaged"),
            (further, "names no sha256 of more.txt"),
        ]
        for source, words in cases:
            code, _, said = host.ctl("install", source, "--enable")
            self.assertEqual(code, 1, words)
            self.assertIn(words, said)
            self.assertEqual((self.left(host), self.stored(host)), ([], []), words)
            if source.is_dir():  # the same by a swap from its folder
                self.assertIn(words, host.swap("hello", source).json["error"]["message"])
        self.assertEqual(host.mapped("hello.so"), 0)
        # Not even in the child that tries a library.
        cache = host.root / "state" / "probe-cache.json"
        self.assertFalse(cache.exists() and "hello" in cache.read_text())
        self.assertEqual(host.swap("hello", signed).status, 200)

    def test_a_key_that_is_taken_out_is_told_at_the_next_start(self):
        key, other = self.key("own"), self.key("other")
        host = self.running(plugins=(), options=self.trusting(key))
        self.install(host, self.packed(sign=key), enable=1)
        self.assertEqual(host.get("/hello/ada").status, 200)
        self.assertEqual(host.stop(), 0)
        host.options = host.options[:1] + self.trusting(other)
        host.start()
        host.wait("it is refused", lambda: host.plugin("hello")["state"] == "refused")
        self.assertIn(f"signed by the unknown key {self.key_id(key)}, which trust.keys does not have",
                      host.plugin("hello")["note"])
        self.assertEqual(host.mapped("hello.so"), 0)
        self.assertEqual(host.stop(), 0)

    def test_plugin_folders_may_be_left_out_and_none_may_be_required(self):
        key = self.key("own")
        host = self.running(plugins=(HELLO,), options=self.trusting(key, require="installed"))
        host.wait("it runs", lambda: host.get("/hello/ada").status == 200)
        self.assertEqual(host.plugin("hello")["signature"], "unsigned")
        self.assertIn("it is not signed", host.swap("hello", self.folder()).json["error"]["message"])
        strict = self.running(plugins=(HELLO,), options=self.trusting(key))
        strict.wait("it is refused", lambda: strict.plugin("hello")["state"] == "refused")
        self.assertIn("it is not signed", strict.plugin("hello")["note"])
        lax = self.running(plugins=(HELLO,), options=self.trusting(key, require="none"))
        lax.wait("it runs", lambda: lax.get("/hello/ada").status == 200)

    def test_without_keys_a_signature_is_told_and_never_called_good(self):
        key = self.key("own")
        host = self.running(plugins=())
        answer = self.install(host, self.packed(sign=key), enable=1)
        self.assertEqual(answer["signature"], f"unknown key {self.key_id(key)}")
        self.assertTrue(any("unknown key" in line for line in answer["report"]["warnings"]), answer)
        host.wait_logged("unknown key")

    def test_a_key_that_is_none_stops_the_start(self):
        host = self.host(options=["trust.keys=[RWQnonsense]"])
        code, said = host.refuse()
        self.assertNotEqual(code, 0)
        self.assertIn("trust.keys[0]: RWQnonsense: is neither a public key of minisign", said)
        file = self.host(options=[f"trust.keys={json.dumps([str(self.key('own').with_suffix('.pub'))])}"]).start()
        self.addCleanup(file.stop)


if __name__ == "__main__":
    unittest.main()
