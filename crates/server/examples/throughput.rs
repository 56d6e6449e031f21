//! Measures reads and writes a second over loopback, with one and with a hundred in flight.
//!
//! `cargo run --release -p beamtwin-server --example throughput [ADDRESS PV]`: of a server of its own, or of
//! the one at this address.

#[path = "../tests/toy/mod.rs"]
mod toy;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use beamtwin_ca::{Client, Dbr, Form, Heard};
use beamtwin_pv::ValueKind;
use beamtwin_server::engine::Shared;
use beamtwin_server::{Mode, ca};
use bytes::BytesMut;
use tokio::net::TcpListener;
use tokio::task::LocalSet;

/// How long each measurement takes.
const LONG: Duration = Duration::from_secs(2);

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    if let (Some(address), Some(pv)) = (arguments.next(), arguments.next()) {
        return measure(address.parse().map_err(io::Error::other)?, &pv);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(LocalSet::new().run_until(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let engine = Shared::new(toy::world(), Mode::REAL);
        tokio::task::spawn_local(ca::accept(listener, engine, address.port()));
        tokio::task::spawn_blocking(move || measure(address, "toy:number")).await?
    }))
}

fn measure(address: SocketAddr, pv: &str) -> io::Result<()> {
    let read = |form| move |client: &mut Client, sid| client.read(sid, form, 1);
    let double = |form| Dbr::Value(form, ValueKind::Double);
    let text = Dbr::Value(Form::Plain, ValueKind::String);
    let write =
        |client: &mut Client, sid| client.write(sid, &beamtwin_pv::Value::Double(1.5), true);
    for in_flight in [1, 100] {
        let row = |what, f: &dyn Fn(&mut Client, u32) -> u32| -> io::Result<()> {
            let rate = rate(address, pv, in_flight, f)?;
            println!("{what:<11} {in_flight:>4} in flight  {rate:>9.0} /s");
            Ok(())
        };
        row("read", &read(double(Form::Plain)))?;
        row("read TIME", &read(double(Form::Time)))?;
        row("read CTRL", &read(double(Form::Control)))?;
        row("read STRING", &read(text))?;
        row("write", &write)?;
    }
    Ok(())
}

fn rate(
    address: SocketAddr,
    pv: &str,
    in_flight: u32,
    request: &dyn Fn(&mut Client, u32) -> u32,
) -> io::Result<f64> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut client = Client::default();
    client.open(pv);
    let mut out = BytesMut::new();
    let mut input = vec![0; 1 << 16];
    let mut opened = None;
    let mut answers: u64 = 0;
    let began = Instant::now();
    while began.elapsed() < LONG {
        client.transmit(&mut out);
        stream.write_all(&out)?;
        out.clear();
        let got = stream.read(&mut input)?;
        client.receive(&input[..got]);
        while let Some(heard) = client.poll().map_err(io::Error::other)? {
            match heard {
                Heard::Opened { sid, .. } => {
                    opened = Some(sid);
                    for _ in 0..in_flight {
                        request(&mut client, sid);
                    }
                }
                Heard::Read { .. } | Heard::Written { .. } => {
                    answers += 1;
                    if let Some(sid) = opened {
                        request(&mut client, sid);
                    }
                }
                _ => {}
            }
        }
    }
    Ok(answers as f64 / began.elapsed().as_secs_f64())
}
