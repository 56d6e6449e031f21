//! One plugin, or one of the parts below it: its records, and what they do with a frame.

use std::time::Duration;

use beamtwin_pv::{Alarm, AlarmStatus, Array, Severity, SimTime, Text, Value};
use beamtwin_sim::Cx;

use super::family::Work;
use super::frame::Frame;
use super::{roi, seconds, stats, transform};
use crate::records::Panel;

/// What `ProcessPlugin` shows where there is nothing to process.
const NOTHING: Alarm = Alarm::new(Severity::Invalid, AlarmStatus::Write);

#[derive(Clone, Debug, Default)]
pub(super) struct Plugin {
    pub(super) panel: Panel,
    pub(super) work: Work,
    pub(super) memory: Memory,
}

/// What a plugin keeps that no PV shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Memory {
    /// The last frame that it took, and when, in nanoseconds.
    last: Option<(Frame, u64)>,
    /// `ArrayCounter_RBV` when the frame rate was last worked out.
    counted: f64,
}

impl Plugin {
    /// Somebody wrote one of its records. Answers with the frame that it hands on, if that made it take its last one.
    pub(super) fn put(
        &mut self,
        suffix: &'static str,
        value: Value,
        cx: &mut Cx<'_>,
    ) -> Option<Frame> {
        let panel = &self.panel;
        match suffix {
            "ProcessPlugin" => {
                panel.post(cx, suffix, value);
                match self.memory.last.take() {
                    Some((frame, _)) => return Some(self.process(frame, cx)),
                    None => panel.fail(cx, suffix, NOTHING),
                }
            }
            "MaxArrayRate" => {
                panel.post(cx, suffix, value);
                let time = inverse(panel.number(cx, suffix));
                panel.set(cx, "MaxArrayRate_COUT", time);
                panel.keep(cx, "MinCallbackTime", Value::Double(time));
                panel.set(cx, "MaxArrayRate_RBV", inverse(time));
            }
            _ => {
                panel.keep(cx, suffix, value);
                if self.work == Work::Statistics {
                    stats::put(panel, suffix, cx);
                }
                if suffix == "MinCallbackTime" {
                    let rate = inverse(panel.number(cx, "MinCallbackTime_RBV"));
                    panel.set(cx, "MaxArrayRate_RBV", rate);
                }
            }
        }
        None
    }

    /// Whether it listens to a port.
    pub(super) fn hears(&self, port: &Text, cx: &Cx<'_>) -> bool {
        self.panel.number(cx, "EnableCallbacks_RBV") == 1.0
            && self.panel.text(cx, "NDArrayPort_RBV").as_ref() == Some(port)
    }

    /// The port on which it hands on what it gets, if it does.
    pub(super) fn port(&self, cx: &Cx<'_>) -> Option<Text> {
        let hands_on = self.panel.number(cx, "ArrayCallbacks_RBV") == 1.0;
        let port = self.panel.text(cx, "PortName_RBV");
        port.filter(|_| hands_on)
    }

    /// Takes a frame that arrives, unless the last one was too short a while ago. Answers with what it makes of it.
    pub(super) fn take(&mut self, frame: &Frame, cx: &mut Cx<'_>) -> Option<Frame> {
        let wait = seconds(self.panel.number(cx, "MinCallbackTime_RBV"));
        let too_soon = self.memory.last.as_ref().is_some_and(|(_, at)| {
            wait > Duration::ZERO && cx.now() <= SimTime::from_nanos(*at) + wait
        });
        (!too_soon).then(|| self.process(frame.clone(), cx))
    }

    fn process(&mut self, frame: Frame, cx: &mut Cx<'_>) -> Frame {
        let panel = &self.panel;
        let image = &frame.image;
        let before = self.memory.last.as_ref();
        if before.is_none_or(|(last, _)| last.dimensions() != frame.dimensions()) {
            let sizes = frame.dimensions();
            let all = |sizes: &[i32]| Value::Array(Array::Long(sizes.into()));
            panel.post(cx, "Dimensions_RBV", all(&sizes));
            for (at, &size) in sizes.iter().enumerate() {
                panel.set(cx, &format!("ArraySize{at}_RBV"), f64::from(size));
                panel.post(cx, &format!("Dim{at}SA_RBV"), all(&[size]));
            }
        }
        let counter = panel.number(cx, "ArrayCounter_RBV");
        panel.set(cx, "ArrayCounter_RBV", counter + 1.0);
        panel.set(cx, "NDimensions_RBV", image.sizes().len() as f64);
        panel.set(cx, "DataType_RBV", image.kind.state());
        panel.set(cx, "ColorMode_RBV", f64::from(image.colours as u8));
        panel.set(cx, "CompressedSize_RBV", image.bytes() as f64);
        let (seconds, nanos) = frame.moment();
        panel.set(cx, "UniqueId_RBV", frame.id);
        panel.set(cx, "TimeStamp_RBV", seconds + nanos * 1e-9);
        panel.set(cx, "EpicsTSSec_RBV", seconds);
        panel.set(cx, "EpicsTSNsec_RBV", nanos);
        panel.set(cx, "ExecutionTime_RBV", 0.0);
        let made = match self.work {
            Work::None => None,
            Work::Arrays => {
                let values = image.values.iter().map(|&value| value as i32);
                let values = Value::Array(Array::Long(values.collect()));
                panel.post(cx, "ArrayData", values);
                None
            }
            Work::Statistics => {
                stats::show(panel, image, cx);
                None
            }
            Work::Region => Some(roi::part(panel, image, cx)),
            Work::Transform => {
                let made = transform::turned(image, panel.number(cx, "Type"));
                let sides = [("X", made.width), ("Y", made.height)];
                for (side, size) in sides {
                    panel.set(cx, &format!("ArraySize{side}_RBV"), size as f64);
                }
                Some(made)
            }
        };
        let handed_on = made.map_or_else(|| frame.clone(), |image| frame.with(image));
        self.memory.last = Some((frame, cx.now().nanos()));
        handed_on
    }

    /// A second of device time is over; whether the frame rate is not zero.
    pub(super) fn rate(&mut self, cx: &mut Cx<'_>) -> bool {
        let counter = self.panel.number(cx, "ArrayCounter_RBV");
        let rate = (counter - self.memory.counted).max(0.0);
        self.memory.counted = counter;
        self.panel.set(cx, "ArrayRate_RBV", rate);
        rate != 0.0
    }
}

/// One over a number; zero of zero.
fn inverse(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { 1.0 / number }
}
