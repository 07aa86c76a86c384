"""A real nginx for a test, as the distribution has it: on a free port, before one server that it passes everything to, and gone
afterwards."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from ailing_backend import PATIENCE, port_that_stays_free, wait


class NginxFront:
    """Its own times are left as they are: it waits 60 s for an answer."""

    def __init__(self, port_behind):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="revenge-nginx-"))
        self.port = port_that_stays_free()
        config = self.folder / "nginx.conf"
        config.write_text(self.configuration(port_behind))
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(["nginx", "-p", self.folder, "-c", config, "-e", "stderr"], stdin=subprocess.DEVNULL,
                                            stderr=log)
        wait("nginx started", self.has_started)

    def has_started(self):
        if self.process.poll() is not None:
            raise AssertionError(f"nginx did not start: {(self.folder / 'log').read_text(errors='replace')}")
        return (self.folder / "nginx.pid").exists()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def configuration(self, port_behind):
        user = "user root;" if os.geteuid() == 0 else ""
        scratch = "".join(f"  {name}_temp_path {self.folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""{user}
daemon off;
worker_processes 1;
pid {self.folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
{scratch}  upstream behind {{
    server 127.0.0.1:{port_behind};
    keepalive 32;
  }}
  server {{
    listen 127.0.0.1:{self.port} backlog=1024;
    location / {{
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
"""

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
