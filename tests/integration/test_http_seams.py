"""What a plugin of request limits has of the host: limits of one request, waiting middleware, word of ends; and connections that
come through a proxy."""

import contextlib
import pathlib
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest

from host import BUILD, PATIENCE, HostTest

STREAM_MODULE = pathlib.Path("/usr/lib/nginx/modules/ngx_stream_module.so")
LIMITER = BUILD / "limiter" / "0.1.0" / "limiter"
NEXT_LIMITER = BUILD / "limiter" / "0.2.0" / "limiter"


class Asking(threading.Thread):
    """One request, whose answer is there once it has ended; None: its connection was cut."""

    def __init__(self, host, path):
        super().__init__()
        self.host, self.path, self.answer = host, path, None
        self.start()

    def run(self):
        with contextlib.suppress(ConnectionError):
            self.answer = self.host.get(self.path)

    def end(self):
        self.join(PATIENCE)
        return self.answer


def sent(host, bytes):
    """What the host answers to these bytes, until it closes or says nothing more."""
    address, port = host.address.split(":")
    with socket.create_connection((address, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(bytes)
        answer = b""
        while more := connection.recv(65536):
            answer += more
        return answer


WHO = b"GET /limited/who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def body_of(answer):
    return answer.partition(b"\r\n\r\n")[2].decode()


class Limits(HostTest):
    def setUp(self):
        super().setUp()
        self.host_ = self.running(plugins=(LIMITER,), config="log: {level: info}\n")

    def ends(self, tag):
        """Lines of the log about that end, once there is one."""
        self.host_.wait_logged(f"ended {tag} ")
        return [line for line in self.host_.logged().splitlines() if f"ended {tag} " in line]

    def wait_for_two(self):
        """One in flight beside the one that asks."""
        in_flight = 'revenge_http_requests_in_flight{server="http"}'
        self.host_.wait("a request is in flight", lambda: (self.host_.metric(in_flight) or 0) >= 2)

    def test_a_request_has_no_more_time_than_its_limit(self):
        begun = time.monotonic()
        self.assertEqual(self.host_.get("/limited/hang?deadline_ms=300&tell=1").status, 504)
        self.assertLess(time.monotonic() - begun, 20)
        self.assertIn("status 504", self.ends(1)[0])

    def test_a_request_has_no_more_time_while_it_waits(self):
        self.assertEqual(self.host_.get("/limited/who?deadline_ms=200&wait_ms=60000").status, 504)

    def test_a_body_is_no_longer_than_its_limit(self):
        head = "POST /limited/post?body=10 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        self.assertIn(b"200 OK", sent(self.host_, f"{head}Content-Length: 10\r\n\r\n{'x' * 10}".encode()))
        self.assertIn(b" 413 ", sent(self.host_, f"{head}Content-Length: 11\r\n\r\n{'x' * 11}".encode()))
        chunks = "6\r\nxxxxxx\r\n6\r\nxxxxxx\r\n0\r\n\r\n"
        self.assertIn(b" 413 ", sent(self.host_, f"{head}Transfer-Encoding: chunked\r\n\r\n{chunks}".encode()))

    def test_a_waiting_request_goes_on_or_is_answered(self):
        self.assertEqual(self.host_.get("/limited/who?wait_ms=50").status, 200)
        self.assertEqual(self.host_.get("/limited/who?wait_ms=50&then=refuse").status, 429)
        self.assertEqual(self.host_.get("/limited/who?then=refuse").status, 429)

    def test_the_end_is_told_with_what_was_sent(self):
        body = self.host_.get("/limited/who?tell=2").body
        self.assertIn(f"status 200 bytes {len(body)} complete", self.ends(2)[0])

    def test_the_end_of_a_client_that_leaves_is_told(self):
        connection = self.host_.connect()
        connection.request("GET", "/limited/large?tell=3")
        connection.sock.recv(1000)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        self.assertIn("short", self.ends(3)[0])

    def test_a_swap_while_a_request_waits_lets_it_go_on(self):
        waiting = Asking(self.host_, "/limited/version?wait_ms=1500&tell=4")
        self.wait_for_two()
        self.assertEqual(self.host_.swap("limiter", NEXT_LIMITER).status, 200)
        answer = waiting.end()
        self.assertEqual((answer.status, answer.body), (200, b"0.2.0"))
        self.assertEqual(len(self.ends(4)), 1)
        self.assertIn("ended 4 ", self.host_.get("/ends").body.decode())
        self.host_.wait("the old version left", lambda: self.host_.mapped("limiter.so") == 1)

    def test_ends_are_told_once_each_across_swaps(self):
        ending, failures, tags = threading.Event(), [], iter(range(1000, 1_000_000))
        asked = []

        def ask():
            while not ending.is_set():
                tag = next(tags)
                asked.append(tag)
                answer = self.host_.get(f"/limited/who?tell={tag}&wait_ms=1")
                if answer.status != 200:
                    failures.append(answer.status)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for turn in range(6):
            self.assertEqual(self.host_.swap("limiter", NEXT_LIMITER if turn % 2 == 0 else LIMITER).status, 200)
            seen = len(asked)
            self.host_.wait("clients go on", lambda: len(asked) > seen + 5)
        ending.set()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

        def heard():
            return [int(line.split("ended ")[1].split()[0]) for line in self.host_.logged().splitlines() if "ended 1" in line]

        self.host_.wait("every end is told", lambda: set(asked) <= set(heard()))
        self.assertEqual(sorted(heard()), sorted(asked))

    def test_what_waits_is_told_when_the_host_stops(self):
        waiting = Asking(self.host_, "/limited/hang?tell=5")
        self.wait_for_two()
        self.host_.process.send_signal(signal.SIGTERM)
        self.host_.end()
        self.assertIsNone(waiting.end())
        self.assertEqual(len(self.ends(5)), 1)


class SlowClients(HostTest):
    def test_slow_heads_and_bodies_end(self):
        host = self.running(plugins=(LIMITER,), options=("http.header_timeout_s=1", "http.body_timeout_s=1",
                                                         "http.body_min_bytes_per_s=1000"))
        address, port = host.address.split(":")
        for beginning in (b"GET /limited/who HTTP/1.1\r\nHost: a\r\nX: ",
                          b"POST /limited/post HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"):
            with self.subTest(beginning), socket.create_connection((address, int(port)), timeout=0.2) as connection:
                connection.sendall(beginning)
                answer, deadline = b"", time.monotonic() + PATIENCE
                while b"408" not in answer and time.monotonic() < deadline:
                    try:
                        connection.sendall(b"x")
                        answer += connection.recv(1000)
                    except TimeoutError:
                        continue
                self.assertIn(b" 408 ", answer)


def v2(source, port, command=0x21):
    addresses = socket.inet_aton(source) + socket.inet_aton("192.0.2.2") + struct.pack("!HH", port, 443)
    return b"\r\n\r\n\0\r\nQUIT\n" + bytes([command, 0x11]) + struct.pack("!H", len(addresses)) + addresses


class Proxied(HostTest):
    V1 = b"PROXY TCP4 198.51.100.7 192.0.2.2 4711 443\r\n"

    def proxied(self, networks):
        return self.running(plugins=(LIMITER,), options=(f"http.proxy_protocol.from={networks}",
                                                         "http.header_timeout_s=1"))

    def test_a_proxy_says_whose_connection_it_is(self):
        host = self.proxied('["127.0.0.0/8"]')
        self.assertEqual(body_of(sent(host, self.V1 + WHO)), "198.51.100.7 4711")
        self.assertEqual(body_of(sent(host, v2("198.51.100.8", 4712) + WHO)), "198.51.100.8 4712")
        six = b"PROXY TCP6 2001:db8::1 2001:db8::2 4713 443\r\n"
        self.assertEqual(body_of(sent(host, six + WHO)), "2001:db8::1 4713")

    def test_local_and_unknown_keep_the_peer(self):
        host = self.proxied('["127.0.0.1"]')
        for header in (b"PROXY UNKNOWN\r\n", v2("198.51.100.8", 4712, 0x20)):
            self.assertTrue(body_of(sent(host, header + WHO)).startswith("127.0.0.1 "))

    def test_a_header_in_pieces_is_one(self):
        host = self.proxied('["127.0.0.1"]')
        address, port = host.address.split(":")
        with socket.create_connection((address, int(port)), timeout=PATIENCE) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(self.V1), 7):
                connection.sendall(self.V1[at:at + 7])
            connection.sendall(WHO)
            answer = b""
            while more := connection.recv(65536):
                answer += more
        self.assertEqual(body_of(answer), "198.51.100.7 4711")

    def test_a_proxy_without_a_good_header_is_closed_and_counted(self):
        host = self.proxied('["127.0.0.1"]')
        for bad in (WHO, b"PROXY TCP4 nonsense\r\n" + WHO, b"PROXY TCP4 198."):
            with self.subTest(bad):
                try:
                    self.assertEqual(sent(host, bad), b"")
                except ConnectionResetError:  # what it had sent was not read
                    pass
        host.wait_logged("no good PROXY protocol header")
        self.assertEqual(host.logged().count("no good PROXY protocol header"), 1)
        metrics = body_of(sent(host, b"PROXY UNKNOWN\r\nGET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
        self.assertIn('revenge_http_refused_proxy_headers_total{server="http"} 3', metrics)

    def test_of_others_no_header_is_read(self):
        host = self.proxied('["192.0.2.0/24"]')
        self.assertTrue(body_of(sent(host, WHO)).startswith("127.0.0.1 "))
        self.assertIn(b" 400 ", sent(host, self.V1 + WHO))

    def test_a_network_that_is_none_is_refused(self):
        host = self.host(plugins=(LIMITER,), options=('http.proxy_protocol.from=["nowhere"]',))
        code, said = host.refuse()
        self.assertNotEqual(code, 0)
        self.assertIn("http.proxy_protocol.from", said)

    def test_nginx_says_whose_connection_it_is(self):
        host = self.proxied('["127.0.0.1"]')
        with socket.socket() as free:
            free.bind(("127.0.0.2", 0))
            port = free.getsockname()[1]
        folder = self.root / "nginx"
        folder.mkdir()
        (folder / "nginx.conf").write_text(
            f"load_module {STREAM_MODULE};\ndaemon off; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
            f"stream {{ server {{ listen 127.0.0.2:{port}; proxy_pass {host.address}; proxy_protocol on; }} }}\n")
        process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.terminate)

        def asked():
            try:
                with socket.create_connection(("127.0.0.2", port), timeout=PATIENCE, source_address=("127.0.0.3", 0)) as client:
                    client.sendall(WHO)
                    answer = b""
                    while more := client.recv(65536):
                        answer += more
                    return body_of(answer)
            except ConnectionRefusedError:
                return ""

        host.wait("nginx answers", lambda: asked() != "")
        self.assertTrue(asked().startswith("127.0.0.3 "))


if __name__ == "__main__":
    unittest.main()
