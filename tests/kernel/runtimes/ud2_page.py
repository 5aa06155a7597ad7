# SPDX-License-Identifier: BSD-2-Clause
"""Calls ud2 on an anonymous page that is writable and executable, as a broken just-in-time compiler
would.
"""

import ctypes
import mmap

page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(b"\x0f\x0b")
ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
