# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
"""
A client of gaol-nomad by an implementation of gRPC that is none of ours
(python3-grpcio), with the messages written by hand: field numbers and wire
types, no generated code.

A message is a list of (number, value): int for varint, bytes or str for
length-delimited, list for an embedded message.  What comes back is a dict of
number to list of values, bytes for all that is length-delimited.
"""
import os
import struct
import subprocess
import sys
import threading
import time

import grpc

COOKIE = "e4327c2e01eabfd75a8a67adb114fb34a757d57eee7728d857a8cec6e91a7255"
DRIVER = "/hashicorp.nomad.plugins.drivers.proto.Driver/"
BASE = "/hashicorp.nomad.plugins.base.proto.BasePlugin/"


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 0x7F:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def enc(fields):
    out = b""
    for number, value in fields:
        if isinstance(value, bool):
            value = int(value)
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
            continue
        if isinstance(value, str):
            value = value.encode()
        elif isinstance(value, (list, tuple)):
            value = enc(value)
        out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


def dec(data):
    out, at = {}, 0

    def get():
        nonlocal at
        n = shift = 0
        while True:
            b = data[at]
            at += 1
            n |= (b & 0x7F) << shift
            shift += 7
            if b < 0x80:
                return n

    while at < len(data):
        tag = get()
        kind = tag & 7
        if kind == 0:
            value = get()
        elif kind == 1:
            value = struct.unpack("<d", data[at:at + 8])[0]
            at += 8
        else:
            assert kind == 2, "wire type %d" % kind
            size = get()
            value = data[at:at + size]
            at += size
        out.setdefault(tag >> 3, []).append(value)
    assert at == len(data)
    return out


def one(message, *path, default=None):
    """The last value of a field, by the numbers that lead to it."""
    value = message
    for i, number in enumerate(path):
        if isinstance(value, bytes):
            value = dec(value)
        if number not in value:
            return default
        value = value[number][-1]
    return value


def mp(value):
    if value is None:
        return b"\xc0"
    if value is True or value is False:
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return bytes([value]) if 0 <= value < 128 else \
            b"\xd3" + struct.pack(">q", value)
    if isinstance(value, str):
        b = value.encode()
        return b"\xdb" + struct.pack(">I", len(b)) + b
    if isinstance(value, list):
        return b"\xdd" + struct.pack(">I", len(value)) + \
            b"".join(mp(v) for v in value)
    return b"\xdf" + struct.pack(">I", len(value)) + \
        b"".join(mp(k) + mp(v) for k, v in value.items())


class Plugin:
    """A running gaol-nomad, and a connection to it."""

    running = []

    def __init__(self, program="gaol-nomad", socket=None):
        self.process = None
        if socket is None:
            env = dict(os.environ, NOMAD_PLUGIN_MAGIC_COOKIE=COOKIE,
                       PLUGIN_PROTOCOL_VERSIONS="2")
            self.process = subprocess.Popen(
                [program], env=env, stdout=subprocess.PIPE,
                stdin=subprocess.DEVNULL)
            Plugin.running.append(self.process)
            line = self.process.stdout.readline().decode().rstrip("\n")
            parts = line.split("|")
            assert parts[:3] == ["1", "2", "unix"], line
            assert parts[4] == "grpc", line
            socket = parts[3]
        self.socket = socket
        self.channel = grpc.insecure_channel(
            "unix:" + socket, options=[("grpc.use_local_subchannel_pool", 1)])

    def call(self, path, fields=(), timeout=60):
        f = self.channel.unary_unary(
            path, request_serializer=enc, response_deserializer=dec)
        return f(list(fields), timeout=timeout)

    def driver(self, name, fields=(), timeout=60):
        return self.call(DRIVER + name, fields, timeout)

    def stream(self, name, fields=()):
        f = self.channel.unary_stream(
            DRIVER + name, request_serializer=enc, response_deserializer=dec)
        return f(list(fields))

    def configure(self, **config):
        return self.call(BASE + "SetConfig", [(1, mp(config)), (3, "v0.1.0")])

    def later(self, name, fields):
        """A call that is not waited for."""
        f = self.channel.unary_unary(
            DRIVER + name, request_serializer=enc, response_deserializer=dec)
        return f.future(list(fields))

    def exec(self, task, argv, tty=False, stdin=b"", size=None):
        """ExecTaskStreaming: (status, stdout, stderr)."""
        done = threading.Event()

        def requests():
            yield [(1, [(1, task)] + [(2, a) for a in argv] + [(3, tty)])]
            if size:
                yield [(2, [(1, size[0]), (2, size[1])])]
            yield []            # a heartbeat
            for at in range(0, len(stdin), 8192):
                yield [(3, [(1, stdin[at:at + 8192])])]
            if stdin or not tty:
                yield [(3, [(2, True)])]
            done.wait(60)

        f = self.channel.stream_stream(
            DRIVER + "ExecTaskStreaming", request_serializer=enc,
            response_deserializer=dec)
        out = [b"", b""]
        status = None
        closed = 0
        try:
            for m in f(requests(), timeout=60):
                for i in (1, 2):
                    if i in m:
                        out[i - 1] += one(m, i, 1, default=b"")
                        closed += one(m, i, 2, default=0)
                if one(m, 3):
                    status = one(m, 4, 1, default=0)
        finally:
            done.set()
        assert closed == (1 if tty else 2), closed
        return status, out[0], out[1]

    def stop(self):
        self.call("/plugin.GRPCController/Shutdown")
        self.process.wait(5)
        assert self.process.returncode == 0, self.process.returncode
        assert not os.path.exists(self.socket)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.channel.close()


