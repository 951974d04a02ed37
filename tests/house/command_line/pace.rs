//! How long letters take, as whoever waits at a terminal reads it; and a delivery to a mail server that is not there. Never
//! sends anything.

use super::Terminal;

#[test]
fn whoever_books_is_told_how_long_letters_take_and_whoever_delivers_in_vain_gets_an_answer() {
    let mut terminal = Terminal::founded();
    // Nobody listens there.
    terminal.set("HOLDSPACE_MAIL_URL", "smtp://127.0.0.1:1");
    terminal.set("HOLDSPACE_MAIL_FROM", "office@hospital.org");
    terminal.set("HOLDSPACE_MAIL_RATE", "30");
    terminal.imports_the_demo();
    terminal.makes_an_offering();
    let booked = terminal.types(&["book"]);
    assert_eq!(booked.code, 0, "{}", booked.err);
    let count: usize = booked.out.split(" residents booked").next().unwrap().trim().parse().unwrap();
    // A sixth of the pace is kept for those who sign in or move.
    let minutes = count.div_ceil(25);
    let told = format!("Their first letters: {count} at 25 a minute: about {minutes} minutes.");
    assert!(minutes > 1 && booked.out.contains(&told), "{told}\n{}", booked.out);
    let again = terminal.types(&["book"]);
    assert!(!again.out.contains("a minute"), "nothing leaves: {}", again.out);

    let delivered = terminal.types(&["deliver"]);
    assert!(delivered.out.contains("wait until the mail server can be reached"), "{}", delivered.out);
    assert!(delivered.out.starts_with("0 letters sent"), "{}", delivered.out);
}
