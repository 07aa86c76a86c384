"""Plugins built elsewhere: with an SDK that was frozen, in C and Rust from the tables alone, by other compilers, flags and another
standard library, load, serve, take a configuration and leave; what the host cannot promise to, it refuses by name and goes on."""

import itertools
import json
import os
import pathlib
import shutil
import unittest

from host import BUILD, HostTest

ABI = BUILD / "abi"
ZOO = BUILD / "zoo"
PACKAGES = BUILD / "tests" / "packages"
FROZEN = sorted(path.name.removesuffix(".tar.gz") for path in (pathlib.Path(__file__).parents[1] / "abi").glob("sdk-*.tar.gz"))
BY_FROZEN = ("gxx", "clangxx", "c11")
BY_FLAGS = ("gxx-O0", "gxx-O3", "gxx-lto", "clangxx-O0", "clangxx-O3", "clangxx-lto")
HOST_HAS = {"": (), "address": ("address", "undefined"), "thread": ("thread",)}[os.environ.get("REVENGE_SANITIZER", "")]
E_MACHINE = 18  # offset in the ELF header
AARCH64, X86_64 = 183, 62


def version_of(package):
    return json.loads((package / "plugin.json").read_text())["version"]


class Foreign(HostTest):
    texts = itertools.count()

    def text(self, host, id, route="text"):
        return host.get(f"/{id}/{route}").body.decode()

    def serves(self, host, id, version):
        """Its route, its timer, and a configuration that it takes while it runs, or refuses."""
        self.assertEqual([(each["version"], each["state"]) for each in host.plugin(id)["instances"] if each["state"] == "running"],
                         [(version, "running")])
        self.assertEqual(host.get(f"/{id}/text").status, 200)
        host.wait(f"the timer of {id} {version} has fired", lambda: int(self.text(host, id, "ticks")) > 1)
        text = f"text {next(self.texts)}"
        self.configure(host, id, text)
        self.assertEqual(host.control("POST", "/v1/config/reload").status, 200)
        host.wait(f"{id} {version} answers what is configured", lambda: self.text(host, id) == text)
        self.configure(host, id, "refused")
        self.assertIn("text: not this one", host.control("POST", "/v1/config/reload").body.decode())
        self.assertEqual(self.text(host, id), text)
        self.configure(host, id, text)
        self.assertEqual(host.control("POST", "/v1/config/reload").status, 200)

    def configure(self, host, id, text):
        # What watches the file may take it as well; the reload that follows is asked for, and answers for it.
        host.config.write_text(json.dumps({"plugins": {id: {"text": text}}}) + "\n")

    def unmaps(self, host, id, versions):
        host.wait(f"{versions} versions of {id} are mapped", lambda: host.mapped(f"{id}.so") == versions)

    def relay(self, packages):
        """Each replaces the one before, and that one leaves the process."""
        host = self.running(plugins=packages[:1])
        id = packages[0].name
        for package in packages:
            with self.subTest(package.parent.name):
                if package != packages[0]:
                    self.assertEqual(host.swap(id, package).status, 200)
                self.serves(host, id, version_of(package))
                self.unmaps(host, id, 1)
        return host

    def ends(self, host, id):
        self.assertEqual(host.operate("disable", id).status, 200)
        self.unmaps(host, id, 0)
        self.assertEqual(host.stop(), 0)


class Serves(Foreign):
    def test_there_is_a_frozen_sdk(self):
        self.assertIn("sdk-0.1.0", FROZEN)

    def test_plugins_built_with_a_frozen_sdk(self):
        for sdk in FROZEN:
            host = self.relay([ABI / sdk / compiler / "served" for compiler in BY_FROZEN])
            self.ends(host, "served")

    def test_in_c_and_in_rust_from_the_tables_alone(self):
        for id in ("plain-c", "plain-rust"):
            with self.subTest(id):
                host = self.running(plugins=(PACKAGES / id,))
                self.serves(host, id, "0.1.0")
                self.assertEqual(host.swap(id, PACKAGES / id).status, 200)
                self.unmaps(host, id, 1)
                self.serves(host, id, "0.1.0")
                self.ends(host, id)

    def test_with_other_flags_and_linkers(self):
        host = self.relay([ABI / "here" / build / "served" for build in BY_FLAGS])
        self.throws(host)
        self.ends(host, "served")

    def test_with_the_standard_library_of_clang(self):
        host = self.relay([ABI / "here" / build / "served" for build in ("gxx-O3", "clangxx-libcxx")])
        self.throws(host)
        self.ends(host, "served")

    def throws(self, host):
        """Exceptions of the plugin, of its standard library and of no class: caught, kept over a coroutine, let out of a handler."""
        says = {"standard": "a standard one", "library": "out of range", "number": "7"}
        for kind, text in says.items():
            self.assertEqual(self.text(host, "served", f"caught/{kind}"), text)
            kept = self.text(host, "served", f"kept/{kind}")
            self.assertTrue(kept.startswith("kept: "), kept)
            answer = host.get(f"/served/thrown/{kind}")
            self.assertEqual((answer.status, answer.body), (500, b"internal error\n"))
        host.wait_logged("a standard one")
        self.assertIsNone(host.process.poll())


