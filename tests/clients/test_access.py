"""Who may do what, as caproto and the C client library see it; what a twin shows of them; what it does not serve."""

import json
import socket

from twin import HERE, PATIENCE, Twin, beamtwin, binary, script, serve, until

(TWIN,) = serve(__name__, HERE / "access.toml")

import pytest  # noqa: E402
from caproto import AccessRights  # noqa: E402
from caproto.threading.client import Context  # noqa: E402

NONE, READ = AccessRights(0), AccessRights.READ
WRITE = AccessRights.READ | AccessRights.WRITE


@pytest.fixture
def come():
    """Connects as somebody to some PVs."""
    contexts = []

    def come(user, *names):
        context = Context(timeout=PATIENCE, client_name=user)
        contexts.append(context)
        pvs = context.get_pvs(*names)
        for pv in pvs:
            pv.wait_for_connection(timeout=PATIENCE)
        return pvs

    yield come
    for context in contexts:
        context.disconnect()


def refused(trace, name):
    """The reasons why puts to a PV were refused, and who had made them."""
    puts = {put.n: trace.clients[put.by]["user"] for put in trace.puts(name)}
    return [(puts[it.of], it.raw["reason"]) for it in trace.of("refused") if it.of in puts]


def test_who_may_only_read_is_told_and_its_puts_are_recorded_as_refused(come, recorded):
    note, secret = come("guest", "ACC:note", "ACC:secret")
    assert (note.access_rights, secret.access_rights) == (READ, NONE)
    assert note.read().data[0] == 1.0
    answer = note.write(5.0, wait=True, timeout=PATIENCE)
    assert answer.status.name == "ECA_NOWTACCESS"
    assert refused(recorded(), "ACC:note") == [("guest", "[access] does not allow to write ACC:note")]
    assert note.read().data[0] == 1.0


def test_others_may_do_what_no_rule_denies(come):
    note, kept = come("chief", "ACC:note", "ACC:kept")
    assert (note.access_rights, kept.access_rights) == (WRITE, READ)
    assert note.write(7.0, wait=True, timeout=PATIENCE).status.name == "ECA_NORMAL"
    assert note.read().data[0] == 7.0
    note.write(1.0, wait=True, timeout=PATIENCE)


LIBCA = """
import threading, epics
changed = threading.Event()
def access(read, write, pv=None):
    print(pv.pvname, int(read), int(write), flush=True)
    changed.set()
pvs = [epics.PV(name, access_callback=access) for name in ("ACC:note", "ACC:kept", "ACC:secret")]
for pv in pvs:
    assert pv.wait_for_connection(timeout=30)
note, kept, secret = pvs
assert (note.write_access, kept.write_access, kept.read_access) == (True, False, True)
rights = epics.ca.read_access(secret.chid), epics.ca.write_access(secret.chid)
assert tuple(map(bool, rights)) == (False, False)
import sys, subprocess
for words, expected in (("read-only", False), ("none", True)):
    changed.clear()
    subprocess.run([sys.argv[1], "ctl", "--control", sys.argv[2], "fault", "mailbox.notes", words], check=True)
    while note.write_access != expected:
        assert changed.wait(30)
        changed.clear()
print("done")
"""


def test_the_c_library_hears_of_rights_and_of_their_change():
    ran = script(TWIN, LIBCA, binary(), TWIN.control)
    assert ran.stdout.splitlines()[-1] == "done"
    assert "ACC:note 1 0" in ran.stdout and "ACC:kept 1 1" not in ran.stdout


def test_a_channel_too_many_is_said_in_the_log_and_costs_nobody_else(come):
    names = ["ACC:note", "ACC:kept", "ACC:secret", "ACC:note.DESC"]
    context = Context(timeout=PATIENCE, client_name="many")
    try:
        pvs = context.get_pvs(*names)
        until(lambda: "no room for another channel" in TWIN.log(), "the limit in the log")
        until(lambda: sum(pv.connected for pv in pvs) == 3, "three channels")
    finally:
        context.disconnect()
    (note,) = come("chief", "ACC:note")
    assert note.read().data[0] == 1.0


def test_what_goes_on_over_the_network_is_shown_and_not_recorded(come):
    (circuits, puts) = come("watcher", "beamtwin:circuits", "beamtwin:puts")
    (note,) = come("writer", "ACC:note")
    assert circuits.read().data[0] >= 2
    before = puts.read().data[0]
    for _ in range(3):
        note.write(1.0, wait=True, timeout=PATIENCE)
    assert puts.read().data[0] == before + 3
    status = json.loads(TWIN.ctl("status", "--json"))
    assert status["circuits"] >= 2 and status["bytes_in"] > 0 and status["events"] >= 0
    assert [it["puts"] for it in status["clients"] if it["user"] == "writer"] == [3]
    # It counts by itself while somebody is subscribed.
    seen = []
    (uptime,) = come("watcher", "beamtwin:uptime")
    subscription = uptime.subscribe()

    def keep(_, answer):  # caproto itself does not keep it
        seen.append(answer.data[0])

    subscription.add_callback(keep)
    until(lambda: len(set(seen)) >= 3, "three seconds")
    assert seen == sorted(seen)
    names = {channel["name"] for channel in TWIN.trace().channels.values()}
    assert not any(name.startswith("beamtwin:uptime") for name in names)


def test_where_others_hear_it_a_name_that_is_served_already_is_not_served_again():
    path = HERE / "access.toml"
    with Twin(path) as first:
        where = ["run", path, "--port", first.port, "--listen", "0.0.0.0"]
        ran = beamtwin(*where, env={"EPICS_CA_AUTO_ADDR_LIST": "NO"})
        assert ran.returncode != 0 and "--expose" in ran.stderr
        ran = beamtwin(*where, "--expose", env={"EPICS_CA_AUTO_ADDR_LIST": "NO"})
        assert ran.returncode != 0
        assert f"127.0.0.1:{first.port}" in ran.stderr and "ACC:" in ran.stderr, ran.stderr


def test_without_file_descriptors_it_goes_on_and_accepts_again_later():
    prefix = ("bash", "-c", 'ulimit -n 40; exec "$0" "$@"')
    with Twin(HERE / "access.toml", prefix=prefix, record="none") as small:
        streams = [socket.create_connection(("127.0.0.1", small.port)) for _ in range(60)]
        until(lambda: "no circuit accepted" in small.log(), "the shortage in the log")
        # Who is there is served as before: the first has had its greeting and answers.
        streams[0].settimeout(PATIENCE)
        version = streams[0].recv(16, socket.MSG_WAITALL)
        echo = bytes([0, 23]) + bytes(14)
        streams[0].sendall(version + echo)
        assert streams[0].recv(16, socket.MSG_WAITALL) == echo
        for stream in streams:
            stream.close()

        def greeted():
            with socket.create_connection(("127.0.0.1", small.port)) as stream:
                stream.settimeout(1)
                try:
                    return stream.recv(16, socket.MSG_WAITALL) == version
                except TimeoutError:
                    return False

        until(greeted, "a circuit again")
        assert small.log().count("no circuit accepted") == 1
