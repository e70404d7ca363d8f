#!/usr/bin/env python3
"""Writes the project's own word lists from facts: build.py FACTS_FOLDER DICTIONARY_FOLDER

FACTS_FOLDER holds the files that README.md beside this script credits. Only facts are taken over (a name and how many bear it, a place and the
municipality it lies in, a population), in the project's own format; the hand-written lists in hand/ are not touched. DICTIONARY_FOLDER is the unpacked npm package
dictionary-sv. The corpora are not read: what the model is trained and measured on must not have made the lists. Python 3, standard library
only; the output is the same for the same input.
"""
import collections, csv, math, pathlib, re, sys, unicodedata

HERE = pathlib.Path(__file__).parent
GIVEN_FLOOR, SURNAME_FLOOR = 5, 10
KEEP = "åäö"


def fold(word):
    """The scanner's normal form of a word: lower case, å ä ö kept, every other diacritic dropped (src/scan/text.rs does the same)."""
    out = []
    for c in unicodedata.normalize("NFC", word).lower():
        if c in KEEP or c.isascii():
            out.append(c)
        else:
            special = {"ø": "ö", "æ": "ä", "ð": "d", "þ": "th", "ß": "ss", "ł": "l", "ı": "i", "đ": "d", "œ": "o", "’": "'", "´": "'"}
            out.append(special.get(c) or "".join(d for d in unicodedata.normalize("NFKD", c) if d.isascii() and not unicodedata.combining(d)))
    return "".join(out)


def bucket(n):
    """0 none, else 1 + the whole part of log2: 1 is one bearer, 7 is 64-127, 18 is over 131,000. One base-36 digit."""
    return "0123456789abcdefghijklmnopqrstuvwxyz"[0 if n <= 0 else 1 + int(math.log2(n))]


def rows(path, delimiter):
    with open(path, encoding="utf-8-sig", newline="") as f:
        yield from csv.DictReader(f, delimiter=delimiter, quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL)


