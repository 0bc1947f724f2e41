# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
"""Cases of tests/root/nomad_test.sh: an agent's calls, each RPC of the driver."""
import random
import signal

from nomad_client import (BASE, Plugin, Task, dec, enc, fails, grpc, main, one,
                          os, subprocess, time, until)

C = grpc.StatusCode


def plugin(**config):
    p = Plugin()
    config.setdefault("root", os.environ["GAOL_ROOT"])
    p.configure(**config)
    return p


def shell(p, line, **more):
    more.setdefault("network_mode", "none")
    more.setdefault("release", "busybox")
    return Task(p, os.getcwd(), command="sh", args=["-c", line], **more)


def rss(pid):
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith("VmRSS"):
                return int(line.split()[1])
    return 0


def jails():
    out = subprocess.run(["gaol", "-H", "list"], capture_output=True,
                         check=True)
    return [line.split("\t")[0] for line in out.stdout.decode().splitlines()]


def keepers():
    """Processes gaol-task that are children of nobody but init, or ours."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/comm" % pid) as f:
                if f.read() == "gaol-task\n" and os.environ["GAOL_ROOT"] in \
                        os.readlink("/proc/%s/fd/5" % pid):
                    found.append(int(pid))
        except OSError:
            pass
    return found


def base():
    """Base service, health, what is unknown; a second instance beside it."""
    p = plugin()
    info = p.call(BASE + "PluginInfo")
    assert info[1] == [2] and info[2] == [b"v0.1.0"] and info[4] == [b"gaol"]
    assert one(p.call(BASE + "ConfigSchema"), 1, 1)
    assert one(p.driver("TaskConfigSchema"), 1, 1)
    c = dec(one(p.driver("Capabilities"), 1))
    assert c[1] == [1] and c[2] == [1] and c[3] == [2] and c[4] == [b"\0\1"]
    assert one(p.call("/grpc.health.v1.Health/Check"), 1) == 1
    f = next(iter(p.stream("Fingerprint")))
    assert one(f, 2) == 2, f
    assert b"driver.gaol" in [one(a, 1) for a in f[1]]
    for name in ("CreateNetwork", "DestroyNetwork", "Nonsense", "Init"):
        fails(C.UNIMPLEMENTED, p.driver, name)
    q = plugin(enabled=False)
    assert one(next(iter(q.stream("Fingerprint"))), 2, default=0) == 0
    q.stop()
    message = fails(C.UNKNOWN, p.configure, nosuch=1)
    assert message.startswith("nosuch: "), message
    fails(C.INVALID_ARGUMENT, p.driver, "WaitTask", [(1, 5), (0, 1)])
    # another connection, after the first has gone, as after an agent's death
    p.channel.close()
    again = Plugin(socket=p.socket)
    assert again.call(BASE + "PluginInfo")[4] == [b"gaol"]
    p.channel = again.channel
    p.stop()


def life():
    """Start, wait, signal, stop, inspect, stats, destroy; what is told."""
    p = plugin()
    os.environ["AGENT_SECRET"] = "1"
    t = shell(p, "env; echo oops >&2; exit 3", env={"WORD": "a b=c"}).start()
    assert t.wait() == (3, 0, 0)
    out = t.logs().decode().split("\n")
    assert "WORD=a b=c" in out and "AGENT_SECRET" not in "".join(out), out
    assert t.logs("stderr") == b"oops\n"
    assert t.wait() == (3, 0, 0)
    i = p.driver("InspectTask", [(1, t.id)])
    assert one(i, 1, 3) == 2 and one(i, 1, 4, 1) and one(i, 1, 5, 1), i
    assert one(i, 1, 6, 1) == 3
    assert p.driver("StopTask", [(1, t.id), (2, [(1, 5)])]) == {}
    t.destroy()
    fails(C.UNKNOWN, p.driver, "InspectTask", [(1, t.id)])
    fails(C.UNKNOWN, t.wait)
    # of a task that nobody knows: whatever is left of it goes
    t.destroy()

    t = shell(p, "trap 'echo got; exit 9' USR1; echo up; "
              "while :; do sleep 0.05; done").start()
    until(lambda: t.output["stdout"] == b"up\n")
    waits = [p.later("WaitTask", [(1, t.id)]) for _ in range(3)]
    # one of them is cancelled, the others must not notice
    waits.pop().cancel()
    s = iter(p.stream("TaskStats", [(1, t.id), (2, [(2, 200000000)])]))
    next(s)
    second = next(s)
    assert one(second, 1, 2, 1) and one(second, 1, 3, 2), second
    i = p.driver("InspectTask", [(1, t.id)])
    assert one(i, 1, 3) == 1 and one(i, 1, 4, 1), i
    fails(C.UNKNOWN, t.destroy, force=False)
    fails(C.UNKNOWN, p.driver, "SignalTask", [(1, t.id), (2, "SIGNOSUCH")])
    p.driver("SignalTask", [(1, t.id), (2, "SIGUSR1")])
    for w in waits:
        assert one(w.result(20), 1, 1) == 9
    assert t.logs() == b"up\ngot\n"
    assert list(s) is not None     # the stream of stats ends by itself
    t.destroy()

    # kill_signal and kill_timeout: graceful, then by force
    t = shell(p, "trap 'exit 4' INT; echo up; "
              "while :; do sleep 0.05; done").start()
    until(lambda: t.output["stdout"] == b"up\n")
    p.driver("StopTask", [(1, t.id), (2, [(1, 20)])])
    assert t.wait() == (4, 0, 0)
    t.destroy()
    t = shell(p, "trap '' TERM; echo up; "
              "while :; do sleep 0.05; done").start()
    until(lambda: t.output["stdout"] == b"up\n")
    p.driver("StopTask", [(1, t.id), (2, [(2, 300000000)]), (3, "SIGTERM")])
    assert t.wait() == (137, 9, 0)
    t.destroy()
    t = shell(p, "sleep 100").start()
    t.destroy()                    # running, by force
    assert jails() == [], jails()

    message = fails(C.UNKNOWN, Task(p, os.getcwd(), release="busybox",
                                    command="/nosuch").start)
    assert "/nosuch" in message, message
    message = fails(C.UNKNOWN, Task(p, os.getcwd(), release="nosuch",
                                    command="x").start)
    assert "nosuch" in message, message
    message = fails(C.FAILED_PRECONDITION, Task(
        p, os.getcwd(), image="http://127.0.0.1:9/x.txz",
        command="x").start)
    assert jails() == [], jails()
    assert p.process.poll() is None
    assert rss(p.process.pid) <= 4096, rss(p.process.pid)
    p.stop()


def streams():
    """ExecTask, and ExecTaskStreaming with and without a terminal."""
    p = plugin()
    t = shell(p, "sleep 100", env={"WORD": "out"}).start()
    r = p.driver("ExecTask", [(1, t.id), (2, "sh"), (2, "-c"),
                              (2, "echo $WORD; echo err >&2; exit 43")])
    assert one(r, 1) == b"out\n" and one(r, 2) == b"err\n", r
    assert one(r, 3, 1) == 43
    r = p.driver("ExecTask", [(1, t.id), (2, "/nosuch")])
    assert one(r, 3, 1) == 127, r
    fails(C.UNKNOWN, p.driver, "ExecTask",
          [(1, t.id), (2, "sleep"), (2, "50"), (3, [(2, 100000000)])])
    fails(C.UNKNOWN, p.driver, "ExecTask", [(1, "a/b/c"), (2, "true")])
    for tty in (False, True):
        status, out, err = p.exec(t.id, ["sh", "-c", "echo hi; exit 43"], tty)
        assert status == 43 and out.split() == [b"hi"], (status, out)
        big = bytes(range(65, 91)) * 20000
        if not tty:
            status, out, err = p.exec(t.id, ["cat"], stdin=big)
            assert status == 0 and out == big, (status, len(out))
            status, out, err = p.exec(t.id, ["sh", "-c", "echo x >&2"])
            assert (status, out, err) == (0, b"", b"x\n")
        else:
            status, out, err = p.exec(t.id, ["sh", "-c", "read a; echo =$a"],
                                      True, b"word\n")
            assert status == 0 and b"=word" in out, out
            status, out, err = p.exec(
                t.id, ["sh", "-c", "sleep 0.3; stty size; sleep 60 &"],
                True, size=(33, 77))
            assert b"33 77" in out and err == b"", out
    t.destroy()
    p.stop()


def files():
    """Directories, mounts, copies, names, users, limits; what is refused."""
    p = plugin()
    here = os.getcwd()
    os.makedirs(here + "/data")
    with open(here + "/data/f", "w") as f:
        f.write("data\n")
    t = shell(
        p, "cat /data/f /ro/f /etc/copied; touch /data/new; touch /ro/new; "
        "echo l > /local/x; echo s > /secrets/x; echo a > /alloc/x; "
        "grep db /etc/hosts; cat /etc/resolv.conf; id -u; cat /vol/f; exit 0",
        mount=[here + "/data:/data"], mount_read_only=[here + "/data:/ro"],
        copy=[here + "/data/f:/etc/copied"],
        extra_hosts=["db:10.0.0.5"], limit=[{"processes": 50}],
        properties=[{"allow.mlock": "on"}],
        more=[(7, [(1, "/vol"), (2, here + "/data"), (3, True)]),
              (9, "65534"), (17, [(1, "10.9.9.9"), (2, "corp")])])
    for d in (t.alloc + "/alloc", here + "/data"):
        os.chmod(d, 0o777)
    os.chmod(t.alloc + "/%s/secrets" % t.name, 0o777)
    os.chmod(t.alloc + "/%s/local" % t.name, 0o777)
    t.start()
    code, out = t.finish()
    lines = out.decode().split("\n")
    assert lines[:3] == ["data"] * 3, lines
    assert "10.0.0.5 db" in lines and "nameserver 10.9.9.9" in lines, lines
    assert "search corp" in lines and "65534" in lines, lines
    assert lines[-2] == "data", lines
    assert os.path.exists(here + "/data/new")
    assert b"/ro/new" in t.output["stderr"], t.output["stderr"]
    for path in ("/alloc/x", "/%s/local/x" % t.name, "/%s/secrets/x" % t.name):
        assert os.path.exists(t.alloc + path), path

    # a task may write where the FIFOs lie
    t = shell(p, "true")
    t.readers()
    os.rename(t.fifo("stdout"), t.fifo("stdout") + ".old")
    os.symlink(t.fifo("stdout") + ".old", t.fifo("stdout"))
    fails(C.UNKNOWN, p.driver, "StartTask", [(1, t.fields())])
    os.unlink(t.fifo("stdout"))
    with open(t.fifo("stdout"), "w") as f:
        pass
    assert "FIFO" in fails(C.UNKNOWN, p.driver, "StartTask",
                           [(1, t.fields())])
    logs = os.path.dirname(t.fifo("stdout"))
    os.rename(logs, logs + ".old")
    os.symlink(logs + ".old", logs)
    fails(C.UNKNOWN, p.driver, "StartTask", [(1, t.fields())])
    # release the readers that wait for a writer
    for name in os.listdir(logs + ".old"):
        if "fifo" in name:
            try:
                os.close(os.open(logs + ".old/" + name,
                                 os.O_WRONLY | os.O_NONBLOCK))
            except OSError:
                pass
    for more, field in (
            ({"mount": ["/nosuch-dir"]}, "mount: "),
            ({"network_mode": "vpn"}, "network_mode: "),
            ({"port_map": [{"http": 80}], "network_mode": None},
             "port_map: "),
            ({"attributes": ["nosuch:1"]}, "attributes: "),
            ({"properties": [{"exec.prestart": "id"}]}, "properties: "),
            ({"devices": ["/dev/nosuch"]}, "devices: "),
            ({"template": ["a/b"], "jail": "x", "release": None},
             "template: "),
            ({"more": [(7, [(1, "/v"), (2, here), (4, "bidirectional")])]},
             "volume_mount: ")):
        message = fails(C.UNKNOWN, shell(p, "true", **more).start)
        assert message.startswith(field), (field, message)
    assert jails() == [], jails()
    p.stop()


def recover():
    """The plugin is killed: tasks go on, and how they end is known."""
    p = plugin()
    tasks = [shell(p, "echo up; until [ -e /local/end ]; do sleep 0.05; "
                   "done; exit %d" % (10 + i)).start() for i in range(3)]
    for t in tasks:
        until(lambda t=t: t.output["stdout"] == b"up\n")
    pids = keepers()
    assert len(pids) == 3, pids
    for pid in pids:
        assert rss(pid) <= 512, rss(pid)
    # one ends while nobody looks, one while the next plugin does
    p.kill()
    open("%s/%s/local/end" % (tasks[0].alloc, tasks[0].name), "w").close()
    until(lambda: len(keepers()) == 2)
    q = plugin()
    for t in tasks:
        t.plugin = q
        q.driver("RecoverTask", [(1, t.id), (2, t.handle)])
        # of one that is known it is no error
        q.driver("RecoverTask", [(1, ""), (2, t.handle)])
    assert tasks[0].wait() == (10, 0, 0)
    w = q.later("WaitTask", [(1, tasks[1].id)])
    open("%s/%s/local/end" % (tasks[1].alloc, tasks[1].name), "w").close()
    assert one(w.result(20), 1, 1) == 11
    # its keeper is killed, and the jail with it
    os.kill(keepers()[0], signal.SIGKILL)
    assert tasks[2].wait() == (137, 9, 0)
    for t in tasks:
        t.logs()
        t.destroy()
    # as after a boot: the handle is there and nothing else
    message = fails(C.UNKNOWN, q.driver, "RecoverTask",
                    [(2, tasks[2].handle)])
    assert "gone" in message, message
    fails(C.UNKNOWN, q.driver, "RecoverTask", [])
    assert jails() == [], jails()
    q.stop()


def killed(count=5):
    """The plugin is killed at any point of starts; what started is found."""
    count = int(os.environ.get("GAOL_NOMAD_TASKS", count))
    rng = random.Random(int(os.environ.get("GAOL_SEED", "1")))
    p = plugin()
    started, tried = [], []
    for i in range(count):
        t = shell(p, "echo up; until [ -e /local/end ]; do sleep 0.1; done; "
                  "exit %d" % (1 + i % 100))
        t.code = 1 + i % 100
        t.readers()
        tried.append(t)
        f = p.later("StartTask", [(1, t.fields())])
        if rng.random() < 0.5:
            time.sleep(rng.random() * 0.08)
            p.kill()
            # what has not answered may have started, or not
            p = plugin()
            for s in started:
                s.plugin = p
                p.driver("RecoverTask", [(2, s.handle)])
        try:
            t.handle = one(f.result(30), 3)
            if t not in started:
                started.append(t)
                t.plugin = p
                p.driver("RecoverTask", [(2, t.handle)])
        except grpc.RpcError:
            pass
    for t in started:
        open("%s/%s/local/end" % (t.alloc, t.name), "w").close()
    for t in started:
        assert t.wait()[0] == t.code, (t.id, t.wait(), t.code)
    for t in tried:
        t.plugin = p
        # of what did not answer the worker may still be at it
        until(lambda t=t: destroyed(t))
    until(lambda: jails() == [] and keepers() == [])
    p.stop()


def destroyed(t):
    try:
        t.destroy()
        return True
    except grpc.RpcError:
        return False


def many():
    """Ten thousand calls, without growth of memory or descriptors."""
    calls = int(os.environ.get("GAOL_NOMAD_CALLS", "300"))
    p = plugin()
    t = shell(p, "sleep 1000").start()
    fds = "/proc/%d/fd" % p.process.pid

    def some(n):
        for i in range(n):
            w = p.later("WaitTask", [(1, t.id)])
            p.driver("InspectTask", [(1, t.id)])
            p.driver("SignalTask", [(1, t.id), (2, "SIGCONT")])
            fails(C.UNKNOWN, p.driver, "WaitTask", [(1, "x" * (i % 300))])
            if i % 50 == 0:
                p.driver("ExecTask", [(1, t.id), (2, "true")])
                s = p.stream("TaskStats", [(1, t.id)])
                next(iter(s))
                s.cancel()
            w.cancel()
    some(200)
    memory, count = rss(p.process.pid), len(os.listdir(fds))
    some(calls // 4)
    assert len(os.listdir(fds)) <= count, os.listdir(fds)
    grown = rss(p.process.pid) - memory
    assert grown <= 128, "%d kB more" % grown
    t.destroy()
    p.stop()


if __name__ == "__main__":
    main({f.__name__: f for f in (base, life, streams, files, recover, killed,
                                  many)})
