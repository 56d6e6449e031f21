use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::status::Eca;

fn text() -> impl Strategy<Value = Vec<u8>> {
    vec(1_u8.., 0..80)
}

/// A payload of whole eights, as all are on the wire.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    (0_usize..10).prop_flat_map(|n| vec(any::<u8>(), n * 8))
}

fn requests<'a>(
    (a, b, c, d, e, flag): (u32, u32, u16, u32, u16, bool),
    text: &'a [u8],
    payload: &'a [u8],
) -> Vec<Request<'a>> {
    vec![
        Request::ClearChannel { sid: a, cid: b },
        Request::ClientName { name: text },
        Request::CreateChan {
            cid: a,
            minor: b,
            name: text,
        },
        Request::Echo,
        Request::EventAdd {
            sid: a,
            subscription: b,
            data_type: c,
            count: d,
            mask: e,
        },
        Request::EventCancel {
            sid: a,
            subscription: b,
            data_type: c,
            count: d,
        },
        Request::EventsOff,
        Request::EventsOn,
        Request::HostName { name: text },
        Request::Read {
            sid: a,
            ioid: b,
            data_type: c,
            count: d,
            notify: flag,
        },
        Request::ReadSync,
        Request::Search {
            cid: a,
            minor: b,
            wants_refusal: flag,
            name: text,
        },
        Request::Version {
            minor: a,
            priority: c,
            sequence: d,
        },
        Request::Write {
            sid: a,
            ioid: b,
            data_type: c,
            count: d,
            notify: flag,
            payload,
        },
    ]
}

fn replies<'a>(
    (a, b, c, d, e, _): (u32, u32, u16, u32, u16, bool),
    text: &'a [u8],
    payload: &'a [u8],
) -> Vec<Reply<'a>> {
    let status = Eca::from_code(b);
    let request = Header {
        command: e,
        payload: d,
        data_type: c,
        count: a,
        p1: d,
        p2: b,
    };
    vec![
        Reply::AccessRights { cid: a, access: b },
        Reply::ClearChannel { sid: a, cid: b },
        Reply::CreateChan {
            cid: a,
            sid: b,
            data_type: c,
            count: d,
        },
        Reply::CreateFailed { cid: a },
        Reply::Echo,
        Reply::Error {
            cid: a,
            status,
            request,
            text,
        },
        Reply::Event {
            subscription: a,
            status,
            data_type: c,
            count: d,
            payload,
        },
        Reply::NotFound {
            cid: a,
            data_type: c,
            count: d,
        },
        Reply::Read {
            ioid: a,
            status,
            data_type: c,
            count: d,
            payload,
        },
        Reply::ReadPlain {
            cid: a,
            ioid: b,
            data_type: c,
            count: d,
            payload,
        },
        Reply::Search {
            cid: a,
            port: c,
            address: b,
        },
        Reply::ServerDisconnect { cid: a },
        Reply::Version { minor: a },
        Reply::Write {
            ioid: a,
            status,
            data_type: c,
            count: d,
        },
    ]
}

proptest! {
    #[test]
    fn decoding_gives_back_what_was_encoded(
        numbers: (u32, u32, u16, u32, u16, bool), text in text(), payload in payload(),
    ) {
        let mut out = BytesMut::new();
        for request in requests(numbers, &text, &payload) {
            out.clear();
            request.encode(&mut out);
            let (header, size) = Header::decode(&out).unwrap();
            prop_assert_eq!(size + header.payload as usize, out.len());
            prop_assert_eq!(Request::decode(&header, &out[size..]), Ok(request));
        }
        for reply in replies(numbers, &text, &payload) {
            out.clear();
            reply.encode(&mut out);
            let (header, size) = Header::decode(&out).unwrap();
            prop_assert_eq!(size + header.payload as usize, out.len());
            prop_assert_eq!(Reply::decode(&header, &out[size..]), Ok(reply));
        }
    }

    #[test]
    fn any_bytes_decode_or_are_refused(command in 0_u16..40, bytes: Vec<u8>) {
        let header = Header { command, ..Header::default() };
        let _ = Request::decode(&header, &bytes);
        let _ = Reply::decode(&header, &bytes);
    }
}
