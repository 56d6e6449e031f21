//! The plugins of a camera, and which of them listens to which.
//!
//! A frame goes from the driver's port to every plugin whose `NDArrayPort` names that port and whose
//! `EnableCallbacks` is on, and from each that hands on (`ArrayCallbacks`) to those that name its port.

use std::collections::VecDeque;

use beamtwin_pv::Text;
use beamtwin_sim::record::val;
use beamtwin_sim::{Cx, LocalRecord, Meaning, Order, Surface};

use super::family::{Family, Parts, SERIES, TIFF};
use super::frame::Frame;
use super::listed::Listed;
use super::plugin::Plugin;
use crate::records::areadetector::plugins::COMMON;
use crate::records::{Row, process};

/// All plugins, and the parts below them.
#[derive(Clone, Debug, Default)]
pub(super) struct Plugins {
    /// Each with its first record, in their order.
    all: Vec<(LocalRecord, Plugin)>,
}

/// Where records are declared.
pub(super) struct Place<'a> {
    /// The prefix of the camera.
    pub(super) prefix: &'a str,
    /// The port of its driver.
    pub(super) driver: &'a str,
    /// Width and height of the detector in pixels.
    pub(super) size: (u32, u32),
}

/// What a plugin is called, and what it listens to.
struct Named {
    name: String,
    port: String,
    source: String,
    address: u8,
    enabled: bool,
}

impl Plugins {
    /// Declares the records of a plugin and of its parts.
    pub(super) fn declare(&mut self, listed: Listed, place: &Place<'_>, surface: &mut Surface) {
        let Listed { family, number } = listed;
        let name = format!("{}{number}:", family.name);
        let port = format!("{}{number}", family.port);
        let part = |part: &str, port: String, source: &str| Named {
            name: format!("{name}{part}"),
            port,
            source: source.to_owned(),
            address: 0,
            enabled: false,
        };
        let whole = part("", port.clone(), place.driver);
        self.plugin(family, &whole, place, surface);
        match family.parts {
            Parts::None => {}
            Parts::Alike(rows, names) => {
                for (at, label) in (1..).zip(names) {
                    let prefix = format!("{}{name}{at}:", place.prefix);
                    let texts = [("Name", label), ("Name_RBV", label)];
                    self.block(&prefix, rows.iter().copied(), &texts, surface);
                }
            }
            Parts::Series => {
                let series = Named {
                    address: 1,
                    enabled: true,
                    ..part("TS:", format!("{port}_TS"), &port)
                };
                self.plugin(&SERIES, &series, place, surface);
            }
            Parts::Writer => {
                let writer = part("TIFF:", format!("{port}TIFF"), place.driver);
                self.plugin(&TIFF, &writer, place, surface);
            }
        }
    }

    fn plugin(&mut self, family: &Family, it: &Named, place: &Place<'_>, surface: &mut Surface) {
        let flag = |on: bool| f64::from(u8::from(on));
        let (width, height) = place.size;
        let own = |row: Row| match row.suffix {
            "NDArrayAddress" | "NDArrayAddress_RBV" => row.number(f64::from(it.address)),
            "MaxThreads_RBV" => row.number(f64::from(family.threads)),
            "EnableCallbacks" | "EnableCallbacks_RBV" => row.number(flag(it.enabled)),
            "ArrayCallbacks" | "ArrayCallbacks_RBV" => row.number(flag(family.hands_on)),
            "ArrayData" => row.count(width * height),
            suffix if suffix.starts_with("Profile") => {
                row.count(if suffix.ends_with("X_RBV") { width } else { height })
            }
            _ => row,
        };
        let texts = [
            ("PluginType_RBV", family.kind),
            ("PortName_RBV", &it.port),
            ("NDArrayPort", &it.source),
            ("NDArrayPort_RBV", &it.source),
        ];
        let rows = family.rows.iter().copied().flatten().chain(COMMON);
        let prefix = format!("{}{}", place.prefix, it.name);
        self.block(&prefix, rows.copied().map(own), &texts, surface);
        if let Some((_, plugin)) = self.all.last_mut() {
            plugin.work = family.work;
        }
    }

    /// Declares records below a prefix: of each name the first row, with a first text of its own.
    fn block(
        &mut self,
        prefix: &str,
        rows: impl Iterator<Item = Row>,
        texts: &[(&str, &str)],
        surface: &mut Surface,
    ) {
        let mut plugin = Plugin::default();
        let mut first = None;
        for row in rows {
            if plugin.panel.slot(row.suffix).is_some() {
                continue;
            }
            let mut record = row.declare(prefix, surface);
            if !row.is_output() {
                record = record.means(Meaning::State);
            }
            if let Some((_, text)) = texts.iter().find(|(suffix, _)| *suffix == row.suffix) {
                record = record.with("VAL", *text);
            }
            let id = record.id();
            first = first.or(Some(id));
            plugin.panel.add(row.suffix, id, row.kind);
        }
        self.all.extend(first.map(|first| (first, plugin)));
    }

    /// Somebody wrote a record; false if it is none of ours.
    pub(super) fn put(&mut self, order: &Order, cx: &mut Cx<'_>) -> bool {
        let after = self.all.partition_point(|(first, _)| *first <= order.record);
        let plugin = after.checked_sub(1).map(|at| &mut self.all[at].1);
        let found = plugin.and_then(|it| Some((it.panel.at(order.record)?, it)));
        let Some((pv, plugin)) = found else {
            return false;
        };
        if order.field == val(pv.kind) {
            let handed_on = plugin.put(pv.suffix, order.value.clone(), cx);
            let port = plugin.port(cx);
            if let Some((frame, port)) = handed_on.zip(port) {
                self.frame(port, frame, cx);
            }
        } else {
            process::put(cx, pv.kind, order.clone());
        }
        true
    }

    /// Whether anybody listens to the port of the driver.
    pub(super) fn hears(&self, driver: &Text, cx: &Cx<'_>) -> bool {
        self.all.iter().any(|(_, plugin)| plugin.hears(driver, cx))
    }

    /// A frame leaves a port.
    pub(super) fn frame(&mut self, port: Text, frame: Frame, cx: &mut Cx<'_>) {
        let mut leaving = VecDeque::from([(port, frame)]);
        // Plugins may listen to each other in a ring.
        let mut reached = vec![false; self.all.len()];
        while let Some((port, frame)) = leaving.pop_front() {
            for ((_, plugin), reached) in self.all.iter_mut().zip(&mut reached) {
                if *reached || !plugin.hears(&port, cx) {
                    continue;
                }
                *reached = true;
                let handed_on = plugin.take(&frame, cx);
                leaving.extend(plugin.port(cx).zip(handed_on));
            }
        }
    }

    /// A second of device time is over; whether any frame rate is not zero.
    pub(super) fn rate(&mut self, cx: &mut Cx<'_>) -> bool {
        let counting = |(_, plugin): &mut (LocalRecord, Plugin)| plugin.rate(cx);
        self.all.iter_mut().map(counting).fold(false, |any, it| any | it)
    }
}
