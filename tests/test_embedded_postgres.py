"""The embedded PostgreSQL: whole, private, shared, and back after anything (reliability T66)."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from participons.embedded import postgres
from participons.embedded.secret import kept_secret

# Waits for a line on its standard input, so that a test decides when it leaves.
USER_PROCESS = """
import sys
from pathlib import Path
from participons.embedded.postgres import running
with running(var_dir=Path(sys.argv[1]), durable=sys.argv[2] == "durable") as url:
    print(url, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def var_dir():
    """Under a folder that any account may cross, as /srv or /opt would be."""
    parent = Path(tempfile.mkdtemp(prefix="participons-test-"))
    parent.chmod(0o755)
    yield parent / "var"
    forget(parent / "var")
    shutil.rmtree(parent)


def forget(var_dir):
    """Whatever a failed test has left running, and the folder that it may have outside of its own."""
    with postgres.running(var_dir=var_dir, durable=False) as url:
        home = data_of(url).parent
    shutil.rmtree(home)


def start_user(var_dir, kind="quick"):
    return subprocess.Popen(
        [sys.executable, "-c", USER_PROCESS, str(var_dir), kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def leave(process):
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


def query(url, statement):
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchone()[0]


def is_up(url):
    try:
        return bool(query(url, "SELECT 1"))
    except psycopg.OperationalError:
        return False


def data_of(url):
    """The socket's folder is beside it, or elsewhere; the server alone knows, and tells its superuser only."""
    return Path(
        query(
            url.replace("//participons:", "//postgres:").replace("/participons?", "/postgres?"), "SHOW data_directory"
        )
    )


def socket_folder_of(url):
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def server_pid(url):
    return int((data_of(url) / "postmaster.pid").read_text().split()[0])


def modes(folder):
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents)}


def test_server_speaks_utf8_in_utc_without_a_locale_of_the_system(var_dir):
    with postgres.running(var_dir=var_dir, durable=False) as url:
        assert query(url, "SHOW server_encoding") == "UTF8"
        assert query(url, "SHOW timezone") == "UTC"
        assert query(url, "SELECT lower('ÉCOLE')") == "école"
        assert query(url, "SELECT 'z' < 'é'")
        assert query(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_server_stops_when_its_user_leaves_and_keeps_what_was_written(var_dir):
    with postgres.running(var_dir=var_dir, durable=False) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    assert not is_up(url)
    with postgres.running(var_dir=var_dir, durable=False) as url:
        assert query(url, "SELECT value FROM kept") == 7


def test_nobody_else_gets_in(var_dir):
    """No network, no folder that another account may enter, no entry without the password."""
    with postgres.running(var_dir=var_dir, durable=False) as url:
        assert query(url, "SHOW listen_addresses") == ""
        data = data_of(url)
        socket_folder = socket_folder_of(url)
        for folder in (data, data.parent, socket_folder):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for secret in var_dir.glob("*.password"):
            assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        for user in ("participons", "postgres"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(f"postgresql://{user}:wrong@/participons?host={socket_folder}")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be another account, which only root may become")
@pytest.mark.parametrize("parent_mode", [0o755, 0o700])
def test_root_opens_no_parent_folder(parent_mode):
    """PostgreSQL refuses root: it runs as another account, and no folder on the way is opened to let it through."""
    parent = Path(tempfile.mkdtemp(prefix="participons-test-"))
    parent.chmod(parent_mode)
    var_dir = parent / "deep" / "var"
    var_dir.mkdir(parents=True)
    before = modes(var_dir)
    try:
        with postgres.running(var_dir=var_dir, durable=False) as url:
            home = data_of(url).parent
            assert home.stat().st_uid != 0
            assert home.is_relative_to(var_dir) == (parent_mode == 0o755)
            assert modes(var_dir) == before
        with postgres.running(var_dir=var_dir, durable=False) as url:
            assert data_of(url).parent == home
        shutil.rmtree(home)
    finally:
        shutil.rmtree(parent)


def test_path_too_long_for_a_socket(var_dir):
    deep = var_dir / ("d" * 100) / 'l’été $HOME "là"'
    with postgres.running(var_dir=deep, durable=False) as url:
        socket_folder = socket_folder_of(url)
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
        assert not socket_folder.is_relative_to(deep)
    with postgres.running(var_dir=deep, durable=False) as url:
        assert socket_folder_of(url) == socket_folder
    shutil.rmtree(socket_folder)
    with postgres.running(var_dir=deep, durable=False) as url:
        assert is_up(url)
        shutil.rmtree(socket_folder_of(url))


def test_two_starts_at_once_share_one_server(var_dir):
    first, second = start_user(var_dir), start_user(var_dir)
    urls = {first.stdout.readline().strip(), second.stdout.readline().strip()}
    assert len(urls) == 1
    url = urls.pop()
    pid = server_pid(url)
    leave(first)
    assert server_pid(url) == pid
    leave(second)
    assert not is_up(url)


def test_user_killed_leaves_the_server_to_the_next(var_dir):
    first = start_user(var_dir)
    url = first.stdout.readline().strip()
    pid = server_pid(url)
    first.kill()
    first.communicate()
    with postgres.running(var_dir=var_dir, durable=False) as url:
        assert server_pid(url) == pid
    assert not is_up(url)


def test_everything_killed_and_nothing_lost(var_dir):
    user = start_user(var_dir, "durable")
    url = user.stdout.readline().strip()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    pid = server_pid(url)
    user.kill()
    os.kill(pid, signal.SIGKILL)
    user.communicate()
    with postgres.running(var_dir=var_dir, durable=False) as url:
        assert query(url, "SELECT value FROM kept") == 7


def test_number_of_a_dead_server_given_to_a_stranger(var_dir):
    """After a restart of the machine the old number may be anybody's: the server starts, the stranger lives on."""
    with postgres.running(var_dir=var_dir, durable=False) as url:
        data = data_of(url)
        record = (data / "postmaster.pid").read_text()
        owner = data.stat()
    identity = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    stranger = subprocess.Popen(["sleep", "600"], cwd="/", **identity)
    try:
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n" + record.split("\n", 1)[1])
        os.chown(data / "postmaster.pid", owner.st_uid, owner.st_gid)
        with postgres.running(var_dir=var_dir, durable=False) as url:
            assert is_up(url)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_server_that_died_under_its_users_is_revived(var_dir):
    with postgres.shared(var_dir=var_dir, durable=False) as server:
        os.kill(server_pid(server.url), signal.SIGKILL)
        while server.is_running():
            pass
        server.revive()
        assert is_up(server.url)


def test_start_cut_short_leaves_nothing_half_made(var_dir):
    """Killed in the middle of initdb: the draft goes away, the data folder is whole."""
    home = var_dir / "postgres"
    with postgres.running(var_dir=var_dir, durable=False) as url:
        home = data_of(url).parent
    draft = home / "new-half"
    draft.mkdir()
    shutil.rmtree(home / "data")
    with postgres.running(var_dir=var_dir, durable=False) as url:
        assert is_up(url)
    assert not draft.exists()


def test_data_of_another_version_is_refused_in_words(var_dir):
    with postgres.running(var_dir=var_dir, durable=False) as url:
        version = data_of(url) / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(postgres.ServerError, match="PostgreSQL 17"), postgres.running(var_dir=var_dir):
        pass
    version.write_text(f"{postgres.MAJOR}\n")


def test_secret_made_by_many_at_once_is_one(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(kept_secret(tmp_path / "new" / "key"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found[0]) > 50
    assert stat.S_IMODE((tmp_path / "new" / "key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["key"]
