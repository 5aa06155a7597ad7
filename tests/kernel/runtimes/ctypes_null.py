# SPDX-License-Identifier: BSD-2-Clause
"""Reads a C string at address 0: a null dereference in libc."""

import ctypes

ctypes.string_at(0)
