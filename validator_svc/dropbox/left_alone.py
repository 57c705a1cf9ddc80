"""Names of what programs put into a folder for themselves: not, or not yet, files to work.

To take one of them for a list would move it away from under the program that writes it. Every name is
in lower case here, and meant in any.
"""

import re

# What programs hide, among it: `.~lock.a.csv#` (LibreOffice), `.a.csv.swp` (Vim), `.a.csv.Xy12Zz` (rsync),
# `.syncthing.a.csv.tmp`, `.goutputstream-A1B2C3` (GNOME), `.ds_store`, `._a.csv` (macOS), `.fuse_hidden…`,
# `.nfs…`, `.in.a.csv.` (ProFTPD, lftp), `.pureftpd-upload.…`, `.azdownload-…` (AzCopy), `.a.csv.icloud`.
STARTS = (
    ".",
    "~$",  # Microsoft Office: who has the document open
    "~lock.",  # LibreOffice on shares that take no leading dot
    "~wr",  # Microsoft Word
    "_committed_",  # Spark
    "_started_",
    "___arestra___",  # Ares
)

ENDINGS = (
    # Copies and uploads.
    ".part",  # Firefox, KDE, Nextcloud, many FTP servers
    ".filepart",  # WinSCP
    ".partial",  # rclone, Internet Explorer
    ".tmp",
    ".temp",
    ".temporary",
    ".$$$",
    ".ffs_tmp",  # FreeFileSync
    ".ffs_lock",
    ".cyberduckpart",
    ".lftp-pget-status",
    ".uploading",
    ".upload",
    ".copying",
    "._copying_",  # hdfs dfs -put
    "_.gstmp",  # gsutil
    ".part.minio",
    ".incomplete",
    ".inprogress",
    ".in_progress",
    ".unfinished",
    ".unconfirmed",
    ".writing",
    # Browsers.
    ".crdownload",  # Chrome, Edge, Brave, Vivaldi
    ".crswap",  # pages that write files, in Chrome
    ".download",  # Safari
    ".opdownload",  # Opera
    ".wkdownload",  # WebKitGTK
    ".downloading",
    # Download managers.
    ".aria2",
    ".ytdl",
    ".st",  # axel
    ".!ut",  # µTorrent
    ".!qb",  # qBittorrent
    ".!bt",
    ".!sync",  # Resilio
    ".bts",
    ".bc!",  # BitComet
    ".jc!",  # FlashGet
    ".dctmp",  # DC++
    ".td",  # Thunder
    ".xltd",
    ".fdmdownload",  # Free Download Manager
    ".getright",
    ".part.met",  # eMule
    # Editors.
    "~",  # Emacs, gedit, Kate, nano
    ".bak",
    ".swp",  # Vim where it cannot hide them
    ".swo",
    ".swn",
    ".swx",
    ".kate-swp",
    "___jb_tmp___",  # JetBrains
    "___jb_old___",
    "___jb_bak___",
    # Locks and marks.
    ".lock",
    ".lck",
    ".laccdb",  # Microsoft Access
    ".ldb",
    ":zone.identifier",  # of a file that was copied out of Windows
    ".dropbox.attr",
    ".unison",
)

NAMES = frozenset(
    {
        "desktop.ini",
        "thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "icon\r",  # macOS
        "my saved places.",
        "network trash folder",
        "temporary items",
        "__macosx",
        "$recycle.bin",
        "recycler",
        "system volume information",
        "lost+found",
        "@eadir",  # Synology
        "#recycle",
        "@recycle",  # QNAP
        "sync.ffs_db",  # FreeFileSync
        "_success",  # Hadoop
        "_temporary",
        "4913",  # Vim tries whether it may write
    }
)

SHAPES = re.compile(
    "|".join(
        (
            r"#.*#",  # Emacs
            # Excel saves under eight hex digits, the last of them 00, and renames; no date ends so.
            r"[0-9a-f]{6}00",
            r".*\.sb-[0-9a-f]{8}-[^.]{6}",  # macOS
            r".*\.(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8}",  # the AWS command line
        )
    ),
    re.DOTALL,
)


def is_left_alone(name: str) -> bool:
    """Whether a name says that it is not, or not yet, a file to work."""
    name = name.lower()
    return (
        name.startswith(STARTS)
        or name.endswith(ENDINGS)
        or name in NAMES
        or SHAPES.fullmatch(name) is not None
    )
