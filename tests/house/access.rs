//! Who gets in where: every door of the router, every operation and every method, whoever knocks, against the table that
//! people wrote in [`matrix.txt`](access/matrix.txt); and links that open nothing, which must all answer alike. Never
//! reads the product's text to learn its doors: it asks the router.

mod alike;
mod ask;
mod kept;
mod matrix;
mod town;
mod written;
