//! `radrum scan`: what the scanner finds in a file or on standard input, for people (coloured) or for programs (JSON lines).

use std::io::{self, BufRead, Write};

use crate::scan::{Category, Finding, Level, Report, Scanner};
use serde_json::{Value, json};

/// What was read and what could not be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub lines: u64,
    /// Lines that were no JSON object with "id" and a string "text".
    pub broken: u64,
}

/// Reads `{"id","text"}` lines and writes one line for each, in order, as it goes: memory does not grow with the input. A broken line
/// gets `{"id":null,"error":…}` that names the line's number and never its content.
pub fn jsonl(reader: impl BufRead, mut writer: impl Write) -> io::Result<Summary> {
    let scanner = Scanner::shared();
    let mut sum = Summary::default();
    let mut reader = reader;
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        sum.lines += 1;
        let parsed: Option<Value> = serde_json::from_slice(&line).ok();
        let fields = parsed.as_ref().and_then(|v| Some((v.get("id")?, v.get("text")?.as_str()?)));
        let answer = match fields {
            Some((id, text)) => answer(id, &scanner.scan(text)),
            None => {
                sum.broken += 1;
                json!({"id": null, "error": format!("line {}: not a JSON object with \"id\" and a string \"text\"", sum.lines)})
            }
        };
        serde_json::to_writer(&mut writer, &answer)?;
        writer.write_all(b"\n")?;
    }
    writer.flush()?;
    Ok(sum)
}

fn answer(id: &Value, report: &Report) -> Value {
    let rows = |list: &[Finding]| -> Vec<Value> {
        list.iter()
            .map(|f| json!({"start": f.start, "end": f.end, "category": f.category, "level": f.level, "replacement": f.replacement}))
            .collect()
    };
    json!({"id": id, "findings": rows(&report.findings), "notes": rows(&report.notes), "redacted": report.redacted})
}

/// How the human output looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    pub colour: bool,
    /// A line of evidence for each finding.
    pub explain: bool,
}

/// Writes a text with its findings marked, and with `explain` why each was found.
pub fn human(text: &str, look: Look, mut writer: impl Write) -> io::Result<()> {
    let report = Scanner::shared().scan(text);
    let chars: Vec<char> = text.chars().collect();
    let mut all: Vec<&Finding> = report.findings.iter().chain(&report.notes).collect();
    all.sort_by_key(|f| f.start);
    let mut at = 0;
    for f in &all {
        if f.start < at {
            continue;
        }
        write!(writer, "{}", chars[at..f.start].iter().collect::<String>())?;
        let words: String = chars[f.start..f.end].iter().collect();
        if look.colour {
            write!(writer, "\x1b[{}m{words}\x1b[0m", colour(f.level, f.category))?;
        } else {
            write!(writer, "{{{words}}}")?;
        }
        at = f.end;
    }
    writeln!(writer, "{}", chars[at..].iter().collect::<String>())?;
    if look.explain {
        for f in &all {
            let words: String = chars[f.start..f.end].iter().collect();
            let e = &f.evidence;
            let near = e.context.as_ref().map(|c| format!(", beside \"{c}\"")).unwrap_or_default();
            writeln!(
                writer,
                "{}..{} {:?} {:?} \"{words}\" -> {}  ({}: {}{near}, score {:.2})",
                f.start, f.end, f.level, f.category, f.replacement, e.recognizer, e.reason, e.score
            )?;
        }
    }
    let direct = report.findings.iter().filter(|f| f.level == Level::Block).count();
    writeln!(writer, "-- {} direct, {} indirect, {} suspected", direct, report.findings.len() - direct, report.notes.len())
}

fn colour(level: Level, category: Category) -> &'static str {
    match level {
        Level::Block if category.is_structured() => "1;41;97",
        Level::Block => "1;31",
        Level::Warn => "33",
        Level::Note => "4;36",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_in_order_and_names_broken_lines_without_their_content() {
        let input = "{\"id\":1,\"text\":\"Ring Anna på 070-174 06 63.\"}\n\n{\"id\":\"b\",\"tex\":\"hemlig\"}\nhemlig\n{\"id\":\"c\",\"text\":\"\"}\n";
        let mut out = Vec::new();
        let sum = jsonl(input.as_bytes(), &mut out).expect("memory can be written to");
        assert_eq!(sum, Summary { lines: 4, broken: 2 });
        let text = String::from_utf8(out).expect("JSON is UTF-8");
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).expect("each line is JSON")).collect();
        assert_eq!(lines[0]["redacted"], "Ring [person 1] på [telefon].");
        assert_eq!(lines[0]["findings"][1]["category"], "PHONE");
        assert_eq!(lines[0]["findings"][1]["level"], "block");
        assert_eq!((lines[1]["id"].is_null(), lines[3]["id"].as_str()), (true, Some("c")));
        assert!(!text.contains("hemlig"));
    }

    #[test]
    fn marks_for_people() {
        let mut out = Vec::new();
        human("Hej Anna!", Look { colour: false, explain: true }, &mut out).expect("memory can be written to");
        let text = String::from_utf8(out).expect("the text was UTF-8");
        assert!(text.contains("Hej {Anna}!") && text.contains("name-"), "{text}");
    }
}
