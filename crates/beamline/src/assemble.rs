//! From the plan to devices, and from devices to a world.

use beamtwin_devices::{Kind, Visitor};
use beamtwin_sim::{Beam, Device, Surface};
use serde::Deserialize;

use crate::beamline::{Beamline, Ready};
use crate::checks;
use crate::common::{COMMON, Common};
use crate::explain::Lines;
use crate::plan::Plan;
use crate::problem::Problems;
use crate::trial::try_all;
use crate::wiring::Names;

/// Checks a plan to the end and makes it a beamline.
pub(crate) fn assemble(
    text: &str,
    plan: Plan<'_>,
    mut problems: Problems,
) -> Result<Beamline, Problems> {
    let names = Names::of(&plan);
    let path = names.path(&plan, &mut problems);
    let all = try_all(&plan, &mut problems);
    checks::flaws(&plan, &all, &mut problems);
    checks::watches(&plan, &names, &all, &mut problems);
    checks::circles(&plan, &names, &all, &mut problems);
    checks::collisions(&plan, &all, &mut problems);
    if !problems.0.is_empty() {
        problems.sort();
        return Err(problems);
    }
    let source = plan.light.as_ref().map(|light| Beam {
        energy: light.energy.0,
        flux: light.flux.0,
    });
    let lines = Lines::of(text);
    let devices = plan.devices.into_iter().zip(all);
    let devices = devices.filter_map(|(planned, tried)| {
        let (kind, settings) = (planned.kind?, tried?.settings);
        Some(Ready {
            line: (!planned.span.is_empty()).then(|| lines.at(planned.span.start)),
            sources: lines.sources(&planned, &settings),
            device: planned.name,
            kind,
            settings,
        })
    });
    Ok(Beamline {
        title: plan.title.unwrap_or_else(|| "untitled".to_owned()),
        source,
        path,
        clients: plan.clients,
        rules: plan.rules,
        devices: devices.collect(),
    })
}

/// Builds the device of a kind from its settings.
pub(crate) struct Build(pub(crate) toml::Table);

impl Visitor for Build {
    type Output = (Surface, Box<dyn Device>);

    fn kind<K: Kind>(self) -> Self::Output {
        let known = "the loader has read the same settings before";
        let mut own = self.0;
        let mut common = toml::Table::new();
        for &name in COMMON {
            common.extend(own.remove_entry(name));
        }
        let mut surface = Surface::default();
        let device = K::build(K::Settings::deserialize(own).expect(known), &mut surface);
        let common = Common::deserialize(common).expect(known);
        common.apply(&*device, &mut surface);
        (surface, device)
    }
}
