//! Hostile text: what somebody sends in the place of a roster.

use super::files::{Hostile, each, times};

/// All of them.
pub fn tables() -> Vec<Hostile> {
    let head = "program,last_name,first_name,email\n";
    let utf16 = |units: &[u8]| [&[0xff, 0xfe], units.repeat(400_000).as_slice()].concat();
    vec![
        Hostile::new("one line of 2 MB", vec![b'x'; 2 << 20]),
        Hostile::new("one line of 20 MB", vec![b'x'; 20 << 20]),
        Hostile::new("two million commas", vec![b','; 2 << 20]),
        Hostile::new("ten million commas", vec![b','; 10_000_000]),
        Hostile::new("NULs", vec![0; 2 << 20]),
        Hostile::new("halves of UTF-16 pairs", utf16(&[0x00, 0xd8])),
        Hostile::new("UTF-16 that ends in the middle", utf16(&[0x61, 0x00, 0x2c])),
        Hostile::new("100,000 quotation marks", format!("{head}{}", times("\"", 100_001))),
        Hostile::new("a quotation that never ends", format!("{head}\"{}", times("a,b\n", 500_000))),
        Hostile::new("two million empty lines", vec![b'\n'; 2 << 20]),
        Hostile::new("lone carriage returns", times("a,b\r", 500_000)),
        Hostile::new("a million rows of one letter", times("a\n", 1 << 20)),
        Hostile::new("20,000 rows of 64 columns", times(&format!("{}\n", times("a,", 51)), 20_000)),
        Hostile::new("20,000 people of one name", format!("{head}{}", times("IM,A,B,a@b.org\n", 20_000))),
        Hostile::new(
            "20,000 people of no program",
            format!("{head}{}", each(20_000, |n| format!("Z{n},Aa{n},Bb{n},a{n}@b.org\n"))),
        ),
        Hostile::new("a heading of a thousand columns", times("program,", 1000)),
        Hostile::new("every separator at once", times(",;\t\"", 500_000)),
        Hostile::new("a web page that never ends", times("<html>", 300_000)),
    ]
}
