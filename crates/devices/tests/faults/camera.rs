//! What goes wrong with a camera on purpose.

use beamtwin_devices::camera::Camera;
use beamtwin_sim::Bench;

const MODELS: [&str; 2] = ["pv = \"\"", "pv = \"\"\nmodel = \"2M\""];

fn bench(table: &str) -> Bench {
    let mut camera = crate::bench::<Camera>(table);
    camera.put("cam1:AcquireTime", 1.0);
    camera.put("cam1:NumImages", 1.0);
    camera.put("cam1:ImageMode", 0.0);
    camera
}

fn acquiring(camera: &Bench) -> [f64; 3] {
    ["Acquire", "Acquire_RBV", "AcquireBusy"].map(|name| camera.number(&format!("cam1:{name}")))
}

fn frames(camera: &Bench) -> f64 {
    camera.number("cam1:ArrayCounter_RBV")
}

fn recovers(camera: &mut Bench) {
    camera.fault("none");
    camera.advance("5 s");
    assert_eq!(acquiring(camera), [0.0; 3]);
    let before = frames(camera);
    let put = camera.put_callback("cam1:Acquire", 1.0);
    camera.advance("3 s");
    assert!(camera.finished(put));
    assert_eq!(frames(camera), before + 1.0);
    assert_eq!(camera.world().unfinished(), 0);
}

#[test]
fn a_hung_camera_acquires_for_ever_and_can_not_be_stopped() {
    for model in MODELS {
        let mut camera = bench(model);
        camera.fault("hung");
        let put = camera.put_callback("cam1:Acquire", 1.0);
        camera.advance("60 s");
        camera.put("cam1:Acquire", 0.0);
        assert_eq!(acquiring(&camera), [1.0; 3]);
        assert_eq!(frames(&camera), 0.0);
        assert!(!camera.finished(put));
        camera.fault("none");
        assert!(camera.finished(put), "the frame is there after all");
        assert_eq!(frames(&camera), 1.0);
        recovers(&mut camera);
    }
}

#[test]
fn a_lost_completion_leaves_it_busy_with_its_frame_taken() {
    for model in MODELS {
        let mut camera = bench(model);
        camera.fault("lost completion");
        let put = camera.put_callback("cam1:Acquire", 1.0);
        camera.advance("60 s");
        assert_eq!(acquiring(&camera), [0.0, 0.0, 1.0]);
        assert_eq!(frames(&camera), 1.0);
        assert!(!camera.finished(put));
        camera.fault("none");
        assert!(camera.finished(put));
        recovers(&mut camera);
    }
}

#[test]
fn a_frozen_camera_is_done_without_a_frame() {
    for model in MODELS {
        let mut camera = bench(model);
        camera.fault("frozen");
        let put = camera.put_callback("cam1:Acquire", 1.0);
        camera.advance("2 s");
        assert!(camera.finished(put));
        assert_eq!(acquiring(&camera), [0.0; 3]);
        assert_eq!(frames(&camera), 0.0);
        recovers(&mut camera);
    }
}

#[test]
fn faults_are_saved_and_restored() {
    for model in MODELS {
        crate::same_after_a_restore::<Camera>(model, |camera| {
            camera.put("cam1:AcquireTime", 0.7);
            camera.put_callback("cam1:Acquire", 1.0);
        });
    }
}
