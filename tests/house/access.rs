//! Who gets in where: every door of the router, every operation and every method, whoever knocks, against the table that
//! people wrote in [`matrix.txt`](access/matrix.txt); and links that open nothing, which must all answer alike. Never
//! reads the product's text to learn its doors: it asks the router.

mod alike;
pub mod ask;
mod bounds;
pub mod kept;
mod matrix;
pub mod town;
mod written;
