//! Tests of framing: any chunking gives the same frames, and the raw bytes are the stream again.

use bytes::Bytes;
use proptest::prelude::*;

use super::{Frame, Framer, MAX_EVENT_BYTES, OversizedEvent};

fn frames(chunks: &[&[u8]]) -> Vec<Frame> {
    let mut framer = Framer::new();
    let mut frames = Vec::new();
    for chunk in chunks {
        framer.push(Bytes::copy_from_slice(chunk));
        while let Some(frame) = framer.next_frame().unwrap() {
            frames.push(frame);
        }
    }
    frames.extend(framer.finish());
    frames
}

fn check(stream: &str, wanted: &[(Option<&str>, Option<&str>)]) {
    let whole = frames(&[stream.as_bytes()]);
    let seen: Vec<_> = whole
        .iter()
        .map(|frame| {
            (
                frame.event(),
                frame.payload().map(|p| str::from_utf8(p).unwrap()),
            )
        })
        .collect();
    assert_eq!(seen, wanted, "{stream:?}");
    let raw: Vec<u8> = whole
        .iter()
        .flat_map(|frame| frame.raw().to_vec())
        .collect();
    assert_eq!(raw, stream.as_bytes());
    for at in 0..=stream.len() {
        let (left, right) = stream.as_bytes().split_at(at);
        assert_eq!(frames(&[left, right]), whole, "{stream:?} cut at {at}");
    }
    let bytes: Vec<_> = stream.as_bytes().chunks(1).collect();
    assert_eq!(frames(&bytes), whole, "{stream:?} byte by byte");
}

#[test]
fn events_are_read_under_every_line_end_and_split() {
    check(
        "data: a\n\ndata: b\n\n",
        &[(None, Some("a")), (None, Some("b"))],
    );
    check(
        "event: x\r\ndata: a\r\n\r\ndata:b\r\n\r\n",
        &[(Some("x"), Some("a")), (None, Some("b"))],
    );
    check(
        "data: a\r\rdata: b\r\r",
        &[(None, Some("a")), (None, Some("b"))],
    );
    check("data: a\ndata\ndata:  b\n\n", &[(None, Some("a\n\n b"))]);
    check(
        ": ping\n\ndata: ä€😀\n\n",
        &[(None, None), (None, Some("ä€😀"))],
    );
    check("\u{feff}data: a\n\n", &[(None, Some("a"))]);
    check(
        "\n\ndata: a\n\n",
        &[(None, None), (None, None), (None, Some("a"))],
    );
    check(
        "id: 1\nretry: 2\nnothing\ndata: a\n\n",
        &[(None, Some("a"))],
    );
    check(
        "data: a\n\ndata: cut",
        &[(None, Some("a")), (None, Some("cut"))],
    );
    check("", &[]);
}

#[test]
fn mixed_line_ends_do_not_hang_on_the_split() {
    for stream in [
        "data: a\r\r\ndata: b\n\n",
        "data: a\n\r\ndata: b\r\r",
        "\r\n\r\r\n\n\rdata: a\r\n\n",
    ] {
        let whole = frames(&[stream.as_bytes()]);
        for at in 0..=stream.len() {
            let (left, right) = stream.as_bytes().split_at(at);
            assert_eq!(frames(&[left, right]), whole, "{stream:?} cut at {at}");
        }
    }
}

#[test]
fn an_event_goes_out_with_its_last_byte() {
    let mut framer = Framer::new();
    for (stream, is_whole) in [
        ("data: a\n\n", true),
        ("data: a\r\n\r\n", true),
        ("data: a\r\r", true),
    ] {
        framer.push(Bytes::from_static(stream.as_bytes()));
        assert_eq!(
            framer.next_frame().unwrap().is_some(),
            is_whole,
            "{stream:?}"
        );
        assert_eq!(framer.next_frame().unwrap(), None);
    }
}

#[test]
fn whole_events_are_not_copied() {
    let chunk = Bytes::from_static(b"data: a\n\ndata: b\n\n");
    let range = chunk.as_ptr_range();
    let mut framer = Framer::new();
    framer.push(chunk);
    while let Some(frame) = framer.next_frame().unwrap() {
        assert!(range.contains(&frame.raw().as_ptr()));
        assert!(range.contains(&frame.payload().unwrap().as_ptr()));
    }
}

#[test]
fn an_event_over_the_limit_is_an_error() {
    let mut framer = Framer::new();
    let chunk = Bytes::from(vec![b'x'; MAX_EVENT_BYTES / 4 + 1]);
    for _ in 0..3 {
        framer.push(chunk.clone());
        assert_eq!(framer.next_frame(), Ok(None));
    }
    framer.push(chunk);
    assert_eq!(framer.next_frame(), Err(OversizedEvent));
}

const PIECES: [&str; 9] = [
    "data: x", "event: e", "\n", "\r", "\r\n", ":", "é", " ", "\u{feff}",
];

proptest! {
    #[test]
    fn any_bytes_under_any_chunking_give_the_same_frames(
        pieces in prop::collection::vec(
            prop::sample::select(PIECES.to_vec()),
            0..40,
        ),
        cuts in prop::collection::vec(0usize..200, 0..6),
    ) {
        let stream = pieces.concat();
        let bytes = stream.as_bytes();
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let chunks: Vec<_> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        let whole = frames(&[bytes]);
        prop_assert_eq!(&frames(&chunks), &whole);
        let raw: Vec<u8> = whole.iter().flat_map(|frame| frame.raw().to_vec()).collect();
        prop_assert_eq!(raw, bytes);
    }
}
