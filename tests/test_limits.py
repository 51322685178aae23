"""How much memory is free, as the system, containers and the shell say."""

import os
import subprocess
import sys
from unittest.mock import Mock

import psutil
import pytest

from nstlib import limits
from nstlib.limits import Limit, available_memory, containers


@pytest.fixture(autouse=True)
def no_limits(monkeypatch):
    """The limits of the machine that tests; `containers` itself is not replaced."""
    monkeypatch.setattr(limits, "containers", lambda: iter(()))
    monkeypatch.setattr(limits, "shell_limits", list)


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="ascii")
    return root


def test_free_memory_is_what_the_system_reports():
    assert available_memory() == pytest.approx(psutil.virtual_memory().available, 0.2)


def test_the_smallest_of_all_limits_counts(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Mock(available=4_000_000))
    monkeypatch.setattr(limits, "containers", lambda: iter([9_000_000, 5_000_000]))
    assert available_memory() == 4_000_000
    monkeypatch.setattr(limits, "containers", lambda: iter([9_000_000, 3_000_000]))
    assert available_memory() == 3_000_000
    tight = Limit("v", 10_000_000, 9_000_000, 9_100_000)
    monkeypatch.setattr(limits, "shell_limits", lambda: [tight])
    assert available_memory() == int(900_000 / limits.RESERVED)


def test_free_memory_that_no_system_reports(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", Mock(side_effect=PermissionError))
    assert available_memory() is None
    monkeypatch.setattr(limits, "containers", lambda: iter([5_000_000]))
    assert available_memory() == 5_000_000


def test_groups_of_version_2_are_nested(tmp_path):
    service = "sys/fs/cgroup/user.slice/user-1000.slice/app.service"
    files = {
        "proc/self/cgroup": "0::/user.slice/user-1000.slice/app.service",
        f"{service}/memory.max": "max",
        f"{service}/memory.current": 10,
        "sys/fs/cgroup/user.slice/user-1000.slice/memory.max": 5000,
        "sys/fs/cgroup/user.slice/user-1000.slice/memory.current": 3000,
        "sys/fs/cgroup/user.slice/user-1000.slice/memory.stat": "anon 9\n"
        "inactive_file 400\nactive_file 7",
        "sys/fs/cgroup/user.slice/memory.max": 9000,
        "sys/fs/cgroup/user.slice/memory.high": 8000,
        "sys/fs/cgroup/user.slice/memory.current": 3500,
    }
    assert sorted(containers(write(tmp_path, files))) == [2400, 4500, 5500]


def test_groups_of_version_1(tmp_path):
    files = {
        "proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/a/b\n1:cpu:/\n0::/",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": 2**63 - 4096,
        "sys/fs/cgroup/memory/memory.usage_in_bytes": 7,
        "sys/fs/cgroup/memory/a/memory.limit_in_bytes": 700,
        "sys/fs/cgroup/memory/a/memory.usage_in_bytes": 900,
        "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": 1000,
        "sys/fs/cgroup/memory/a/b/memory.usage_in_bytes": 600,
        "sys/fs/cgroup/memory/a/b/memory.stat": "inactive_file 9\n"
        "total_inactive_file 50",
    }
    assert sorted(containers(write(tmp_path, files)))[:2] == [0, 450]


def test_a_container_that_is_told_a_path_outside_of_it(tmp_path):
    own = {"memory.max": 5000, "memory.current": 1000}
    for path in ("/", "/../..", "/docker/0123abcd"):
        files = {"proc/self/cgroup": f"0::{path}"}
        files |= {f"sys/fs/cgroup/{name}": value for name, value in own.items()}
        assert list(containers(write(tmp_path, files))) == [4000]


def test_no_groups(tmp_path):
    assert list(containers(tmp_path)) == []
    files = {"proc/self/cgroup": "nonsense\n0:", "sys/fs/cgroup/memory.max": "much"}
    assert list(containers(write(tmp_path, files))) == []


def test_memory():
    assert 2**20 < available_memory() < 2**50


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")
@pytest.mark.parametrize("option", ["v", "d"])
def test_limits_of_the_shell(option):
    code = "from nstlib.limits import *; one, = shell_limits(); "
    code += "print(one.name, one.allowed, available_memory() == one.left)"
    line = f"ulimit -{option} 4000000; exec {sys.executable} -c '{code}'"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, env=os.environ
    )
    assert done.stdout.split() == [option, "4096000000", "True"], done.stderr