def write(name, lines):
    (HERE / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    print(f"{name}: {len(lines)} lines")


def names(facts):
    women, men, last = collections.Counter(), collections.Counter(), collections.Counter()
    for r in rows(facts / "given_names_se.tsv", "\t"):
        parts = re.split(r"[-: ]", r["name"])
        if len(parts) == 1:
            women[fold(r["name"])] += int(r["women_all"] or 0)
            men[fold(r["name"])] += int(r["men_all"] or 0)
    for r in rows(facts / "surnames_se.tsv", "\t"):
        if not re.search(r"[-: ]", r["name"]):
            last[fold(r["name"])] += int(r["persons"])
    out = []
    for n in sorted(set(women) | set(men) | set(last)):
        f, m, s = women[n], men[n], last[n]
        if f + m < GIVEN_FLOOR:
            f = m = 0
        if s < SURNAME_FLOOR:
            s = 0
        if (f or m or s) and len(n) > 1 and re.fullmatch(r"[a-zåäö']+", n):
            out.append(f"{n} {bucket(f)}{bucket(m)}{bucket(s)}")
    write("names.txt", out)


def places(facts):
    short, total, county = {}, {}, {}
    for r in rows(facts / "municipality_county.csv", ","):
        short[r["municipality_code"]] = r["municipality_name_short"]
        county[r["municipality_code"]] = r["county_name_short"]
    for r in rows(facts / "municipalities_population.csv", ","):
        total[r["code"].zfill(4)] = int(r["population"])
    write("municipalities.txt", [f"{c} {total[c]} {fold(short[c])}" for c in sorted(short)])
    code = {fold(n): c for c, n in short.items()}
    size = {}
    for r in rows(facts / "geonames_se_500.tsv", "\t"):
        size[fold(r["name"])] = max(size.get(fold(r["name"]), 0), int(r["population"]))
    where = collections.defaultdict(set)
    for c, n in short.items():
        where[fold(n)].add(c)
    for r in rows(facts / "localities_municipality.csv", ","):
        where[fold(r["Locality"])].add(code.get(fold(r["Municipality"]), "0000"))
    for r in rows(facts / "postal_to_municipality.csv", ","):
        where[fold(r["locality"])].add(r["municipality_code"].zfill(4))
    for n in size:
        where[n] |= set()
    for n in set(county.values()):
        where[fold(n)] |= set()
    out = []
    for n in sorted(where):
        if len(n) < 2 or not re.fullmatch(r"[a-zåäö' -]+", n):
            continue
        own = code.get(n)
        people = total.get(own, 0) if own else size.get(n, 0)
        # Size class: 1 over 50,000; 2 over 10,000; 3 smaller or unknown.
        cls = 1 if people > 50_000 else 2 if people > 10_000 else 3
        codes = sorted(where[n] - {"0000"})
        out.append(f"{n}\t{cls}\t{own or (codes[0] if len(codes) == 1 else '0000')}")
    write("places.txt", out)


def origins(facts):
    out = set()
    for r in rows(facts / "nationalities.csv", ","):
        for field in ("resident_singular", "resident_plural", "adjective"):
            for w in re.findall(r"[\w-]+", r[field]):
                w = fold(w)
                out.add(w)
                if field == "adjective" and w.endswith("sk"):
                    out |= {w + "a", w + "t", w + "an", w + "talande", w + "språkig"}
                if field == "resident_singular":
                    out |= {w + "en", w + "s"} if not w.endswith("e") else {w + "n"}
                if field == "resident_plural":
                    out.add(w + "na")
    write("origins.txt", sorted(w for w in out if len(w) > 3))
    out = set()
    for r in rows(facts / "countries_capitals.csv", ","):
        for field in ("country", "capital", "alternative_name"):
            for w in re.split(r"[,;/]", r[field] or ""):
                w = fold(w).strip()
                if re.fullmatch(r"[a-zåäö' -]{4,}", w) and w != "sverige" and w != "stockholm":
                    out.add(w)
    write("countries.txt", sorted(out))


def occupations(facts):
    out = set()
    for r in rows(facts / "occupations.csv", ","):
        w = fold(r["vocation"])
        if re.fullmatch(r"[a-zåäö]{4,}", w):
            out.add(w)
    write("occupations.txt", sorted(out))


def ordinary(facts):
    """Lower-case words of running news text that are in no mark, with how common they are (1-3)."""
    count = collections.Counter()
    for line in open(facts / "ner_train_sv.txt", encoding="utf-8"):
        word, _, tag = line.rstrip("\n").partition("\t")
        w = fold(word.replace("\u00ad", ""))
        if tag == "0" and word == word.lower() and re.fullmatch(r"[a-zåäö]+", w):
            count[w] += 1
    # Names that are also words: how often they stood in lower case in other people's corpora.
    for r in rows(facts / "name_word_collisions.tsv", "\t"):
        hits = int(r["lowercase_hits_in_corpora"])
        if hits >= 3:
            count[fold(r["name"])] += hits // 3
    for path in [HERE / "hand/ordinary.txt"]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                for w in line.split(","):
                    if w.strip():
                        count[fold(w.strip())] += 3
    for r in rows(facts / "stopwords.csv", ","):
        count[fold(r["word"])] += 50
    write("ordinary.txt", [f"{w} {1 if n < 3 else 2 if n < 20 else 3}" for w, n in sorted(count.items())])


def dictionary(folder):
    """Stems of the spelling dictionary in lower case; not those that the scanner takes apart into two others (src/scan/lexicon.rs)."""
    stems = set()
    for line in open(folder / "index.dic", encoding="utf-8"):
        w = line.strip().split("/")[0]
        if w == w.lower() and re.fullmatch(r"[a-zåäö]{2,}", fold(w)):
            stems.add(fold(w))

    def compound(w):
        for at in range(3, len(w) - 3):
            left, right = w[:at], w[at:]
            if right in stems and (left in stems or left.endswith("s") and left[:-1] in stems or left + "a" in stems or left + "e" in stems):
                return True
        return False

    write("dictionary.txt", sorted(w for w in stems if len(w) < 7 or not compound(w)))


def main():
    facts = pathlib.Path(sys.argv[1])
    for step in (names, places, origins, occupations, ordinary):
        step(facts)
    dictionary(pathlib.Path(sys.argv[2]))


main()
