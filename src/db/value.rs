//! Values on their way in and out: four kinds that both databases hold alike (whole numbers, text, bytes, nothing).
//! A flag is the number 0 or 1, an id is 16 bytes, a time is a whole number.

use std::sync::Arc;

use sqlx::{
    Column as _, Row as _, TypeInfo, ValueRef,
    postgres::{PgRow, PgValueFormat},
    sqlite::SqliteRow,
};

use super::Error;
use crate::id::Id;

/// A value for one `$n`. An absent one still knows its type, which PostgreSQL wants. No `Debug`: it may be content.
#[derive(Clone)]
pub enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// The values of a statement, in order. Made by [`args!`](crate::args).
#[derive(Clone, Default)]
pub struct Args(pub(super) Vec<Value>);

impl Args {
    pub fn new(values: Vec<Value>) -> Args {
        Args(values)
    }

    /// PostgreSQL refuses it, and SQLite stores it but then stops reading there: refused for both.
    pub(super) fn holds_nul(&self) -> bool {
        self.0.iter().any(|v| matches!(v, Value::Text(Some(t)) if t.contains('\0')))
    }
}

/// The values of a statement: `args![id, &name, 7_i64, None::<i64>]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        $crate::db::Args::new(vec![$($crate::db::Bind::bind($value)),*])
    };
}

/// What may stand for a `$n`.
pub trait Bind {
    const ABSENT: Value;
    fn bind(self) -> Value;
}

macro_rules! bind {
    ($($type:ty => $kind:ident, |$value:ident| $make:expr;)*) => {
        $(impl Bind for $type {
            const ABSENT: Value = Value::$kind(None);
            fn bind(self) -> Value {
                let $value = self;
                Value::$kind(Some($make))
            }
        })*
    };
}

bind! {
    i64 => Int, |v| v;
    i32 => Int, |v| v.into();
    u32 => Int, |v| v.into();
    bool => Int, |v| v.into();
    &str => Text, |v| v.to_owned();
    String => Text, |v| v;
    &[u8] => Bytes, |v| v.to_vec();
    Vec<u8> => Bytes, |v| v;
    Id => Bytes, |v| v.0.to_vec();
}

impl<const N: usize> Bind for [u8; N] {
    const ABSENT: Value = Value::Bytes(None);
    fn bind(self) -> Value {
        Value::Bytes(Some(self.to_vec()))
    }
}

impl<T: Bind + Clone> Bind for &T {
    const ABSENT: Value = T::ABSENT;
    fn bind(self) -> Value {
        self.clone().bind()
    }
}

impl<T: Bind> Bind for Option<T> {
    const ABSENT: Value = T::ABSENT;
    fn bind(self) -> Value {
        self.map_or(T::ABSENT, Bind::bind)
    }
}

impl Bind for Value {
    const ABSENT: Value = Value::Int(None);
    fn bind(self) -> Value {
        self
    }
}

#[derive(Clone)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row, copied out of the connection. No `Debug`: it may be content.
#[derive(Clone)]
pub struct Row {
    names: Arc<[Box<str>]>,
    cells: Box<[Cell]>,
}

impl Row {
    /// The column called `name` in the statement.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is no such column or it is of another type: a mistake in the code, logged with the column's name.
    pub fn get<T: Column>(&self, name: &'static str) -> Result<T, Error> {
        let cell = self.names.iter().position(|n| **n == *name).map(|i| &self.cells[i]);
        cell.and_then(T::from_cell).ok_or_else(|| {
            tracing::error!(column = name, "a column is missing or of another type than expected");
            Error::Internal("column")
        })
    }
}

/// What a column can be read as. `None` from `from_cell` means: not of this type.
pub trait Column: Sized {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "implemented here only")]
    fn from_cell(cell: &Cell) -> Option<Self>;
}

macro_rules! column {
    ($($type:ty => $pattern:pat, $make:expr;)*) => {
        $(impl Column for $type {
            #[expect(private_interfaces, reason = "implemented here only")]
            fn from_cell(cell: &Cell) -> Option<Self> {
                match cell {
                    $pattern => $make,
                    _ => None,
                }
            }
        })*
    };
}

column! {
    i64 => Cell::Int(v), Some(*v);
    bool => Cell::Int(v), match v { 0 => Some(false), 1 => Some(true), _ => None };
    String => Cell::Text(v), Some(v.clone());
    Vec<u8> => Cell::Bytes(v), Some(v.clone());
    Id => Cell::Bytes(v), Id::try_from(v.as_slice()).ok();
}

impl<T: Column> Column for Option<T> {
    #[expect(private_interfaces, reason = "implemented here only")]
    fn from_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

/// Copies rows out; their columns' names are kept once.
pub(super) fn from_sqlite(rows: &[SqliteRow]) -> Result<Vec<Row>, Error> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let names: Arc<[Box<str>]> = first.columns().iter().map(|c| c.name().into()).collect();
    rows.iter()
        .map(|row| Ok(Row { names: names.clone(), cells: (0..names.len()).map(|i| sqlite_cell(row, i)).collect::<Result<_, _>>()? }))
        .collect()
}

