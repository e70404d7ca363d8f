//! E-mail addresses (RFC 5322, the common part), also spelled out: "anna punkt berg snabel-a brev punkt example".

use super::{Matcher, Rule};
use crate::scan::Category;
use crate::scan::doc::{Doc, Found, Near};

pub const RULE: Rule = Rule {
    name: "e-mail",
    category: Category::Email,
    patterns: &[
        r"[a-zåäö0-9][a-zåäö0-9._%+-]*@[a-zåäö0-9-]+(?:\.[a-zåäö0-9-]+)*",
        r"[a-zåäö0-9][a-zåäö0-9._%+-]*(?:(?:(?: ?[(\[{<] ?(?:punkt|dot|\.|understreck|bindestreck|minus|streck) ?[)\]}>] ?| (?:punkt|dot|understreck|underscore|bindestreck|minus|streck) )| \. )[a-zåäö0-9._%+-]+)*(?: ?[(\[{<] ?(?:at|a|snabel[ -]?a|alfakrull|kanelbulle|@) ?[)\]}>] ?| (?:at|snabel[ -]?a|alfakrull|kanelbulle|@) |@ | @|@)[a-zåäö0-9-]+(?:(?:(?: ?[(\[{<] ?(?:punkt|dot|\.) ?[)\]}>] ?| (?:punkt|dot) | \. )|\.)[a-zåäö0-9-]+)+",
    ],
    find,
};

fn find(doc: &Doc, m: &Matcher, out: &mut Vec<Found>) {
    for n in [0, 1] {
        for (start, end) in m.ranges_near(Near::Sign, n, doc) {
            out.push(m.found(start, end, 1.0, if n == 0 { "email" } else { "email-spelled" }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::recognizers::testing::check;

    #[test]
    fn finds_and_allows() {
        check(
            &RULE,
            &[
                ("mejla anna.berg@brev.example.", "anna.berg@brev.example"),
                ("anna punkt svensson snabel-a brev punkt example", "anna punkt svensson snabel-a brev punkt example"),
                ("nawal_dirie [at] posten [dot] example", "nawal_dirie [at] posten [dot] example"),
                ("dyk64 AT skepp DOT example", "dyk64 AT skepp DOT example"),
                ("psyk.remiss_x[a]varden[.]example.", "psyk.remiss_x[a]varden[.]example"),
                ("moa(punkt)a@exempel.example", "moa(punkt)a@exempel.example"),
                ("a n n a . k i l @ exempel . example", "a n n a . k i l @ exempel . example"),
                ("elin(punkt)fors(snabela)ungm(punkt)example", "elin(punkt)fors(snabela)ungm(punkt)example"),
            ],
            &["punkt 3 i beslutet", "vi ses at the office", "skicka mejl"],
        );
    }
}
