//! Who was right, item by item, of two tiers, and what each answer took: a table or a JSON array.
//! It must not fill in what an item does not say.

use std::collections::BTreeMap;

use serde_json::Value;

/// Least items of which anything is said.
pub const LEAST_ITEMS: usize = 30;
/// Most items of a file.
pub const MOST_ITEMS: usize = 10_000_000;

/// Ends the name of a column that says whether a tier was right.
const CORRECT: &str = "_correct";

/// Holds one item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// Whether the cheap tier was right.
    pub cheap_is_right: bool,
    /// Whether the strong tier was right.
    pub strong_is_right: bool,
    /// What both read.
    pub prompt: Option<Length>,
    /// What the cheap tier wrote.
    pub cheap: Written,
    /// What the strong tier wrote.
    pub strong: Written,
}

/// Holds what is known of an answer's cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Written {
    /// How long it was.
    pub length: Option<Length>,
    /// What it cost with its prompt, in USD.
    pub usd: Option<f64>,
}

/// Is the length of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    /// In tokens.
    Tokens(f64),
    /// In characters.
    Chars(f64),
}

/// Says when a feature is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before any tier is asked.
    Before,
    /// After the cheap tier has answered.
    After,
}

/// Holds a feature of all items.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// When it is known.
    pub when: When,
    /// Its values, an item each.
    pub values: Values,
}

/// Holds the values of a feature.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Names of groups.
    Words(Vec<String>),
    /// Numbers.
    Numbers(Vec<f64>),
}

/// Holds a file of outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    /// The name of the cheap tier.
    pub cheap: String,
    /// The name of the strong tier.
    pub strong: String,
    /// The items.
    pub items: Vec<Item>,
    /// What a rule may go by.
    pub features: Vec<Feature>,
}

/// Names the columns of two tiers, where a file has others than `cheap_…` and `strong_…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The cheap tier's.
    pub cheap: Option<String>,
    /// The strong tier's.
    pub strong: Option<String>,
}

