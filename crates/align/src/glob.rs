//! Patterns for channel names: `*` is any text, `?` any one character, all else itself.
//!
//! Braces and brackets mean nothing, since channel names are full of them.

/// Whether a name fits a pattern.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last star was, and where in the name what follows it was last tried.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, tried)) = star else {
                    return false;
                };
                star = Some((at, tried + 1));
                (p, n) = (at + 1, tried + 1);
            }
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

/// How much of a pattern is not wildcards: of several that fit, the most definite counts.
pub(crate) fn definite(pattern: &str) -> usize {
    pattern.chars().filter(|c| !['*', '?'].contains(c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text_and_a_brace_is_a_brace() {
        assert!(matches("*.VELO", "XF:11BMB-ES{Chm:Smpl-Ax:X}Mtr.VELO"));
        assert!(matches("*{LINKAM}:TEMP", "XF:11BM-ES:{LINKAM}:TEMP"));
        assert!(matches("*cam1:Acquire*", "a:cam1:AcquireTime"));
        assert!(matches("a?c", "abc"));
        assert!(matches("*", ""));
        assert!(matches("*a*b", "aabab"));
        assert!(!matches("*.VELO", "x.VAL"));
        assert!(!matches("a?c", "ac"));
        assert!(!matches("", "a"));
    }

    #[test]
    fn a_longer_name_is_more_definite_than_a_star() {
        assert!(definite("*:Acquire") > definite("*"));
        assert_eq!(definite("*?"), 0);
    }
}
