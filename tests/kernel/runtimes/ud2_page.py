# SPDX-License-Identifier: BSD-2-Clause
"""Calls ud2 on an anonymous page that is writable and executable, as a broken just-in-time compiler
would.
"""

import ctypes
import mmap

ANYWHERE = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
ANYTHING = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC

page = mmap.mmap(-1, mmap.PAGESIZE, ANYWHERE, ANYTHING)
page.write(b"\x0f\x0b")
ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
