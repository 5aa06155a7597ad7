// SPDX-License-Identifier: BSD-2-Clause
mod cart {
    #[inline(never)]
    pub fn total(items: *const u64) -> u64 {
        unsafe { std::ptr::read_volatile(items) + 1 }
    }
}

fn main() {
    let none = std::hint::black_box(8 as *const u64);
    println!("{}", cart::total(none));
}
