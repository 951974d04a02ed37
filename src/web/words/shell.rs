//! What a language must have for the frame around the pages of those who work here. Never holds a sentence itself.

use super::catalogue;
use super::english::shell::SHELL;

catalogue! {
    /// Every sentence of the frame around the pages of those who work here, by what it is for.
    ShellWords {}
    shell_nav account home_title home_program home_institution home_clinic
    home_none_title home_none account_title account_devices_one account_devices account_limits
    account_everywhere account_everywhere_why
    token_title token_lead token_make token_again token_end token_shown token_once token_described
}

/// The sentences in use.
pub const fn shell() -> &'static ShellWords {
    &SHELL
}
