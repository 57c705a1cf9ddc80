"""A client that streams rows as a contestant (see `rounds`), one that costs little itself.

Arguments: the URL to send to, the media type, the file, and how many rows it has. One thread sends the
file as it is in memory while the other reads the records into one buffer and counts them; both only
copy. It wants to be woken for much at a time (SO_RCVLOWAT), as who is woken costs the one who wakes. Each
round is a connection of its own. Before it is ready it sends all once, to warm the service up.
"""

import http.client
import socket
import sys
import threading
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from loadtest.bench.rounds import answer_rounds
from validator_svc.kernel.line_ends import count_line_ends

# Little enough to stay in the processor's cache until it is counted.
BUFFER_BYTES = 256 * 1024
WOKEN_BYTES = 1024 * 1024


def streamed(place: SplitResult, media_type: str, content: bytes) -> int:
    """Send all and read all; returns how many records came."""
    assert place.hostname
    assert place.port
    head = (
        f"POST {place.path}?{place.query} HTTP/1.1\r\nHost: {place.hostname}\r\n"
        f"Content-Type: {media_type}\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, WOKEN_BYTES)

        def send() -> None:
            connection.sendall(head.encode())
            connection.sendall(content)

        sending = threading.Thread(target=send)
        sending.start()
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == http.HTTPStatus.OK, response.read()
        lines = 0
        buffer = memoryview(bytearray(BUFFER_BYTES))
        while size := response.readinto(buffer):
            # Python's own way to count takes longer than the service to make the records.
            lines += count_line_ends(bytes(buffer[:size]))
        sending.join()
    return lines


def main() -> None:
    url, media_type, content, rows = (
        sys.argv[1],
        sys.argv[2],
        Path(sys.argv[3]).read_bytes(),
        int(sys.argv[4]),
    )
    place = urlsplit(url)

    def send() -> None:
        lines = streamed(place, media_type, content)
        assert lines == rows, f"{lines} records for {rows} rows"

    send()
    answer_rounds(rows, send)


if __name__ == "__main__":
    main()
