// SPDX-License-Identifier: BSD-2-Clause
//! Ends in the way that is named. Nothing of it is optimised away, as it is compiled without.

use std::{env, fs, process, ptr, thread, time::Duration};

fn deep(n: u64) -> u64 {
    let frame = [n; 64];
    deep(n + 1) + frame[(n % 64) as usize]
}

fn main() {
    match env::args().nth(1).unwrap().as_str() {
        "null" => unsafe { ptr::write_volatile(8usize as *mut u8, 1) },
        "abort" => process::abort(),
        "overflow" => println!("{}", deep(0)),
        "overflow-thread" => println!("{:?}", thread::spawn(|| deep(0)).join()),
        "panic" => panic!("an error of the program"),
        "exit" => process::exit(1),
        "missing" => println!("{}", fs::read_to_string("/missing").unwrap()),
        "eat" => {
            let mut held = vec![];
            loop {
                held.push(vec![1u8; 1 << 20]);
            }
        }
        _ => {
            println!("waiting");
            thread::sleep(Duration::from_secs(3600));
        }
    }
}
