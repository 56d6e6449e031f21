//! Replays captures of the C motor record against ours, in device time.
//!
//! What must agree: the values and severities of every field but the position, one after the other; the number
//! of position posts within two a leg, and where they end; how long each leg takes, within the phase of the
//! controller's clock; every put's answer, and the order of the answers; everything that was read, the boot
//! values of all fields included.

#[path = "motor_captures/client.rs"]
mod client;
#[path = "motor_captures/compare.rs"]
mod compare;
#[path = "motor_captures/transcript.rs"]
mod transcript;

use client::Replay;

/// Captures that agree to the last digit.
const EXACT: &[&str] = &[
    "acceleration_or_time",
    "alarm_limits",
    "backlash_limit",
    "backlash_neg",
    "backlash_pos",
    "backlash_slow",
    "backlash_within",
    "dir_moving",
    "dir_neg_frozen",
    "disable_value",
    "disp",
    "dly_backlash",
    "dly_pause",
    "dval_rval",
    "encoder",
    "home_twice",
    "in_position",
    "inf_put",
    "limit_during_move",
    "limit_excludes_position",
    "limits_backlash",
    "limits_cleared",
    "limits_mirror",
    "limits_narrowed",
    "limits_outside",
    "limits_set",
    "lock",
    "menu_range",
    "move_abs_callback",
    "move_abs_plain",
    "mres_change",
    "number_texts",
    "odd_values",
    "off_change",
    "off_change_frozen",
    "prem_post",
    "properties",
    "queue_then_stop",
    "readonly_fields",
    "refused_in_queue",
    "relative_rlv",
    "retarget_burst",
    "retarget_nearer",
    "retarget_ntm_no",
    "retarget_plain_extend",
    "retarget_plain_reverse",
    "retarget_reverse",
    "retry_arithmetic",
    "retry_frac",
    "retry_geometric",
    "retry_in_position",
    "retry_none",
    "same_value",
    "set_frozen",
    "set_point_deadband",
    "set_relative",
    "set_switches",
    "set_tweak",
    "set_variable",
    "soft_limit_disabled",
    "soft_limit_high",
    "soft_limit_low",
    "soft_limit_while_moving",
    "spmg_all",
    "spmg_move",
    "spmg_move_callback",
    "spmg_pause_limits",
    "spmg_pause_put",
    "spmg_stop_put_move",
    "status_update",
    "stop_idle",
    "stop_values",
    "string_puts",
    "sub_step",
    "superseded_by_other_client",
    "superseded_by_plain_put",
    "sync",
    "text_moving",
    "tweak",
    "udf",
    "vbas_equal",
    "vbas_high",
    "velo_during_move",
    "velo_vbas_zero",
    "velocity_coupling",
];

/// Captures that agree but for where the motor stopped: by name, how far apart the stopping places may lie,
/// and by how many seconds the legs may differ. The simulated controller stops from where it was at its last
/// look, we from where it is.
const NEAR: &[(&str, f64, f64)] = &[
    ("backlash_interrupt", 0.05, PHASE),
    ("callback_after_plain", 0.02, PHASE),
    ("closed_loop", 0.2, PHASE),
    ("dly", 0.02, PHASE),
    ("home", 0.1, 0.16),
    ("home_wrong_way", 0.21, PHASE),
    ("jog", 0.03, PHASE),
    ("jog_and_put", 0.02, PHASE),
    ("jog_backlash", 0.2, PHASE),
    ("jog_interactions", 0.05, PHASE),
    ("jog_refused_then_move", 0.15, PHASE),
    ("jog_soft_limit", 0.1, PHASE),
    ("mdel", 0.02, PHASE),
    ("mres_negative", 0.2, PHASE),
    ("spmg_pause_go", 0.02, PHASE),
    ("spmg_pause_jog", 0.2, PHASE),
    ("spmg_pause_stop_go", 0.02, PHASE),
    ("spmg_stop", 0.02, PHASE),
    ("stop_from_other_client", 0.02, PHASE),
    ("stop_moving", 0.03, PHASE),
    ("stop_other_channel_queue", 0.02, PHASE),
    ("stop_then_move", 0.02, PHASE),
    ("three_clients", 0.05, PHASE),
    ("velo_zero", 0.005, PHASE),
];

/// Captures that agree but for how often the controller was looked at while it came back from beyond a limit
/// switch: `MIP` is posted at each look, and `MSTA` says which way it goes just then.
const BEYOND: &[(&str, f64, f64)] = &[
    ("hw_limit_dir_neg", 0.25, PHASE),
    ("hw_limit_exact", 0.0, PHASE),
    ("hw_limit_jog", 0.1, PHASE),
    ("hw_limit_move", 0.25, PHASE),
    ("hw_limit_retarget", 0.0, PHASE),
];

/// Captures that do not agree, and why.
const DIFFER: &[(&str, &str)] = &[
    (
        "disabled_moving",
        "a move of the C record ends a look later, when it is no longer disabled and minds STOP",
    ),
    (
        "nan_put",
        "the C record takes the value and runs wild; ours refuses it",
    ),
];

/// The phase of the controller's clock, in seconds.
const PHASE: f64 = 0.12;

/// What differs between a capture and our motor under the same clients.
fn differences(name: &str, slack: f64, phase: f64) -> Vec<String> {
    let capture = transcript::read(name);
    let mut replay = Replay::new(name, &capture);
    replay.run(&capture);
    let beyond = BEYOND.iter().any(|(listed, ..)| *listed == name);
    let bands = compare::Bands {
        slack,
        phase,
        beyond,
    };
    compare::differences(&mut replay, &capture, bands)
}

#[test]
fn the_motor_does_as_captured() {
    let exact = EXACT.iter().map(|&name| (name, 0.0, PHASE));
    let mut failed = String::new();
    let listed = exact.chain(NEAR.iter().chain(BEYOND).copied());
    for (name, slack, phase) in listed {
        for line in differences(name, slack, phase) {
            failed += &format!("{name}: {line}\n");
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn what_is_said_to_differ_still_does() {
    for (name, why) in DIFFER {
        let found = differences(name, 0.25, PHASE);
        assert!(
            !found.is_empty(),
            "{name} agrees now; it was here because {why}"
        );
    }
}

#[test]
fn every_capture_is_on_one_list() {
    let mut listed: Vec<&str> = EXACT.to_vec();
    listed.extend(NEAR.iter().map(|(name, ..)| name));
    listed.extend(BEYOND.iter().map(|(name, ..)| name));
    listed.extend(DIFFER.iter().map(|(name, _)| name));
    listed.sort_unstable();
    assert_eq!(listed, transcript::all());
}
