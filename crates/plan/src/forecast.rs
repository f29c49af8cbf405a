//! What is to come and when: releases that are likely, retirements that are certain, our own
//! readiness beside them, and how good past forecasts were. It must not read a clock or a file.

pub mod arrival;
pub mod calendar;
pub mod coming;
pub mod days;
pub mod drawing;
pub mod exclusive;
pub mod families;
pub mod file;
pub mod nested;
pub mod outlook;
pub mod page;
pub mod readiness;
pub mod resolved;
pub mod scenarios;
pub mod scores;
pub mod timing;
