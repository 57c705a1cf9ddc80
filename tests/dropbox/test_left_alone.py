"""Names of what programs put into a folder for themselves, and names that only look like them."""

from pathlib import Path

import pytest

from tests.batches.processes import processes
from tests.dropbox.dropping import DropFolder, contacts
from validator_svc.dropbox.folder import misplaced
from validator_svc.dropbox.left_alone import is_left_alone

VALID = "+6281234567000"

LEFT = (
    *("a.part", "a.csv.TMP", "a.csv.temp", "a.csv.filepart", "A.CSV.FilePart", "a.csv.partial"),
    *("a.csv.$$$", "a.csv.d4f1a2b3.partial", "a.csv.crdownload", "Unconfirmed 123456.crdownload"),
    *("a.csv.download", "a.csv.opdownload", "a.csv.wkdownload", "a.csv.downloading", "a.csv.crswap"),
    *("a.csv.aria2", "a.csv.st", "a.csv.!ut", "a.csv.!qB", "a.csv.!sync", "a.csv.bc!", "a.csv.jc!"),
    *("a.csv.xltd", "a.csv.td", "a.csv.cyberduckpart", "a.csv.lftp-pget-status", "a.csv._COPYING_"),
    *("a.csv_.gstmp", "a.csv.incomplete", "a.csv.ocTransferId1234.part", "a.csv.ffs_tmp", "sync.ffs_db"),
    *("a.csv.6eF5b5Ad", "a.csv.uploading", ".a.csv.Xy12Zz", ".syncthing.a.csv.tmp"),
    *("~syncthing~a.csv.tmp", ".goutputstream-A1B2C3", ".in.a.csv.", ".a.csv.~1a2b3c"),
    *(".fuse_hidden0000000100000001", ".nfs000000000000000100000001", ".a.csv.icloud", "a.csv~"),
    *("#a.csv#", ".#a.csv", ".a.csv.swp", "a.swp", "a.SWO", "4913", "a.csv.kate-swp", "a.csv.bak"),
    *("a.csv___jb_tmp___", "a.csv___jb_old___", "a.csv.sb-a3c5e2b1-Xy12Zz", "4CCA4100", "Cedd4100"),
    *("~$a.xlsx", "~$a.XLSX", ".~lock.a.csv#", "~lock.a.csv#", "~WRL0001.tmp", "~WRD0000.docx"),
    *("a.laccdb", "desktop.ini", "Desktop.ini", "Thumbs.db", "THUMBS.DB", "ehthumbs.db", ".DS_Store"),
    *("._a.csv", "Icon\r", "$RECYCLE.BIN", "System Volume Information", "lost+found", "@eaDir"),
    *("#recycle", "__MACOSX", ".Trashes", "a.csv:Zone.Identifier", "_SUCCESS", "_temporary"),
    *("a.csv.lock", "a.csv.LCK", ".dropbox.attr"),
)

TAKEN = (
    *("apart.csv", "a.part.csv", "a.tmp.csv", "download", "download.csv", "bak.csv", "swp.txt"),
    *("a~b.csv", "desktop.ini.csv", "Thumbs.db.txt", "icon", "lock.csv", "recycler.csv"),
    *("contacts - Copy.csv", "contacts (1).csv", "20241231", "31122024", "list.20241231", "4913.csv"),
    *("49130", "#1 customers.csv", "list.deadbeef", "facade.csv", "$list.csv", "@list.csv", "_list.csv"),
    *("~list.csv", "a.csv.old", "a.st.csv", "customers", "a.csv.orig", "week.52"),
    *("Success.csv", "a.sync-conflict-20240101-120000-ABCDEFG.csv"),
)


async def test_what_programs_write_for_themselves_is_left_alone(watched: DropFolder) -> None:
    # And what speaks for a file that is to come.
    left = (*LEFT, "later.csv.toml")
    for name in left:
        (watched.inbox / name).write_text(contacts(VALID))
    # Dropped later and answered, they show that there was time to take the others.
    for at in range(2):
        watched.drop(f"after {at}.csv", contacts(VALID, str(at)))
        await watched.report(f"after {at}.csv")
    assert sorted(path.name for path in watched.inbox.iterdir()) == sorted(left)
    assert not list(watched.failed.iterdir())
    for name in left:
        (watched.inbox / name).unlink()


async def test_a_name_that_only_looks_like_one_is_taken(watched: DropFolder) -> None:
    for name in TAKEN:
        watched.drop(name, contacts(VALID))
    for name in TAKEN:
        assert (await watched.report(name))["valid"] == 1


async def test_a_file_is_taken_once_it_has_its_own_name(watched: DropFolder) -> None:
    (watched.inbox / "copied.csv.filepart").write_text(contacts(VALID, "19"))
    watched.drop("before.csv", contacts(VALID, "20"))
    await watched.report("before.csv")
    (watched.inbox / "copied.csv.filepart").rename(watched.inbox / "copied.csv")
    assert (await watched.report("copied.csv"))["count"] == 2


@pytest.mark.parametrize("name", LEFT)
def test_any_case_is_the_same(name: str) -> None:
    assert is_left_alone(name)
    assert is_left_alone(name.upper())
    assert is_left_alone(name.lower())


@pytest.mark.parametrize("name", TAKEN)
def test_others_are_files_to_work(name: str) -> None:
    assert not is_left_alone(name)


async def test_a_file_beside_the_inbox_is_told_of(tmp_path: Path) -> None:
    folder = DropFolder(tmp_path / "drop")
    for name in ("list.csv", "dropbox.toml", ".drop-id.partial", "list.csv.part", "~$list.xlsx"):
        (folder.root / name).touch()
    assert misplaced(folder.root) == ["list.csv"]
    with processes(tmp_path / "data") as group:
        watcher = group.watch(folder.root)
        await folder.until(lambda: any(b"file_not_in_inbox" in line for line in watcher.log))
    told = [line for line in watcher.log if b"file_not_in_inbox" in line]
    assert len(told) == 1
    assert b"list.csv" in told[0]
    assert b"move it into inbox" in told[0]
    assert (folder.root / "list.csv").exists()
