//! The engine by itself: time, puts, subscriptions, the recorder.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod toy;

use std::cell::RefCell;
use std::fs;
use std::rc::Rc;
use std::time::{Duration, Instant};

use beamtwin_pv::{SimTime, Value};
use beamtwin_server::engine::{Engine, Listener, Outcome, Shared, Ticket, Update};
use beamtwin_server::recorder::{Bounds, Recorder};
use beamtwin_server::{Mode, Pace};
use beamtwin_sim::{Client, ClientId, Mask, PutRequest, Reason};
use beamtwin_trace::Trace;
use tokio::task::{LocalSet, yield_now};
use toy::{MOVE, TICK, number, pv};

/// More than the millisecond that timers are exact to.
const SOON: Duration = Duration::from_millis(5);

/// Remembers what it is told.
#[derive(Default)]
struct Ear {
    posts: RefCell<Vec<(u32, Value)>>,
    ended: RefCell<Vec<(u64, Outcome)>>,
}

impl Ear {
    fn new() -> (Rc<Self>, Rc<dyn Listener>) {
        let ear = Rc::new(Self::default());
        (Rc::clone(&ear), ear)
    }

    fn ended(&self) -> Vec<u64> {
        self.ended
            .borrow()
            .iter()
            .map(|(ticket, _)| *ticket)
            .collect()
    }
}

impl Listener for Ear {
    fn post(&self, subscription: u32, update: Update<'_>) {
        self.posts
            .borrow_mut()
            .push((subscription, update.sample.value.clone()));
    }

    fn ended(&self, ticket: Ticket, outcome: Outcome) {
        self.ended.borrow_mut().push((ticket.0, outcome));
    }
}

fn order(name: &str, value: impl Into<Value>, by: Option<ClientId>, complete: bool) -> PutRequest {
    PutRequest {
        pv: pv(name),
        value: value.into(),
        by,
        complete,
    }
}

fn now(engine: &Shared) -> SimTime {
    engine.act(|engine| engine.world().now())
}

fn read(engine: &Shared, name: &str) -> Value {
    engine.act(|engine| engine.read(pv(name)).value)
}

async fn with_engine<R>(mode: Mode, f: impl AsyncFnOnce(Shared) -> R) -> R {
    let local = LocalSet::new();
    local
        .run_until(async {
            let engine = Shared::new(toy::world(), mode);
            let clock = engine.clone();
            tokio::task::spawn_local(async move { clock.run().await });
            yield_now().await;
            f(engine).await
        })
        .await
}