class Refuses(Foreign):
    def beside_a_good_one(self, *packages):
        host = self.running(plugins=(ZOO / "good", *packages))
        host.wait("the good one runs beside what is refused", lambda: host.plugin("good")["state"] == "running")
        return host

    def refused(self, host, id, *parts):
        host.wait(f"{id} is refused", lambda: host.plugin(id)["state"] == "refused")
        note = host.plugin(id)["note"]
        for part in parts:
            self.assertIn(part, note)
        host.wait_logged(f"plugin '{id}' refused")

    def altered(self, source, id, change):
        """A copy of a package under that id, with its manifest changed."""
        package = self.root / "made" / id
        shutil.copytree(source, package)
        if id != source.name:
            (package / f"{source.name}.so").rename(package / f"{id}.so")
        (package / "plugin.json").write_text(json.dumps({**json.loads((source / "plugin.json").read_text()), "id": id, **change}))
        return package

    def test_runtimes_of_sanitizers_that_the_host_lacks_by_their_names(self):
        runtimes = {"address": "libasan.so", "thread": "libtsan.so", "undefined": "libubsan.so"}
        symbols = {"address": "__asan_init", "thread": "__tsan_init", "undefined": "__ubsan_handle_"}
        lacked = [kind for kind in symbols if kind not in HOST_HAS]
        host = self.beside_a_good_one(*(ABI / "refused" / f"gcc-{kind}" for kind in runtimes),
                                      *(ABI / "refused" / f"clang-{kind}" for kind in lacked))
        for kind, runtime in runtimes.items():
            self.refused(host, f"gcc-{kind}", f"built with the {kind} sanitizer and needs {runtime}", "build it without -fsanitize")
        for kind in lacked:
            self.refused(host, f"clang-{kind}", f"built with the {kind} sanitizer and needs {symbols[kind]}", "this host was not")
        self.assertEqual(host.stop(), 0)

    def test_another_standard_library_that_is_shared(self):
        host = self.beside_a_good_one(ABI / "refused" / "libcxx-shared")
        self.refused(host, "libcxx-shared", "needs libc++.so.1", "link it with -static-libstdc++")
        self.assertNotIn("libunwind", host.plugin("libcxx-shared")["note"])

    def test_what_would_open_the_host_or_was_built_for_another(self):
        foreign = self.altered(ZOO / "good", "foreign", {})
        library = foreign / "foreign.so"
        content = bytearray(library.read_bytes())
        content[E_MACHINE] = X86_64 if content[E_MACHINE] == AARCH64 else AARCH64
        library.write_bytes(content)
        host = self.beside_a_good_one(ZOO / "execstack", ZOO / "textrel", ZOO / "abi-newer", foreign,
                                      self.altered(ZOO / "good", "manifest-newer", {"abi": 2}))
        self.refused(host, "execstack", "asks for an executable stack")
        self.refused(host, "textrel", "has text relocations")
        self.refused(host, "abi-newer", "built for ABI generation 7, this host offers 1", "update the host")
        self.refused(host, "manifest-newer", "asks for ABI generation 2, this host offers 1")
        self.refused(host, "foreign", "foreign.so is for ", ", this host is ")
        self.assertEqual(host.stop(), 0)

    def test_a_required_table_it_lacks(self):
        host = self.beside_a_good_one(self.altered(PACKAGES / "plain-c", "plain-c", {"requires": [{"interface": "revenge.http/2"}]}))
        self.refused(host, "plain-c", "needs revenge.http revision 2; this host offers 1")

    def test_it_warns_of_what_others_could_bind_to_and_of_what_will_not_unload(self):
        host = self.beside_a_good_one(ZOO / "exports", ZOO / "unique")
        exported, unique = "beside revenge_plugin_entry, such as ", "will not unload: it has 1 GNU unique symbol"
        host.wait_logged(exported)
        host.wait_logged(unique)
        self.assertIn(exported, " ".join(host.swap("exports", ZOO / "exports").json["warnings"]))
        self.assertIn(unique, " ".join(host.swap("unique", ZOO / "unique").json["warnings"]))
        self.assertEqual(host.swap("good", ZOO / "good").json["warnings"], [])
        for id, left in (("exports", 0), ("unique", 2)):
            self.assertEqual(host.operate("disable", id).status, 200)
            self.unmaps(host, id, left)


if __name__ == "__main__":
    unittest.main()