/// Says why a file holds no outcomes.
#[derive(Debug, thiserror::Error)]
pub enum OutcomesFault {
    /// It is JSON that does not read.
    #[error("the file is no JSON array of objects")]
    Json(#[from] serde_json::Error),
    /// A line of the table does not read.
    #[error("line {line} of the table cannot be read")]
    Line {
        /// Which.
        line: usize,
        /// Why.
        source: csv::Error,
    },
    /// The tiers are not told.
    #[error("which columns are the two tiers' is not clear: {0}")]
    Tiers(String),
    /// A column is missing.
    #[error("there is no column `{0}`")]
    Column(String),
    /// A cell is not what its column holds.
    #[error("item {item}: `{value}` in `{column}` is not {expected}")]
    Cell {
        /// The item, counted from 1.
        item: usize,
        /// The column.
        column: String,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
    /// There are too few items.
    #[error("{0} items are too few to say anything; {LEAST_ITEMS} are needed")]
    Few(usize),
    /// There are too many.
    #[error("the file has more than {MOST_ITEMS} items; split it")]
    Many,
}

/// Reads a file.
///
/// # Errors
/// Fails when it is neither form, a cell is wrong, or there are too few items.
pub fn read(file: &str, names: &Names) -> Result<Outcomes, OutcomesFault> {
    let is_json = file.trim_start().starts_with('[');
    let table = if is_json {
        objects(file)?
    } else {
        lines(file)?
    };
    if table.rows > MOST_ITEMS {
        return Err(OutcomesFault::Many);
    }
    if table.rows < LEAST_ITEMS {
        return Err(OutcomesFault::Few(table.rows));
    }
    let (cheap, strong) = tiers(&table, names)?;
    let items = items(&table, &cheap, &strong)?;
    let features = features(&table, &cheap, &strong);
    Ok(Outcomes {
        cheap,
        strong,
        items,
        features,
    })
}

/// Holds a table by columns, in the order of the file.
struct Table {
    heads: Vec<String>,
    columns: BTreeMap<String, Vec<String>>,
    rows: usize,
}

impl Table {
    fn new(heads: Vec<String>, rows: &[Vec<String>]) -> Self {
        let column = |place: usize| {
            let cells = rows.iter().map(|row| row.get(place).cloned());
            cells.map(Option::unwrap_or_default).collect()
        };
        let columns = heads.iter().enumerate();
        let columns = columns.map(|(place, head)| (head.clone(), column(place)));
        Self {
            columns: columns.collect(),
            rows: rows.len(),
            heads,
        }
    }

    /// Reads a column of numbers; none where the file has none.
    fn numbers(&self, name: &str) -> Result<Option<Vec<Option<f64>>>, OutcomesFault> {
        let Some(cells) = self.columns.get(name) else {
            return Ok(None);
        };
        let numbers = cells.iter().enumerate().map(|(place, cell)| {
            if cell.is_empty() {
                return Ok(None);
            }
            let number = cell.parse::<f64>().ok();
            let number = number.filter(|number| number.is_finite() && *number >= 0.0);
            number.map(Some).ok_or_else(|| OutcomesFault::Cell {
                item: place + 1,
                column: name.to_owned(),
                value: cell.clone(),
                expected: "a number of 0 or more",
            })
        });
        numbers.collect::<Result<_, _>>().map(Some)
    }
}

fn lines(file: &str) -> Result<Table, OutcomesFault> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let wrong = |line: usize| move |source| OutcomesFault::Line { line, source };
    let heads = reader.headers().map_err(wrong(1))?.clone();
    let heads = heads.iter().map(str::to_owned).collect();
    let rows = reader.records().zip(2..).map(|(record, line)| {
        let record = record.map_err(wrong(line))?;
        Ok(record.iter().map(|cell| cell.trim().to_owned()).collect())
    });
    let rows: Vec<Vec<String>> = rows.collect::<Result<_, OutcomesFault>>()?;
    Ok(Table::new(heads, &rows))
}

fn objects(file: &str) -> Result<Table, OutcomesFault> {
    let objects: Vec<serde_json::Map<String, Value>> = serde_json::from_str(file)?;
    let mut heads: Vec<String> = Vec::new();
    for head in objects.iter().flat_map(serde_json::Map::keys) {
        if !heads.contains(head) {
            heads.push(head.clone());
        }
    }
    let cell = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let row = |object: &serde_json::Map<String, Value>| {
        heads.iter().map(|head| cell(object.get(head))).collect()
    };
    let rows: Vec<Vec<String>> = objects.iter().map(row).collect();
    Ok(Table::new(heads, &rows))
}

/// Names the tiers: as asked, else `cheap` and `strong`, else the only two there are in the order
/// of their columns, which every report then shows by name.
fn tiers(table: &Table, names: &Names) -> Result<(String, String), OutcomesFault> {
    let there: Vec<&str> = table
        .heads
        .iter()
        .filter_map(|head| head.strip_suffix(CORRECT))
        .collect();
    let usual = |name: &str| there.contains(&name).then(|| name.to_owned());
    let nth = |place: usize| (there.len() == 2).then(|| there.get(place)).flatten();
    let told = |asked: &Option<String>, name: &str, place: usize| {
        let found = asked.clone().or_else(|| usual(name));
        found.or_else(|| nth(place).map(|name| (*name).to_owned()))
    };
    let cheap = told(&names.cheap, "cheap", 0);
    let strong = told(&names.strong, "strong", 1);
    let shown = || {
        let columns: Vec<String> = there
            .iter()
            .map(|name| format!("{name}{CORRECT}"))
            .collect();
        let columns = columns.join(", ");
        OutcomesFault::Tiers(if columns.is_empty() {
            format!("no column ends in {CORRECT}")
        } else {
            format!("columns that say who was right: {columns}")
        })
    };
    match (cheap, strong) {
        (Some(cheap), Some(strong)) if cheap != strong => Ok((cheap, strong)),
        _ => Err(shown()),
    }
}

fn items(table: &Table, cheap: &str, strong: &str) -> Result<Vec<Item>, OutcomesFault> {
    let (cheap_right, strong_right) = (rights(table, cheap)?, rights(table, strong)?);
    let (cheap_written, strong_written) = (written(table, cheap)?, written(table, strong)?);
    let prompts = lengths(table, "prompt")?;
    let item = |place: usize| Item {
        cheap_is_right: cheap_right[place],
        strong_is_right: strong_right[place],
        prompt: prompts[place],
        cheap: cheap_written[place],
        strong: strong_written[place],
    };
    Ok((0..table.rows).map(item).collect())
}

fn rights(table: &Table, tier: &str) -> Result<Vec<bool>, OutcomesFault> {
    let column = format!("{tier}{CORRECT}");
    let missing = || OutcomesFault::Column(column.clone());
    let cells = table.columns.get(&column).ok_or_else(missing)?;
    let right = |(place, cell): (usize, &String)| match cell.to_ascii_lowercase().as_str() {
        "1" | "1.0" | "true" => Ok(true),
        "0" | "0.0" | "false" => Ok(false),
        _ => Err(OutcomesFault::Cell {
            item: place + 1,
            column: column.clone(),
            value: cell.clone(),
            expected: "0 or 1",
        }),
    };
    cells.iter().enumerate().map(right).collect()
}

fn lengths(table: &Table, what: &str) -> Result<Vec<Option<Length>>, OutcomesFault> {
    let tokens = table.numbers(&format!("{what}_tokens"))?;
    let chars = table.numbers(&format!("{what}_chars"))?;
    let of = |column: &Option<Vec<Option<f64>>>, place: usize| {
        column.as_ref().and_then(|column| column[place])
    };
    let length = |place: usize| {
        let tokens = of(&tokens, place).map(Length::Tokens);
        tokens.or_else(|| of(&chars, place).map(Length::Chars))
    };
    Ok((0..table.rows).map(length).collect())
}

fn written(table: &Table, tier: &str) -> Result<Vec<Written>, OutcomesFault> {
    let lengths = lengths(table, &format!("{tier}_answer"))?;
    let usd = table.numbers(&format!("{tier}_cost_usd"))?;
    let written = |(place, length): (usize, Option<Length>)| Written {
        length,
        usd: usd.as_ref().and_then(|column| column[place]),
    };
    Ok(lengths.into_iter().enumerate().map(written).collect())
}

/// Finds what a rule may go by: every column but the outcomes themselves, what belongs to the
/// strong tier's answer, and ids.
fn features(table: &Table, cheap: &str, strong: &str) -> Vec<Feature> {
    let owned = |head: &str, tier: &str| head.starts_with(&format!("{tier}_"));
    let is_outcome = |head: &str| head.ends_with(CORRECT) || head.ends_with("_cost_usd");
    let mut features = Vec::new();
    for head in &table.heads {
        if is_outcome(head) || owned(head, strong) || head == "item" || head == "id" {
            continue;
        }
        let Some(cells) = table.columns.get(head) else {
            continue;
        };
        let numbers: Option<Vec<f64>> = cells.iter().map(|cell| cell.parse().ok()).collect();
        features.push(Feature {
            name: head.clone(),
            when: if owned(head, cheap) {
                When::After
            } else {
                When::Before
            },
            values: numbers.map_or_else(|| Values::Words(cells.clone()), Values::Numbers),
        });
    }
    features
}

#[cfg(test)]
mod tests;
