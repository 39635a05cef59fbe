//! A PostgreSQL URL for other programs: without the password, which travels in the environment and not in an argument
//! that everybody on the machine can read.

/// The URL without its password, and the password.
pub(crate) fn split_password(url: &str) -> (String, Option<String>) {
    let (url, asked) = split_parameter(url);
    let Some((scheme, rest)) = url.split_once("://") else {
        return (url, asked);
    };
    // As libpq reads it: credentials end at the first @ before the first /.
    let Some((credentials, place)) = rest.split_once('@').filter(|(credentials, _)| !credentials.contains('/')) else {
        return (url, asked);
    };
    match credentials.split_once(':') {
        Some((user, password)) => (format!("{scheme}://{user}@{place}"), asked.or_else(|| Some(decode(password)))),
        None => (url, asked),
    }
}

/// Takes `password=…` out of the parameters; the one that counts is the last.
fn split_parameter(url: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else {
        return (url.to_owned(), None);
    };
    let (secret, open): (Vec<&str>, Vec<&str>) = query.split('&').partition(|part| part.starts_with("password="));
    let password = secret.last().and_then(|part| part.split_once('=')).map(|(_, password)| decode(password));
    let url = if open.is_empty() { base.to_owned() } else { format!("{base}?{}", open.join("&")) };
    (url, password)
}

/// Undoes percent-encoding.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let encoded = (*first == b'%').then(|| after.split_first_chunk::<2>()).flatten();
        let decoded = encoded.and_then(|(digits, after)| {
            let digits = std::str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, after))
        });
        let (byte, next) = decoded.unwrap_or((*first, after));
        bytes.push(byte);
        rest = next;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_taken_out_wherever_it_stands() {
        for (url, without, password) in [
            ("postgres://u:p%40ss%3A%25@h:5433/d", "postgres://u@h:5433/d", Some("p@ss:%")),
            ("postgresql://u@h/d", "postgresql://u@h/d", None),
            ("postgres://h/d", "postgres://h/d", None),
            ("postgres:///d?host=/run/a@b", "postgres:///d?host=/run/a@b", None),
            ("postgres://u:@h/d", "postgres://u@h/d", Some("")),
            ("postgres://u@h/d?password=s%26t&sslmode=disable", "postgres://u@h/d?sslmode=disable", Some("s&t")),
            ("postgres://u:a@h/d?password=b", "postgres://u@h/d", Some("b")),
            ("postgres://u:100%@h/d", "postgres://u@h/d", Some("100%")),
        ] {
            assert_eq!(split_password(url), (without.to_owned(), password.map(str::to_owned)), "{url}");
        }
    }
}
