//! Past forecasts of which it is known what came, read from a table. It must not drop a row, nor
//! take two answers to one question.

use std::collections::BTreeMap;

use domain::Date;

/// Holds one forecast of which it is known what came.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The line of the file, from 1.
    pub line: usize,
    /// Who gave it; empty where the table does not say.
    pub source: String,
    /// The question; rows of one question are one cluster.
    pub question: String,
    /// The day on which it was given, where the table says so.
    pub given_on: Option<Date>,
    /// The day on which it was known what came, where the table says so.
    pub resolved_on: Option<Date>,
    /// The probability that was given, from 0 to 1.
    pub probability: f64,
    /// Whether it came.
    pub came: bool,
    /// The event and the day by which it was to come, where it is one of several days.
    pub by: Option<ByDay>,
}

/// Says that a question is about an event by a day.
#[derive(Clone, Debug, PartialEq)]
pub struct ByDay {
    /// The event; questions by other days name it alike.
    pub event: String,
    /// The day.
    pub day: Date,
    /// How much it counts in a repair; above 0.
    pub weight: f64,
}

/// Names the event and the day of each question, by source and question.
pub type Events = BTreeMap<(String, String), ByDay>;

/// Says why a table is none of resolved forecasts, where, and how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum TableFault {
    /// It is no table.
    #[error("line {line}: it is no CSV table; {why}")]
    Csv {
        /// The line.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// A column is not there.
    #[error("line 1: there is no column {0}; the first line names the columns")]
    Column(&'static str),
    /// There is no row under the header.
    #[error("line 2: there is no row under the names of the columns")]
    Empty,
    /// A cell does not read.
    #[error("line {line}: `{found}` in column `{column}` is not {expected}")]
    Cell {
        /// The line.
        line: usize,
        /// The column.
        column: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// Days are out of order.
    #[error("line {line}: it was resolved on {resolved}, before it was given on {given}")]
    Order {
        /// The line.
        line: usize,
        /// When it was given.
        given: Date,
        /// When it was resolved.
        resolved: Date,
    },
    /// One question has two answers.
    #[error("lines {first} and {line}: question `{question}` came in one and did not in the other")]
    Answers {
        /// The question.
        question: String,
        /// The line of the one.
        first: usize,
        /// The line of the other.
        line: usize,
    },
    /// One forecast stands twice.
    #[error("lines {first} and {line}: question `{question}` stands twice on {day}; keep one row")]
    Twice {
        /// The question.
        question: String,
        /// The day.
        day: Date,
        /// The line of the one.
        first: usize,
        /// The line of the other.
        line: usize,
    },
}

/// Reads forecasts with what came. Columns, in any order: `probability` (or `market_probability`,
/// `p`) and `outcome` must be there; `id` (or `question`), `source`, `frozen_on` (or `given_on`),
/// `resolved_on`, `event`, `by` and `weight` may be.
///
/// # Errors
/// A column, a row or a cell is not what it should be.
pub fn read(text: &str) -> Result<Vec<Resolved>, TableFault> {
    let table = Table::read(text)?;
    let probability = table.needs(&["probability", "market_probability", "p"], "`probability`")?;
    let outcome = table.needs(&["outcome", "came"], "`outcome`")?;
    let columns = Columns {
        probability,
        outcome,
        question: table.column(&["id", "question"]),
        source: table.column(&["source"]),
        given: table.column(&["frozen_on", "given_on"]),
        resolved: table.column(&["resolved_on"]),
        by: ByColumns::of(&table),
    };
    let rows = table.rows.iter().map(|row| columns.row(row, &table));
    let rows: Vec<Resolved> = rows.collect::<Result<_, _>>()?;
    check(&rows)?;
    Ok(rows)
}

/// Reads which question is about which event by which day: columns `id` (or `question`), `event`
/// and `by`; `source` and `weight` may be there.
///
/// # Errors
/// A column, a row or a cell is not what it should be.
pub fn read_events(text: &str) -> Result<Events, TableFault> {
    let table = Table::read(text)?;
    let question = table.needs(&["id", "question"], "`id`")?;
    let source = table.column(&["source"]);
    table.needs(&["event"], "`event`")?;
    table.needs(&["by"], "`by`")?;
    let by = ByColumns::of(&table);
    let mut events = Events::new();
    for row in &table.rows {
        let key = (
            row.cell(source).to_owned(),
            row.cell(Some(question)).to_owned(),
        );
        if let Some(found) = by.read(row, &table)? {
            events.insert(key, found);
        }
    }
    Ok(events)
}

/// Gives each forecast the event of its question, where one is named, and tells how many got one.
pub fn join(rows: &mut [Resolved], events: &Events) -> usize {
    let mut joined = 0;
    for row in rows {
        let key = (row.source.clone(), row.question.clone());
        let any = (String::new(), row.question.clone());
        if let Some(found) = events.get(&key).or_else(|| events.get(&any)) {
            row.by = Some(found.clone());
            joined += 1;
        }
    }
    joined
}

/// Rules out what no honest table holds: two answers to one question, one forecast twice.
fn check(rows: &[Resolved]) -> Result<(), TableFault> {
    let mut answers: BTreeMap<(&str, &str), &Resolved> = BTreeMap::new();
    let mut given: BTreeMap<(&str, &str, Date), &Resolved> = BTreeMap::new();
    for row in rows {
        let key = (row.source.as_str(), row.question.as_str());
        let first = *answers.entry(key).or_insert(row);
        if first.came != row.came {
            return Err(TableFault::Answers {
                question: row.question.clone(),
                first: first.line,
                line: row.line,
            });
        }
        let Some(day) = row.given_on else { continue };
        if let Some(first) = given.insert((key.0, key.1, day), row) {
            return Err(TableFault::Twice {
                question: row.question.clone(),
                day,
                first: first.line,
                line: row.line,
            });
        }
    }
    Ok(())
}

struct Columns {
    probability: usize,
    outcome: usize,
    question: Option<usize>,
    source: Option<usize>,
    given: Option<usize>,
    resolved: Option<usize>,
    by: ByColumns,
}

impl Columns {
    fn row(&self, row: &Row, table: &Table) -> Result<Resolved, TableFault> {
        let question = match self.question {
            Some(at) => row.cell(Some(at)).to_owned(),
            // Without a name each row is a question of its own.
            None => format!("line {}", row.line),
        };
        let (given_on, resolved_on) = (table.day(row, self.given)?, table.day(row, self.resolved)?);
        if let (Some(given), Some(resolved)) = (given_on, resolved_on)
            && resolved < given
        {
            return Err(TableFault::Order {
                line: row.line,
                given,
                resolved,
            });
        }
        Ok(Resolved {
            line: row.line,
            source: row.cell(self.source).to_owned(),
            question,
            given_on,
            resolved_on,
            probability: table.probability(row, self.probability)?,
            came: table.outcome(row, self.outcome)?,
            by: self.by.read(row, table)?,
        })
    }
}

struct ByColumns {
    event: Option<usize>,
    day: Option<usize>,
    weight: Option<usize>,
}

impl ByColumns {
    fn of(table: &Table) -> Self {
        Self {
            event: table.column(&["event"]),
            day: table.column(&["by"]),
            weight: table.column(&["weight"]),
        }
    }

    /// Reads the event and its day; none where the row names neither.
    fn read(&self, row: &Row, table: &Table) -> Result<Option<ByDay>, TableFault> {
        let event = row.cell(self.event);
        let Some(day) = table.day(row, self.day)?.filter(|_| !event.is_empty()) else {
            return Ok(None);
        };
        let weight = match row.cell(self.weight) {
            "" => 1.0,
            text => text
                .parse()
                .ok()
                .filter(|weight: &f64| weight.is_finite() && *weight > 0.0)
                .ok_or_else(|| table.fault(row, self.weight, "a number above 0"))?,
        };
        Ok(Some(ByDay {
            event: event.to_owned(),
            day,
            weight,
        }))
    }
}

struct Table {
    names: Vec<String>,
    rows: Vec<Row>,
}

struct Row {
    line: usize,
    cells: Vec<String>,
}

impl Row {
    fn cell(&self, at: Option<usize>) -> &str {
        let found = at.and_then(|at| self.cells.get(at));
        found.map_or("", |text| text.trim())
    }
}

impl Table {
    fn read(text: &str) -> Result<Self, TableFault> {
        let wrong = |error: &csv::Error| TableFault::Csv {
            line: error.position().map_or(1, csv::Position::line),
            why: "each row needs as many cells as the first line".to_owned() + &because(error),
        };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names = reader.headers().map_err(|error| wrong(&error))?;
        let names = names.iter().map(|name| name.trim().to_owned()).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| wrong(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            rows.push(Row {
                line: usize::try_from(line).unwrap_or(usize::MAX),
                cells: record.iter().map(str::to_owned).collect(),
            });
        }
        if rows.is_empty() {
            return Err(TableFault::Empty);
        }
        Ok(Self { names, rows })
    }

    fn column(&self, spellings: &[&str]) -> Option<usize> {
        let mut found = spellings.iter();
        found.find_map(|one| self.names.iter().position(|name| name == one))
    }

    fn needs(&self, spellings: &[&str], name: &'static str) -> Result<usize, TableFault> {
        self.column(spellings).ok_or(TableFault::Column(name))
    }

    fn fault(&self, row: &Row, at: Option<usize>, expected: &'static str) -> TableFault {
        let name = at.and_then(|at| self.names.get(at));
        TableFault::Cell {
            line: row.line,
            column: name.cloned().unwrap_or_default(),
            found: row.cell(at).to_owned(),
            expected,
        }
    }

    fn day(&self, row: &Row, at: Option<usize>) -> Result<Option<Date>, TableFault> {
        match row.cell(at) {
            "" => Ok(None),
            text => {
                let day = text.parse().map(Some);
                day.map_err(|_| self.fault(row, at, "a day such as 2027-03-01"))
            }
        }
    }

    fn probability(&self, row: &Row, at: usize) -> Result<f64, TableFault> {
        let number = row.cell(Some(at)).parse::<f64>().ok();
        let number = number.filter(|number| (0.0..=1.0).contains(number));
        number.ok_or_else(|| self.fault(row, Some(at), "a probability from 0 to 1"))
    }

    fn outcome(&self, row: &Row, at: usize) -> Result<bool, TableFault> {
        match row.cell(Some(at)) {
            "1" | "1.0" | "yes" | "true" => Ok(true),
            "0" | "0.0" | "no" | "false" => Ok(false),
            _ => Err(self.fault(row, Some(at), "1 or 0, for what came and what did not")),
        }
    }
}

fn because(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("; this one has {len} of {expected_len}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
