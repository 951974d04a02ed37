//! The templates that are part of the program. Never read from disk at run time.

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// Path under `email-templates/`, and text.
        pub(super) const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../email-templates/", $name)))),+];
    };
}

files![
    "base.html",
    "base.txt",
    "button.html",
    "announcement/subject.txt",
    "announcement/body.txt",
    "announcement/body.html",
    "invitation/subject.txt",
    "invitation/body.txt",
    "invitation/body.html",
    "reminder/subject.txt",
    "reminder/body.txt",
    "reminder/body.html",
    "afterwards/subject.txt",
    "afterwards/body.txt",
    "afterwards/body.html",
    "rearranged/subject.txt",
    "rearranged/body.txt",
    "rearranged/body.html",
    "released/subject.txt",
    "released/body.txt",
    "released/body.html",
    "moved/subject.txt",
    "moved/body.txt",
    "moved/body.html",
    "removed/subject.txt",
    "removed/body.txt",
    "removed/body.html",
    "replaced/subject.txt",
    "replaced/body.txt",
    "replaced/body.html",
    "lapsed/subject.txt",
    "lapsed/body.txt",
    "lapsed/body.html",
    "confirmation/subject.txt",
    "confirmation/body.txt",
    "confirmation/body.html",
    "moved-reminder/subject.txt",
    "moved-reminder/body.txt",
    "moved-reminder/body.html",
    "therapist-day/subject.txt",
    "therapist-day/body.txt",
    "therapist-day/body.html",
    "therapist-today/subject.txt",
    "therapist-today/body.txt",
    "therapist-today/body.html",
    "therapist-welcome/subject.txt",
    "therapist-welcome/body.txt",
    "therapist-welcome/body.html",
    "sign-in/subject.txt",
    "sign-in/body.txt",
    "sign-in/body.html",
];