fn sqlite_cell(row: &SqliteRow, i: usize) -> Result<Cell, Error> {
    let raw = row.try_get_raw(i).map_err(|_| Error::Internal("column"))?;
    if raw.is_null() {
        return Ok(Cell::Null);
    }
    // The value's own type counts, not the declared one: SQLite does not hold a column to its type.
    let kind = raw.type_info().name().to_owned();
    match kind.as_str() {
        "INTEGER" | "BOOLEAN" => row.try_get_unchecked(i).map(Cell::Int),
        "TEXT" => row.try_get_unchecked(i).map(Cell::Text),
        "BLOB" => row.try_get_unchecked(i).map(Cell::Bytes),
        _ => return Err(Error::Internal("column type")),
    }
    .map_err(|_| Error::Internal("column"))
}

pub(super) fn from_postgres(rows: &[PgRow]) -> Result<Vec<Row>, Error> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let names: Arc<[Box<str>]> = first.columns().iter().map(|c| c.name().into()).collect();
    rows.iter()
        .map(|row| Ok(Row { names: names.clone(), cells: (0..names.len()).map(|i| postgres_cell(row, i)).collect::<Result<_, _>>()? }))
        .collect()
}

fn postgres_cell(row: &PgRow, i: usize) -> Result<Cell, Error> {
    let raw = row.try_get_raw(i).map_err(|_| Error::Internal("column"))?;
    if raw.is_null() {
        return Ok(Cell::Null);
    }
    let kind = raw.type_info().name().to_owned();
    match kind.as_str() {
        "INT8" => row.try_get_unchecked(i).map(Cell::Int),
        "INT4" => row.try_get_unchecked::<i32, _>(i).map(|v| Cell::Int(v.into())),
        "INT2" => row.try_get_unchecked::<i16, _>(i).map(|v| Cell::Int(v.into())),
        "BOOL" => row.try_get_unchecked::<bool, _>(i).map(|v| Cell::Int(v.into())),
        "TEXT" | "VARCHAR" | "NAME" | "CHAR" | "UNKNOWN" => row.try_get_unchecked(i).map(Cell::Text),
        "BYTEA" => row.try_get_unchecked(i).map(Cell::Bytes),
        // sum() over bigint is numeric in PostgreSQL and a whole number in SQLite.
        "NUMERIC" if raw.format() == PgValueFormat::Binary => {
            return raw.as_bytes().ok().and_then(whole_numeric).map(Cell::Int).ok_or(Error::Internal("column type"));
        }
        "VOID" => return Ok(Cell::Null),
        _ => return Err(Error::Internal("column type")),
    }
    .map_err(|_| Error::Internal("column"))
}

/// PostgreSQL's binary numeric: how many digits (base 10,000), the first one's weight, sign, scale, digits. `None` unless it is a whole number that fits.
fn whole_numeric(bytes: &[u8]) -> Option<i64> {
    let mut parts = bytes.chunks_exact(2).map(|b| i16::from_be_bytes([b[0], b[1]]));
    let (count, weight, sign, _scale) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let mut value: i128 = 0;
    for place in 0..=weight.max(-1) {
        let digit = if place < count { parts.next()? } else { 0 };
        value = value.checked_mul(10_000)?.checked_add(digit.into())?;
    }
    // Digits after the point must be nothing but zeros.
    if parts.any(|digit| digit != 0) {
        return None;
    }
    match sign {
        0 => value,
        0x4000 => -value,
        _ => return None,
    }
    .try_into()
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(weight: i16, sign: i16, digits: &[i16]) -> Vec<u8> {
        [digits.len() as i16, weight, sign, 0].iter().chain(digits).flat_map(|v| v.to_be_bytes()).collect()
    }

    #[test]
    fn whole_numerics() {
        assert_eq!(whole_numeric(&numeric(0, 0, &[])), Some(0));
        assert_eq!(whole_numeric(&numeric(0, 0, &[42])), Some(42));
        assert_eq!(whole_numeric(&numeric(1, 0, &[3])), Some(30_000), "trailing zeros are left out");
        assert_eq!(whole_numeric(&numeric(1, 0x4000, &[1, 2345])), Some(-12_345));
        assert_eq!(whole_numeric(&numeric(-1, 0, &[5000])), None, "a half");
        assert_eq!(whole_numeric(&numeric(9, 0, &[1])), None, "too large");
        assert_eq!(whole_numeric(&numeric(0, -0x4000, &[])), None, "not a number");
        assert_eq!(whole_numeric(&[0, 1]), None);
    }

    #[test]
    fn nul_is_seen_only_in_text() {
        assert!(args!["a\0b"].holds_nul());
        assert!(!args![vec![0_u8], "ab", None::<String>].holds_nul());
    }
}