class Task:
    """A task as an agent would make it: directories, FIFOs, a reader."""

    count = 0

    def __init__(self, plugin, where, **config):
        Task.count += 1
        self.plugin = plugin
        self.name = config.pop("name", "t%d" % Task.count)
        self.env = config.pop("env", {})
        self.more = config.pop("more", [])
        self.id = "%08x-0000-1111-2222-333344445555/%s/%08x" % (
            0xA0000000 + Task.count, self.name, os.getpid())
        self.alloc = "%s/alloc%d" % (where, Task.count)
        self.config = config
        self.output = {"stdout": b"", "stderr": b""}
        self.threads = []
        for d in ("alloc/logs", self.name + "/local", self.name + "/secrets"):
            os.makedirs(self.alloc + "/" + d)
        self.handle = None

    def fifo(self, which):
        return "%s/alloc/logs/.%s.%s.fifo" % (self.alloc, self.name, which)

    def read(self, which):
        with open(self.fifo(which), "rb") as f:
            while True:
                data = f.read1(65536)
                if not data:
                    return
                self.output[which] += data

    def fields(self):
        return [(1, self.id), (2, self.name), (3, mp(self.config))] + \
            [(4, [(1, k), (2, v)]) for k, v in self.env.items()] + \
            [(10, self.alloc), (11, self.fifo("stdout")),
             (12, self.fifo("stderr")),
             (15, self.id.split("/")[0])] + self.more

    def readers(self):
        for which in self.output:
            os.mkfifo(self.fifo(which))
            t = threading.Thread(target=self.read, args=(which,), daemon=True)
            t.start()
            self.threads.append(t)

    def start(self, timeout=60):
        self.readers()
        r = self.plugin.driver("StartTask", [(1, self.fields())], timeout)
        self.handle = one(r, 3)
        assert self.handle, r
        self.network = one(r, 4)
        h = dec(self.handle)
        assert h[1] == [1] and h[3] == [1], h
        assert h[2] == [enc(self.fields())]
        return self

    def wait(self, timeout=60):
        """(exit code, signal, out of memory)"""
        r = self.plugin.driver("WaitTask", [(1, self.id)], timeout)
        return tuple(one(r, 1, i, default=0) for i in (1, 2, 3))

    def logs(self, which="stdout"):
        """All of it: the task has ended."""
        for t in self.threads:
            t.join(10)
            assert not t.is_alive(), "the log does not end"
        return self.output[which]

    def destroy(self, force=True):
        self.plugin.driver("DestroyTask", [(1, self.id), (2, force)])

    def finish(self):
        """(exit code, stdout) of a task that ends by itself."""
        code = self.wait()[0]
        out = self.logs()
        self.destroy()
        return code, out


def fails(code, call, *args, **more):
    """The message of a call that has to fail with that code."""
    try:
        r = call(*args, **more)
    except grpc.RpcError as e:
        assert e.code() == code, (e.code(), e.details())
        return e.details()
    raise AssertionError("it did not fail: %r" % (r,))


def until(condition, seconds=20):
    end = time.time() + seconds
    while not condition():
        assert time.time() < end, "it did not come true"
        time.sleep(0.02)


def main(cases):
    try:
        for name in sys.argv[1:]:
            print(name, file=sys.stderr)
            cases[name]()
        print("good")
    finally:
        for process in Plugin.running:
            if process.poll() is None:
                process.kill()
