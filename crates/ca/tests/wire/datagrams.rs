use std::collections::BTreeSet;

use beamtwin_ca::Responder;
use beamtwin_ca::filter::split;
use beamtwin_ca::message::{Reply, Request};
use bytes::BytesMut;
use proptest::prelude::*;

use crate::capture::{Capture, Frame, all, named};

const PORT: u16 = 35100;

/// The names that the C server had, as far as the conversation shows.
fn known(capture: &Capture) -> BTreeSet<String> {
    let udp = || capture.frames.iter().filter(|frame| frame.udp);
    let answered: BTreeSet<u32> = udp()
        .filter(|frame| frame.from == "server")
        .flat_map(|frame| &frame.messages)
        .filter_map(
            |message| match Reply::decode(&message.header, message.payload()) {
                Ok(Reply::Search { cid, .. }) => Some(cid),
                _ => None,
            },
        )
        .collect();
    udp()
        .filter(|frame| frame.to == "server")
        .flat_map(|frame| &frame.messages)
        .filter_map(
            |message| match Request::decode(&message.header, message.payload()) {
                Ok(Request::Search { cid, name, .. }) if answered.contains(&cid) => {
                    let name = std::str::from_utf8(name).unwrap();
                    Some(split(name).0.to_owned())
                }
                _ => None,
            },
        )
        .collect()
}

fn datagram(frame: &Frame) -> Vec<u8> {
    frame
        .messages
        .iter()
        .flat_map(|message| message.bytes.clone())
        .collect()
}

#[test]
fn searches_are_answered_as_by_a_c_server() {
    let (mut asked, mut answered) = (0, 0);
    for capture in all() {
        let known = known(&capture);
        let mut responder = Responder::new(PORT);
        let udp: Vec<_> = capture.frames.iter().filter(|frame| frame.udp).collect();
        for (at, frame) in udp
            .iter()
            .enumerate()
            .filter(|(_, frame)| frame.to == "server")
        {
            let later = &udp[at + 1..];
            let next = later.iter().find(|next| {
                (next.from == "server" && next.to == frame.from) || next.from == frame.from
            });
            let expected = next
                .filter(|next| next.from == "server")
                .map(|next| datagram(next))
                .unwrap_or_default();
            let mut out = BytesMut::new();
            responder.receive(&datagram(frame), |name| known.contains(name), &mut out);
            assert_eq!(out[..], expected[..], "{} at {} s", capture.name, frame.at);
            asked += 1;
            answered += usize::from(!expected.is_empty());
        }
        assert_eq!(responder.counts().malformed, 0);
    }
    assert!(
        asked > 90 && answered > 60,
        "{asked} asked, {answered} answered"
    );
}

#[test]
fn a_burst_of_names_is_answered_in_one_datagram() {
    let capture = named("caget_search_batch");
    let mut responder = Responder::new(PORT);
    let mut out = BytesMut::new();
    responder.receive(&datagram(&capture.frames[0]), |_| true, &mut out);
    assert_eq!(out.len(), 832);
    assert_eq!(responder.counts().hits, 34);
}

#[test]
fn a_name_that_is_not_here_is_counted() {
    let capture = named("caget_not_found");
    let mut responder = Responder::new(PORT);
    let mut out = BytesMut::new();
    for frame in capture
        .frames
        .iter()
        .filter(|frame| frame.udp && frame.to == "server")
    {
        responder.receive(&datagram(frame), |_| false, &mut out);
    }
    assert!(out.is_empty());
    let counts = responder.counts();
    assert!(
        counts.misses > 0 && counts.misses == counts.datagrams,
        "{counts:?}"
    );
}

#[test]
fn a_datagram_cut_short_answers_what_came_before() {
    let capture = named("caget_found_and_not_found");
    let whole = datagram(&capture.frames[0]);
    for end in 0..whole.len() {
        let mut responder = Responder::new(PORT);
        let mut out = BytesMut::new();
        responder.receive(&whole[..end], |_| true, &mut out);
        assert_eq!(out.is_empty(), end < 40, "{end}");
    }
}

proptest! {
    #[test]
    fn any_datagram_is_survived(bytes: Vec<u8>) {
        let mut out = BytesMut::new();
        Responder::new(PORT).receive(&bytes, |_| true, &mut out);
        prop_assert!(out.len() <= 16 + bytes.len() * 2);
    }

    #[test]
    fn any_commands_are_survived(commands in proptest::collection::vec((0_u16..32, 0_u8..4), 0..40)) {
        let mut datagram = Vec::new();
        for (command, eights) in commands {
            datagram.extend(command.to_be_bytes());
            datagram.extend([0, eights * 8]);
            datagram.extend([13; 12]);
            datagram.extend(std::iter::repeat_n(b'a', usize::from(eights) * 8));
        }
        let mut out = BytesMut::new();
        Responder::new(PORT).receive(&datagram, |_| true, &mut out);
        prop_assert!(out.len() <= datagram.len() * 2);
    }
}
