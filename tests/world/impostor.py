# SPDX-License-Identifier: BSD-2-Clause
"""Takes the name systemd-oomd and kills its own child with SIGKILL. Ends with an error, since
systemd forgets units that end successfully.
"""

import os
import signal
import sys
import time

child = os.fork()
if child == 0:
    while True:
        time.sleep(1000)
with open("/proc/self/comm", "w", encoding="ascii") as comm:
    comm.write("systemd-oomd")
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
sys.exit(1)