#[tokio::test(start_paused = true)]
async fn device_time_follows_the_wall_clock_at_its_pace() {
    for (mode, factor) in [(Mode::REAL, 1), (Mode::Times(10.0), 10), (Mode::Stepped, 0)] {
        with_engine(mode, async |engine| {
            tokio::time::sleep(Duration::from_secs(3)).await;
            assert_eq!(
                now(&engine),
                SimTime::ZERO + Duration::from_secs(3 * factor)
            );
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_wakeup_is_reached_at_its_exact_device_time() {
    with_engine(Mode::Times(7.0), async |engine| {
        let folder = toy::Folder::new();
        let path = folder.file("trace");
        let recorder = Recorder::create(&path, &toy::header(), None, Bounds::default()).unwrap();
        engine.start_recording(recorder);
        let (_, ear) = Ear::new();
        engine.act(|engine| {
            engine.put(order("toy:run", number(1.0), None, false), &ear, Ticket(0));
        });
        let began = now(&engine);
        tokio::time::sleep(Duration::from_secs(1)).await;
        engine.act(Engine::finish_recording).unwrap();
        let trace = Trace::read(fs::read(&path).unwrap().as_slice()).unwrap();
        let ticks: Vec<u64> = trace
            .facts
            .iter()
            .skip(3)
            .map(|fact| fact.t.nanos() as u64)
            .collect();
        assert!(ticks.len() > 60);
        for (tick, n) in ticks.iter().zip(2..) {
            assert_eq!(*tick, (began + TICK * n).nanos());
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_put_at_a_later_wall_time_gets_a_later_device_time() {
    with_engine(Mode::REAL, async |engine| {
        let (_, ear) = Ear::new();
        let mut last = None;
        for n in 0..5 {
            tokio::time::advance(Duration::from_micros(1)).await;
            let at = engine.act(|engine| {
                engine.put(
                    order("toy:number", f64::from(n), None, false),
                    &ear,
                    Ticket(0),
                );
                engine.world().now()
            });
            assert!(last < Some(at));
            last = Some(at);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_change_of_pace_never_turns_time_back() {
    with_engine(Mode::Times(100.0), async |engine| {
        let mut last = now(&engine);
        for mode in [
            Mode::REAL,
            Mode::Stepped,
            Mode::Times(3.0),
            Mode::Times(0.5),
        ] {
            tokio::time::sleep(Duration::from_millis(333)).await;
            engine.act(|engine| engine.change_pace(mode));
            let at = now(&engine);
            assert!(at >= last, "{mode}: {at} after {last}");
            last = at;
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_move_that_began_in_a_standstill_ends_when_time_passes_again() {
    with_engine(Mode::Stepped, async |engine| {
        let (heard, ear) = Ear::new();
        engine.act(|engine| {
            engine.put(order("toy:slow", 5.0, None, true), &ear, Ticket(3));
        });
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(heard.ended().is_empty());
        engine.act(|engine| engine.change_pace(Mode::REAL));
        tokio::time::sleep(MOVE + SOON).await;
        assert_eq!(heard.ended(), [3]);
        assert_eq!(read(&engine, "toy:slow.RBV"), number(5.0));
    })
    .await;
}

#[tokio::test]
async fn a_long_step_lets_others_have_their_turn() {
    with_engine(Mode::Stepped, async |engine| {
        let (_, ear) = Ear::new();
        engine.act(|engine| {
            engine.put(order("toy:run", number(1.0), None, false), &ear, Ticket(0));
        });
        let stepper = engine.clone();
        let day = Duration::from_secs(24 * 3600);
        let step = tokio::task::spawn_local(async move { stepper.step(day).await });
        let mut turns = 0;
        while !step.is_finished() {
            read(&engine, "toy:ticks");
            turns += 1;
            yield_now().await;
        }
        assert_eq!(step.await.unwrap(), SimTime::ZERO + day);
        assert_eq!(read(&engine, "toy:ticks"), Value::Long(864_000));
        assert!(turns > 3, "others had {turns} turns");
    })
    .await;
}

#[tokio::test]
async fn a_world_that_is_too_slow_for_its_pace_still_serves() {
    with_engine(Mode::Times(1e6), async |engine| {
        let (heard, ear) = Ear::new();
        engine.act(|engine| {
            engine.put(order("toy:run", number(1.0), None, false), &ear, Ticket(0));
        });
        while !engine.look(Engine::is_behind) {
            yield_now().await;
        }
        let began = Instant::now();
        for n in 0..100 {
            engine.act(|engine| {
                engine.put(
                    order("toy:number", f64::from(n), None, true),
                    &ear,
                    Ticket(1),
                );
            });
            yield_now().await;
        }
        assert_eq!(heard.ended().len(), 101);
        // Without turns this would take for ever.
        assert!(began.elapsed() < Duration::from_secs(30));
        let behind = now(&engine);
        engine.act(|engine| engine.change_pace(Mode::Stepped));
        assert!(!engine.look(Engine::is_behind));
        assert!(now(&engine) >= behind);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_put_is_told_to_the_client_that_waits_for_it() {
    with_engine(Mode::REAL, async |engine| {
        let ((first, a), (second, b)) = (Ear::new(), Ear::new());
        let clients = [1, 2].map(|_| engine.act(|engine| engine.open_client(Client::default())));
        engine.act(|engine| {
            engine.put(
                order("toy:slow", 1.0, Some(clients[0]), true),
                &a,
                Ticket(10),
            );
            engine.put(
                order("toy:slow", 2.0, Some(clients[1]), true),
                &b,
                Ticket(20),
            );
        });
        assert_eq!(engine.look(|engine| engine.world().waiting()), 1);
        tokio::time::sleep(MOVE + SOON).await;
        assert_eq!((first.ended(), second.ended()), (vec![10], vec![]));
        assert_eq!(read(&engine, "toy:slow"), number(2.0), "its turn has come");
        tokio::time::sleep(MOVE).await;
        assert_eq!((first.ended(), second.ended()), (vec![10], vec![20]));
        assert_eq!(engine.look(Engine::awaited), 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_plain_put_is_answered_at_once_and_leaves_nothing_behind() {
    with_engine(Mode::REAL, async |engine| {
        let (heard, ear) = Ear::new();
        for n in 1..=100 {
            engine.act(|engine| {
                engine.put(
                    order("toy:slow", f64::from(n), None, false),
                    &ear,
                    Ticket(7),
                );
            });
        }
        assert_eq!(heard.ended().len(), 100);
        assert_eq!(engine.look(Engine::awaited), 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_with_its_reason() {
    with_engine(Mode::REAL, async |engine| {
        let (heard, ear) = Ear::new();
        engine.act(|engine| {
            engine.put(order("toy:slow", -1.0, None, true), &ear, Ticket(1));
            engine.put(order("toy:slow", 2000.0, None, false), &ear, Ticket(2));
            engine.put(order("toy:ticks", 1.0, None, true), &ear, Ticket(3));
            engine.put(
                order("toy:number", "no number", None, true),
                &ear,
                Ticket(4),
            );
        });
        let reasons: Vec<_> = heard
            .ended
            .borrow()
            .iter()
            .map(|(ticket, outcome)| match outcome {
                Outcome::Refused(reason, _) => (*ticket, *reason),
                Outcome::Done => panic!("{ticket} was not refused"),
            })
            .collect();
        assert_eq!(
            reasons,
            [
                (1, Reason::Rejected),
                (2, Reason::Silent),
                (3, Reason::NoWriteAccess),
                (4, Reason::Conversion)
            ]
        );
        assert_eq!(engine.look(Engine::awaited), 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn subscriptions_that_stay_are_told_in_their_order_whichever_end() {
    with_engine(Mode::REAL, async |engine| {
        let (heard, ear) = Ear::new();
        let mut all: Vec<_> = (0..100)
            .map(|subscription| {
                let ear = Rc::clone(&ear);
                engine.act(|engine| {
                    engine.subscribe(pv("toy:number"), Mask::VALUE, ear, subscription)
                })
            })
            .collect();
        for kept in [7, 3, 2, 1] {
            let mut number = 0;
            all.retain(|&subscribed| {
                number += 1;
                let stays = number % kept == 1 % kept;
                if !stays {
                    engine.act(|engine| engine.unsubscribe(subscribed));
                }
                stays
            });
            heard.posts.borrow_mut().clear();
            let value = f64::from(kept);
            engine.act(|engine| {
                engine.put(order("toy:number", value, None, false), &ear, Ticket(1));
            });
            let told: Vec<u32> = heard.posts.borrow().iter().map(|(n, _)| *n).collect();
            assert_eq!(told.len(), all.len());
            assert!(told.is_sorted(), "{told:?}");
            assert_eq!(engine.look(Engine::subscribers), all.len());
        }
        for subscribed in all {
            engine.act(|engine| engine.unsubscribe(subscribed));
        }
        assert_eq!(engine.look(Engine::subscribers), 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_while_it_waits_makes_room_for_the_next() {
    with_engine(Mode::REAL, async |engine| {
        let ((first, a), (second, b)) = (Ear::new(), Ear::new());
        let clients = [1, 2].map(|_| engine.act(|engine| engine.open_client(Client::default())));
        engine.act(|engine| {
            engine.put(
                order("toy:slow", 1.0, Some(clients[0]), true),
                &a,
                Ticket(1),
            );
            engine.put(
                order("toy:slow", 2.0, Some(clients[1]), true),
                &b,
                Ticket(2),
            );
        });
        engine.act(|engine| {
            engine.forget(&a);
            engine.close_client(clients[0]);
        });
        assert_eq!(read(&engine, "toy:slow"), number(2.0));
        tokio::time::sleep(MOVE * 2).await;
        assert_eq!((first.ended(), second.ended()), (vec![], vec![2]));
        assert_eq!(engine.look(Engine::awaited), 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_subscription_hears_only_what_its_mask_is_for() {
    with_engine(Mode::REAL, async |engine| {
        let (heard, ear) = Ear::new();
        let subscribed = engine.act(|engine| {
            let mut masks = [Mask::VALUE, Mask::LOG, Mask::ALARM, Mask::PROPERTY].into_iter();
            masks
                .by_ref()
                .zip(0..)
                .map(|(mask, number)| {
                    engine.subscribe(pv("toy:number"), mask, Rc::clone(&ear), number)
                })
                .collect::<Vec<_>>()
        });
        engine.act(|engine| engine.write(pv("toy:number"), number(1.0)));
        engine.act(|engine| engine.write(pv("toy:other"), number(1.0)));
        assert_eq!(*heard.posts.borrow(), [(0, number(1.0)), (1, number(1.0))]);
        engine.act(|engine| {
            assert_eq!(engine.subscribers(), 4);
            engine.unsubscribe(subscribed[0]);
            engine.unsubscribe(subscribed[0]);
            assert_eq!(engine.subscribers(), 3);
            engine.write(pv("toy:number"), number(2.0));
        });
        assert_eq!(heard.posts.borrow().len(), 3);
    })
    .await;
}

/// Looks into the file when it is told something.
struct Witness {
    path: std::path::PathBuf,
    seen: RefCell<Vec<bool>>,
}

impl Listener for Witness {
    fn post(&self, _: u32, update: Update<'_>) {
        let line = format!("\"value\":{:?}", update.sample.value.as_f64().unwrap());
        // The recorder's thread writes on while we keep the engine busy.
        let patience = Instant::now();
        let mut seen = false;
        while !seen && patience.elapsed() < Duration::from_secs(10) {
            let text = fs::read_to_string(&self.path).unwrap();
            seen = text
                .lines()
                .any(|l| l.contains("\"post\"") && l.contains(&line));
            std::thread::yield_now();
        }
        self.seen.borrow_mut().push(seen);
    }

    fn ended(&self, _: Ticket, _: Outcome) {}
}

#[tokio::test(start_paused = true)]
async fn a_change_is_handed_to_the_recorder_before_anybody_hears_of_it() {
    with_engine(Mode::REAL, async |engine| {
        let folder = toy::Folder::new();
        let path = folder.file("trace");
        let recorder = Recorder::create(&path, &toy::header(), None, Bounds::default()).unwrap();
        engine.start_recording(recorder);
        let witness = Rc::new(Witness {
            path,
            seen: RefCell::default(),
        });
        let listener: Rc<dyn Listener> = Rc::clone(&witness) as Rc<dyn Listener>;
        engine.act(|engine| {
            engine.subscribe(pv("toy:number"), Mask::VALUE, listener, 0);
            engine.write(pv("toy:number"), number(41.5));
            engine.write(pv("toy:number"), number(42.5));
        });
        assert_eq!(*witness.seen.borrow(), [true, true]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_not_served_is_noted_once_and_not_too_many_of_them() {
    with_engine(Mode::REAL, async |engine| {
        let facts = |engine: &Shared| engine.act(|engine| engine.counts().facts);
        let ask = |name: &str| engine.act(|engine| engine.miss(name, None));
        ask("nobody");
        ask("nobody");
        assert_eq!(engine.look(|engine| engine.missed()["nobody"]), 2);
        assert_eq!(facts(&engine), 1);
        ask(&"x".repeat(5000));
        assert_eq!(facts(&engine), 1);
        for n in 0..20_000 {
            ask(&format!("nobody:{n}"));
        }
        assert_eq!(engine.look(|engine| engine.missed().len()), 10_000);
        assert_eq!(facts(&engine), 10_000);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_wakeup_asked_for_by_a_put_shortens_the_sleep_of_the_clock() {
    with_engine(Mode::REAL, async |engine| {
        let (heard, ear) = Ear::new();
        tokio::time::sleep(Duration::from_secs(1)).await;
        engine.act(|engine| {
            engine.put(order("toy:slow", 1.0, None, true), &ear, Ticket(1));
        });
        tokio::time::sleep(MOVE + SOON).await;
        assert_eq!(heard.ended(), [1], "nobody but the clock called the engine");
    })
    .await;
}

#[test]
fn a_real_pace_is_exact_after_years() {
    let start = tokio::time::Instant::now();
    let pace = Pace::new(Mode::REAL, start, SimTime::ZERO);
    let long = Duration::new(300_000_000, 123_456_789);
    assert_eq!(pace.now(start + long), SimTime::ZERO + long);
}
