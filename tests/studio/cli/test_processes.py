"""What concerns processes: pipes, interruptions, and the sandbox that is really served."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from pathlib import Path
from subprocess import Popen

import pytest
from commands import address, documents, identify, track, write_events

TIMEOUT = 30


def interrupt_when_it_waits(process: Popen[str]) -> None:
    """Press Ctrl-C as people do: not in the same instant as something happens."""
    state = Path(f"/proc/{process.pid}/stat")
    while state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "S":
        time.sleep(0.01)
    if not state.exists():
        time.sleep(0.5)
    process.send_signal(signal.SIGINT)


def test_a_closed_pipe_ends_a_preview_quietly(start, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", *[identify(f"p{index}@example.com") for index in range(200)])
    with start("preview", config, events) as process:
        assert process.stdout.readline() == "identify  e.ndjson:1\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_a_closed_pipe_stops_sending_and_says_so(start, studio, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", *[identify(f"p{index}@example.com") for index in range(300)])
    with start("send", config, events) as process:
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode == 1
    assert said.startswith("studio: nobody reads the output any more; what follows was not sent.\n")
    sent = int(said.rsplit("To the sandbox: ", 1)[1].removesuffix(" delivered.\n"))
    assert 0 < sent < 300
    again = documents(studio("preview", config, events, "--json").stdout)
    known = sum(document["fires"] and len(document["requests"]) == 2 for document in again)
    assert known == sent


def test_a_closed_pipe_does_not_change_what_a_run_did(start, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", identify("no address"), "bad")
    with start("run", config, events) as process:
        process.stdout.close()
        process.stderr.close()  # nobody reads the bad lines either
    assert process.returncode == 1


def test_a_full_disk_is_told(start):
    with Path("/dev/full").open("w") as full, start("preview", stdout=full) as process:
        _, said = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 1
    assert said == "studio: the output: No space left on device.\n"


def test_an_interrupted_run_accounts_for_what_it_has_read(start, config):
    config.write_text(config.read_text().replace("[mapping.fields]", "[mapping.fields]\nenable_batching = true", 1))
    with start("run", config, "-", "--json") as process:
        for event in (identify("ann@example.com"), track("ann@example.com"), "bad"):
            process.stdin.write(f"{json.dumps(event)}\n")
            process.stdin.flush()
        assert process.stderr.readline().startswith("studio: standard input:3: an event must be an object")
        interrupt_when_it_waits(process)
        output, said = process.stdout.read(), process.stderr.read()
    assert process.returncode == 130
    assert said.startswith("studio: ending: what is on its way is finished first. Once more ends at once.\n")
    [report] = documents(output)
    assert (report["events"], report["bad_lines"], report["complete"]) == (2, 1, False)
    assert report["reached"] == "standard input:3"
    assert report["mappings"] == {}  # both waited for more, and nothing has gone out


@pytest.mark.parametrize("command", [["send"], ["preview"], ["match", 'type = "track"'], ["map", "{}"]])
def test_ctrl_c_while_waiting_for_events_ends_with_130(start, config, command):
    arguments = [*command, config, "-"] if len(command) == 1 else [*command, "-"]
    with start(*arguments) as process:
        process.stdin.write("bad\n{}\n")
        process.stdin.flush()
        assert "standard input:1" in process.stderr.readline()
        interrupt_when_it_waits(process)
        process.stdout.read()
        said = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert said.endswith("studio: interrupted.\n")


def test_standard_input_is_read_and_a_closed_one_is_told(start, config):
    with start("send", config, "-", "--json") as process:
        output, _ = process.communicate(json.dumps(identify("ann@example.com"), indent=2), timeout=TIMEOUT)
    assert process.returncode == 0
    assert documents(output)[0]["source"] == "standard input"
    with start("send", config, "-", stdin=None, preexec_fn=lambda: os.close(0)) as process:
        _, said = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 2
    assert said.endswith("studio: Standard input is closed; name a file with events.\n")


def test_events_are_sent_to_a_sandbox_that_is_served(start, studio, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", identify("ann@example.com"), track("no address"))
    good = write_events(tmp_path / "good.ndjson", identify("bob@example.com"))
    with start("sandbox", "--port", "0") as server:
        url = address(server.stderr)
        sent = studio("send", config, events, "--to", url, "--json")
        ran = studio("run", config, good, "--to", url)
        server.send_signal(signal.SIGINT)
        said = server.stderr.read()
    assert sent.exit_code == 1
    delivered, invalid = documents(sent.stdout)
    assert delivered["exchanges"][0]["url"] == f"{url}/api/profiles/"
    assert (delivered["status"], invalid["status"]) == ("delivered", "invalid")
    assert f"To {url}: 1 delivered, 1 invalid." in sent.stderr
    assert ran.exit_code == 0
    assert server.returncode == 130
    assert said == "studio: interrupted.\n"
    [people, _] = documents(studio("preview", config, good, "--json").stdout)
    assert len(people["requests"]) == 2  # its state is the one of --to sandbox


def test_faults_of_a_served_sandbox_are_failures(start, studio, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", identify("ann@example.com"))
    with start("sandbox", "--port", "0", "--faults", "500=1") as server:
        sent = studio("send", config, events, "--to", address(server.stderr), "--json")
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=TIMEOUT)
    assert sent.exit_code == 1
    assert documents(sent.stdout)[0]["status"] == "retryable"


@pytest.mark.parametrize("command", ["send", "run"])
def test_an_event_that_is_on_its_way_at_ctrl_c_is_named(start, config, tmp_path, command):
    events = write_events(tmp_path / "e.ndjson", identify("ann@example.com"), identify("bob@example.com"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with start(command, config, events, "--to", url, "--json") as process:
            connection, _ = silent.accept()
            connection.recv(1 << 16)
            interrupt_when_it_waits(process)
            output, said = process.communicate(timeout=TIMEOUT)
        connection.close()
    assert process.returncode == 130
    assert "Traceback" not in said
    if command == "send":
        assert said.endswith("studio: interrupted.\n")
        assert f"studio: {events}:1: this was being sent; whether it arrived is not known.\n" in said
    else:
        [report] = documents(output)
        assert report["mappings"] == {"People": {"in_flight": 2}}
        assert not report["complete"]


def test_nobody_at_the_address_is_a_failure_that_may_pass(studio, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", identify("ann@example.com"))
    sent = studio("send", config, events, "--to", "http://127.0.0.1:9", "--json")
    assert sent.exit_code == 1
    assert documents(sent.stdout)[0]["status"] == "retryable"


def test_a_port_that_is_taken_is_wrong_usage(start, studio):
    with start("sandbox", "--port", "0") as server:
        port = address(server.stderr).rsplit(":", 1)[1]
        result = studio("sandbox", "--port", port)
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=TIMEOUT)
    assert result.exit_code == 2
    assert f"port {port} cannot be used" in result.stderr


@pytest.mark.parametrize("faults", ["x", "429=x", "429=2", "nothing=0.1"])
def test_wrong_faults_are_wrong_usage(studio, faults):
    assert studio("sandbox", "--port", "0", "--faults", faults).exit_code == 2
