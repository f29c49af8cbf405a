//! Quantities with their units in the type: seconds, bytes, operations, and what divides into what.
//! It must not know what they measure.

use std::iter::Sum;
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Sub};

/// Holds a value of one unit.
pub struct Quantity<U>(f64, PhantomData<U>);

/// Marks time.
#[derive(Debug)]
pub enum Second {}
/// Marks memory and traffic.
#[derive(Debug)]
pub enum Byte {}
/// Marks floating-point operations.
#[derive(Debug)]
pub enum Flop {}
/// Marks bytes a second.
#[derive(Debug)]
pub enum ByteRate {}
/// Marks operations a second.
#[derive(Debug)]
pub enum FlopRate {}

/// Is a time.
pub type Seconds = Quantity<Second>;
/// Is an amount of memory or traffic.
pub type Bytes = Quantity<Byte>;
/// Is an amount of work.
pub type Flops = Quantity<Flop>;
/// Is a bandwidth.
pub type BytesPerSecond = Quantity<ByteRate>;
/// Is a rate of work.
pub type FlopsPerSecond = Quantity<FlopRate>;

impl<U> Quantity<U> {
    /// Nothing of it.
    pub const ZERO: Self = Self::new(0.0);

    /// Takes a value in the base unit.
    #[must_use]
    pub const fn new(value: f64) -> Self {
        Self(value, PhantomData)
    }

    /// Tells the value in the base unit.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Tells the greater of two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self::new(self.0.max(other.0))
    }
}

impl Seconds {
    /// Takes milliseconds.
    #[must_use]
    pub const fn from_ms(value: f64) -> Self {
        Self::new(value / 1e3)
    }

    /// Tells milliseconds.
    #[must_use]
    pub const fn ms(self) -> f64 {
        self.0 * 1e3
    }
}

impl<U> Clone for Quantity<U> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<U> Copy for Quantity<U> {}

impl<U> std::fmt::Debug for Quantity<U> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

impl<U> PartialEq for Quantity<U> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<U> PartialOrd for Quantity<U> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.0.partial_cmp(&other.0)
    }
}

impl<U> Add for Quantity<U> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.0 + other.0)
    }
}

impl<U> Sub for Quantity<U> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.0 - other.0)
    }
}

impl<U> Mul<f64> for Quantity<U> {
    type Output = Self;
    fn mul(self, times: f64) -> Self {
        Self::new(self.0 * times)
    }
}

impl<U> Div<f64> for Quantity<U> {
    type Output = Self;
    fn div(self, by: f64) -> Self {
        Self::new(self.0 / by)
    }
}

impl<U> Sum for Quantity<U> {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        Self::new(parts.map(Self::get).sum())
    }
}

impl Div<BytesPerSecond> for Bytes {
    type Output = Seconds;
    fn div(self, rate: BytesPerSecond) -> Seconds {
        Seconds::new(self.0 / rate.0)
    }
}

impl Div<FlopsPerSecond> for Flops {
    type Output = Seconds;
    fn div(self, rate: FlopsPerSecond) -> Seconds {
        Seconds::new(self.0 / rate.0)
    }
}
