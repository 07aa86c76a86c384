"""The two servers that are compared: this host and nginx, each on a free port with a folder of its own."""

import hashlib
import json
import os
import shutil

import client
from process import Child, Failed, children, free_port, run

# The bench plugin (tests/bench/plugins): INLINE and WORKER answer `ok`, INSTANCE the time its instance was made, so that
# a later instance answers a higher number.
BENCH_PLUGIN = "benchroutes"
INLINE, WORKER, INSTANCE = "/bench/inline", "/bench/worker", "/bench/instance"

# Where the build leaves packages, below its folder.
PACKAGES = {
    "stream": "plugins/stream",
    "crasher": "tests/packages/crasher",
    "database": "plugins/database",
    "http-limits": "plugins/http-limits",
    "holder": "tests/packages/holder",
    "library": "plugins/library",
    "benchcatalogue": "bench/benchcatalogue",
    "relay": "tests/packages/relay",
    "resilience": "plugins/resilience",
    BENCH_PLUGIN: f"bench/0.1.0/{BENCH_PLUGIN}",
    f"{BENCH_PLUGIN} 0.2.0": f"bench/0.2.0/{BENCH_PLUGIN}",
    f"{BENCH_PLUGIN} 0.1.0, 3 MB": f"bench/0.1.0-3mb/{BENCH_PLUGIN}",
    f"{BENCH_PLUGIN} 0.2.0, 3 MB": f"bench/0.2.0-3mb/{BENCH_PLUGIN}",
    **{f"store {folder}": f"store/{folder}/store" for folder in ("1.0.0", "2.0.0", "exclusive-1.0.0", "exclusive-2.0.0")},
    "reader": "store/reader-1.0.0/reader",
    "reader-c": "store/reader-c/reader-c",
    **{f"bench-{number}": f"tree/1.0.0/bench-{number}" for number in range(50)},
}

COMPARABLE = {"http.io_threads": 1, "http.access_log": False}


def package(bench, name):
    return bench.program(PACKAGES[name])


def altered(source, folder, more=32):
    """A copy of a package with a hash nobody has seen: bytes behind the library's last section change nothing else."""
    shutil.copytree(source, folder)
    library, manifest = folder / f"{source.name}.so", folder / "plugin.json"
    with open(library, "ab") as out:
        out.write(os.urandom(more))
    content = json.loads(manifest.read_text())
    if "sha256" in content:
        content["sha256"] = hashlib.sha256(library.read_bytes()).hexdigest()
        manifest.write_text(json.dumps(content))
    return folder


class Host(Child):
    def __init__(self, bench, plugins, settings, folder=None):
        self.folder = folder or bench.fresh_folder()
        self.port = free_port()
        self.socket = self.folder / "run" / "revenge.sock"
        self.control = bench.program("bin", "revengectl")
        for name in ("plugins", "state", "cache", "run"):
            (self.folder / name).mkdir(exist_ok=True)
        for plugin in plugins:
            own = self.folder / "plugins" / plugin.split()[0]
            if not own.exists():
                shutil.copytree(package(bench, plugin), own)
        (self.folder / "revenge.yaml").write_text("{}\n")
        words = [f"{key}={json.dumps(value)}" for key, value in {**settings, "http.port": self.port}.items()]
        super().__init__(
            [bench.program("bin", "revenge"), "--config", self.folder / "revenge.yaml", "--plugins", self.folder / "plugins",
             "--state", self.folder / "state", "--cache", self.folder / "cache", "--run", self.folder / "run", *(w for word in words for w in ("--set", word))],
            self.folder)
        try:
            self.wait_until(self.ready, "revenge")
        except Failed:
            self.stop()
            raise

    def ready(self):
        try:
            return client.get(self.port, "/health/ready").status == 200
        except OSError:
            return False

    def swap(self, plugin, folder):
        return run(self.control, "--socket", self.socket, "swap", plugin, folder, "--json", timeout=60)


class Nginx(Child):
    """One worker; `pid` is the worker's."""

    def __init__(self, bench, locations):
        self.folder, self.port = bench.fresh_folder(), free_port()
        config = self.folder / "nginx.conf"
        config.write_text(self.configuration(locations))
        super().__init__(["nginx", "-p", self.folder, "-c", config, "-e", "stderr"], self.folder)
        try:
            self.wait_until(self.ready, "nginx")
        except Failed:
            self.stop()
            raise
        self.pid = children(self.process.pid)[0]

    def ready(self):
        try:
            client.get(self.port, "/")
            return True
        except OSError:
            return False

    def configuration(self, locations):
        user = "user root;" if os.geteuid() == 0 else ""
        scratch = "".join(f"  {name}_temp_path {self.folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""{user}
daemon off;
worker_processes 1;
pid {self.folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  server_tokens off;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  types {{ }}
  default_type text/plain;
{scratch}  server {{
    listen 127.0.0.1:{self.port} backlog=1024;
    location / {{ return 404 ""; }}
{locations}  }}
}}
"""


def same_answer(answer):
    """An nginx location that answers with our status, body and fields, as far as nginx lets itself be told."""
    of_nginx = ("server", "date", "content-type", "content-length", "connection")
    added = "".join(f'      add_header {name} "{value}" always;\n' for name, value in answer.fields if name not in of_nginx)
    kind = answer.field("content-type") or "text/plain"
    return f"""    location = /same {{
      default_type "{kind}";
{added}      return {answer.status} "{answer.body.decode()}";
    }}
"""


def difference(ours, theirs):
    """Which fields only one side sends, for the note of a row."""
    one, other = ({name for name, _ in answer.fields} for answer in (ours, theirs))
    said = [f"only {who} sends {', '.join(sorted(names))}" for who, names in (("the host", one - other), ("nginx", other - one)) if names]
    return "; ".join(said)
