# SPDX-License-Identifier: BSD-2-Clause
"""Uses slightly more memory than it may have without being slowed down, for ever. Mapped pages are
slow to reclaim, so it spends most of its time waiting. Between the rounds nothing is mapped, and
pages are reclaimed: systemd-oomd needs to see both.
"""

import mmap
import os

PATH = "/var/tmp/thrash"
SIZE = 20 << 20

with open(PATH, "wb") as file:
    file.write(os.urandom(1 << 20) * (SIZE >> 20))
with open(PATH, "rb") as file:
    while True:
        with mmap.mmap(file.fileno(), SIZE, access=mmap.ACCESS_READ) as pages:
            # one byte of every page
            sum(pages[:: mmap.PAGESIZE])
