//! Streams that no client would send.

use beamtwin_ca::message::Request;
use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::pair::Pair;

/// A request on channels, reads and monitors that may or may not exist.
fn request() -> impl Strategy<Value = Vec<u8>> {
    let names = prop::sample::select(vec![
        "x", "text", "state", "wave", "deaf", "mute", "nowhere",
    ]);
    let numbers = (
        0_u32..4,
        0_u32..4,
        0_u16..41,
        0_u32..6,
        0_u16..16,
        any::<bool>(),
    );
    let payload = (0_usize..8).prop_flat_map(|n| vec(any::<u8>(), n * 8));
    (0_u8..13, numbers, names, payload).prop_map(|(which, numbers, name, payload)| {
        let (sid, number, data_type, count, mask, notify) = numbers;
        let name = name.as_bytes();
        let request = match which {
            0 => Request::ClearChannel { sid, cid: number },
            1..=4 => Request::CreateChan {
                cid: number,
                minor: 13,
                name,
            },
            5 => Request::Echo,
            6 => {
                let subscription = number;
                Request::EventAdd {
                    sid,
                    subscription,
                    data_type,
                    count,
                    mask,
                }
            }
            7 => Request::EventCancel {
                sid,
                subscription: number,
                data_type,
                count,
            },
            8 => Request::EventsOff,
            9 => Request::EventsOn,
            10 => Request::Read {
                sid,
                ioid: number,
                data_type,
                count,
                notify,
            },
            11 => Request::Search {
                cid: number,
                minor: 13,
                wants_refusal: notify,
                name,
            },
            _ => {
                let payload = &payload;
                Request::Write {
                    sid,
                    ioid: number,
                    data_type,
                    count,
                    notify,
                    payload,
                }
            }
        };
        let mut out = BytesMut::new();
        request.encode(&mut out);
        out.to_vec()
    })
}

/// Plays bytes to a fresh circuit; all that it says.
fn said(bytes: &[u8], split: usize) -> BytesMut {
    let mut pair = Pair::default();
    pair.drive();
    let mut said = BytesMut::new();
    for piece in bytes.chunks(split) {
        pair.circuit.receive(piece, pair.now);
        loop {
            while let Some(demand) = pair.circuit.poll() {
                pair.answer(demand);
            }
            if !pair.circuit.transmit(&mut said) {
                break;
            }
        }
    }
    said
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..300), split in 1_usize..50) {
        said(&bytes, split);
    }

    #[test]
    fn any_requests_are_survived_and_splits_change_nothing(
        requests in vec(request(), 0..30), split in 1_usize..50,
    ) {
        let bytes = requests.concat();
        prop_assert_eq!(said(&bytes, split), said(&bytes, usize::MAX));
    }

    #[test]
    fn damaged_requests_are_survived(
        requests in vec(request(), 1..10), damage in vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
    ) {
        let mut bytes = requests.concat();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        said(&bytes, 17);
    }
}
