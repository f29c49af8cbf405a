//! What is written down: a layout at its load, its workers, and commands of them. It must not know
//! an engine.

use crate::layouts::{Offer, Shape, Unit};

/// Holds what a manifest says beside the layout.
#[derive(Clone, Copy, Debug)]
pub struct Written<'o> {
    /// The layout at its load.
    pub offer: &'o Offer,
    /// The checkpoint: a path or a name on a hub.
    pub checkpoint: &'o str,
    /// The resource by which a cluster counts the accelerator.
    pub resource: &'o str,
    /// Tokens of the longest sequence.
    pub longest: f64,
    /// The share of memory for weights and caches.
    pub usable: f64,
    /// Accelerators of a node.
    pub node: f64,
    /// Tokens guessed ahead in a step; none without.
    pub guessed: f64,
}

/// Says why a layout cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum EmitFault {
    /// The engines that ship do not read.
    #[error("the engines that ship cannot be read")]
    Engines(#[from] toml::de::Error),
    /// It is for another engine.
    #[error("the layout is for {engine}, not for {target}; ask with `--engine {target}`")]
    Engine {
        /// The layout's.
        engine: String,
        /// The target's.
        target: &'static str,
    },
    /// Pools apart need what hands requests over.
    #[error(
        "pools that prefill apart need a frontend that routes between them; use `--emit dynamo`, \
         or `--pools together`"
    )]
    Apart,
    /// Nodes are not filled evenly.
    #[error("a worker of {accelerators:.0} accelerators does not fill nodes of {node:.0} evenly")]
    Nodes {
        /// Accelerators of a worker.
        accelerators: f64,
        /// Accelerators of a node.
        node: f64,
    },
}

/// Says what a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It prefills and decodes.
    Together,
    /// It prefills.
    Prefill,
    /// It decodes.
    Decode,
    /// It takes requests and hands them to workers.
    Frontend,
}

impl Role {
    /// Tells its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Together => "serve",
            Self::Prefill => "prefill",
            Self::Decode => "decode",
            Self::Frontend => "frontend",
        }
    }
}

/// Describes equal workers of a layout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Workers {
    /// What they do.
    pub role: Role,
    /// The shape of one.
    pub shape: Shape,
    /// How many there are, in all units.
    pub count: f64,
    /// Nodes that one stretches over.
    pub nodes: f64,
    /// Accelerators of one on each of them.
    pub accelerators: f64,
    /// Requests in flight of one.
    pub flight: f64,
}

impl Written<'_> {
    /// Lists the workers of the layout.
    ///
    /// # Errors
    /// Fails when a worker does not fill nodes evenly.
    pub fn workers(&self) -> Result<Vec<Workers>, EmitFault> {
        let (units, flight) = (self.offer.units, self.offer.in_flight_each);
        match self.offer.unit {
            Unit::Together(shape) => Ok(vec![self.of(Role::Together, shape, (units, flight))?]),
            Unit::Apart {
                prefill: (prefill, prefills),
                decode: (decode, decodes),
            } => {
                let [prefill, decode] = [prefill, decode].map(Shape::of);
                Ok(vec![
                    self.of(
                        Role::Prefill,
                        prefill,
                        (units * prefills, flight / prefills),
                    )?,
                    self.of(Role::Decode, decode, (units * decodes, flight / decodes))?,
                ])
            }
        }
    }

    fn of(
        &self,
        role: Role,
        shape: Shape,
        (count, flight): (f64, f64),
    ) -> Result<Workers, EmitFault> {
        let all = shape.accelerators();
        let nodes = (all / self.node).ceil().max(1.0);
        if nodes > 1.0 && all % self.node != 0.0 {
            let (accelerators, node) = (all, self.node);
            return Err(EmitFault::Nodes { accelerators, node });
        }
        Ok(Workers {
            role,
            shape,
            count,
            nodes,
            accelerators: all / nodes,
            flight,
        })
    }
}

/// Holds the value of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// The option stands alone.
    Nothing,
    /// A text.
    Text(String),
    /// The place of the node among those of its worker.
    Rank,
    /// The address of the worker's first node, and what follows it.
    Leader(&'static str),
}

/// Is an option with its value.
pub type Choice = (&'static str, Given);

/// Holds the command of equal workers.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// What it does.
    pub role: Role,
    /// The program and what stands before its options.
    pub words: Vec<String>,
    /// Its options.
    pub options: Vec<Choice>,
    /// Options of all nodes of a worker but the first.
    pub followers: Vec<Choice>,
    /// Who runs it; none for a frontend.
    pub workers: Option<Workers>,
}

impl Command {
    /// Lists its words on a worker's first node, or on the others, in a dialect for what only the
    /// node knows: its place, and the first one's address.
    #[must_use]
    pub fn line(&self, place: Place, rank: &str, leader: &str) -> Vec<String> {
        let followers = if place == Place::Follower {
            &self.followers[..]
        } else {
            &[]
        };
        let mut words = self.words.clone();
        for (name, given) in self.options.iter().chain(followers) {
            words.push((*name).to_owned());
            match given {
                Given::Nothing => (),
                Given::Text(text) => words.push(text.clone()),
                Given::Rank => words.push(rank.to_owned()),
                Given::Leader(behind) => words.push(format!("{leader}{behind}")),
            }
        }
        words
    }
}

/// Says which node of a worker runs a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first.
    Leader,
    /// Another.
    Follower,
}
