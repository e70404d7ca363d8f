use super::*;
use crate::scan::recognizers::testing::check;

#[test]
fn finds_and_allows() {
    check(
        &RULE,
        &[
            ("Hon är 43 år och", "43 år"),
            ("en sjuåring som", "sjuåring"),
            ("en 7-årig pojke", "7-årig"),
            ("född 1981 i", "1981"),
            ("8 månader gammal", "8 månader gammal"),
            ("Leila (12) bor", "12"),
            ("Karl, 86, var", "86"),
            ("mannen fyller nittio", "nittio"),
            ("Ålder: 10\nSkola", "10"),
            ("vi har en tjej på 14 som", "14"),
            ("född nittonhundraåttioett", "nittonhundraåttioett"),
            ("född nån gång nitton-tjugonio.", "nitton-tjugonio"),
            ("Bo, f. 55, är", "55"),
            ("Agda är tretti-sex.", "tretti-sex"),
            ("Doris 7 och Frank 2 är", "7"),
            ("pojken är 2 år 4 mån", "2 år 4 mån"),
            ("barnen 4, 7 och 9 år bor", "4, 7 och 9 år"),
            ("Love (4½), Liv", "4½"),
            ("Wilmer är nio fyllda.", "nio fyllda"),
        ],
        &[
            "i 40-årsåldern",
            "i tre år",
            "för 2 år sedan",
            "över 18 år",
            "var tredje månad",
            "på 3 månader",
            "efter 14 dagar",
            "Väntetiden är 7 månader.",
            "fem dagars varsel",
            "hon är två år yngre",
            "det är 4 procent",
            "kvinna 18 år eller äldre",
        ],
    );
}
