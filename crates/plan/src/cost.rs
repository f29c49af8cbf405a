//! What a workload costs at list prices: a price is a function of model, region, batch, length of
//! context, age of cache, mode and time of completion. It must not guess a price, nor read a file.

pub mod assumptions;
pub mod bill;
pub mod load;
pub mod offer;
pub mod terms;
pub mod trace;
