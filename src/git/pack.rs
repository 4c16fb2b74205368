//! A pack of objects, written as `git help gitformat-pack` says, for `git index-pack` to take in.
//!
//! Nothing in it is compressed, and a tree that is like one before it is given as what differs from that: a chain of merges
//! writes thousands of trees that differ from the one before in a row or two, and Git takes longer to find that out than
//! all the merging takes. When Git packs the repository the next time it finds the best form anyway.

use std::collections::HashMap;

use anyhow::{Result, anyhow};
use gix_hash::ObjectId;
use gix_object::Kind;

use super::Objects;

/// Longer rows of differences take longer to read than they spare.
const DEEPEST: usize = 30;
/// The most bytes that a stored block of zlib holds (RFC 1951, 3.2.4).
const BLOCK: usize = 0xffff;
/// The most bytes that are copied by one instruction.
const COPIED: usize = 0xff_ffff;
/// The most bytes that are inserted by one instruction.
const INSERTED: usize = 0x7f;

/// An object to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which one.
    pub id: ObjectId,
    /// What it is like: an object of its kind that comes before it, or that the repository has.
    pub like: Option<ObjectId>,
}

/// The bytes of a pack that holds `items`, read from `objects`. Those that are like one that the repository has make it a
/// thin one.
pub fn write(objects: &Objects, items: &[Item]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    out.extend_from_slice(b"PACK");
    out.extend_from_slice(&2_u32.to_be_bytes());
    out.extend_from_slice(&u32::try_from(items.len())?.to_be_bytes());
    let mut bases = Bases::default();
    for Item { id, like } in items {
        let (kind, data) = objects.raw(*id)?;
        let base = like.filter(|like| bases.depth(like) < DEEPEST);
        let delta = match base {
            Some(base) => {
                let before = bases.take(objects, base)?;
                Some((base, difference(&before, &data))).filter(|(_, delta)| delta.len() < data.len())
            }
            None => None,
        };
        match &delta {
            Some((base, delta)) => {
                header(&mut out, 7, delta.len());
                out.extend_from_slice(base.as_slice());
                store(&mut out, delta);
            }
            None => {
                header(&mut out, code(kind), data.len());
                store(&mut out, &data);
            }
        }
        if kind == Kind::Tree {
            bases.note(*id, data, delta.map(|(base, _)| base));
        }
    }
    let mut hasher = gix_hash::hasher(objects.hash());
    hasher.update(&out);
    let checksum = hasher.try_finalize().map_err(|error| anyhow!("the pack has no checksum: {error}"))?;
    out.extend_from_slice(checksum.as_slice());
    Ok(out)
}

/// The trees that were written, as what others may be like.
#[derive(Default)]
struct Bases {
    data: HashMap<ObjectId, Vec<u8>>,
    depths: HashMap<ObjectId, usize>,
}

impl Bases {
    fn depth(&self, id: &ObjectId) -> usize {
        self.depths.get(id).copied().unwrap_or(0)
    }

    /// The content of a base. It is forgotten: what comes next is like what comes now.
    fn take(&mut self, objects: &Objects, id: ObjectId) -> Result<Vec<u8>> {
        match self.data.remove(&id) {
            Some(data) => Ok(data),
            None => Ok(objects.raw(id)?.1),
        }
    }

    fn note(&mut self, id: ObjectId, data: Vec<u8>, base: Option<ObjectId>) {
        let depth = base.map_or(0, |base| self.depth(&base) + 1);
        self.depths.insert(id, depth);
        self.data.insert(id, data);
    }
}

fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Commit => 1,
        Kind::Tree => 2,
        Kind::Blob => 3,
        Kind::Tag => 4,
    }
}

/// Type and size: four bits of the size first, then seven at a time.
fn header(out: &mut Vec<u8>, code: u8, size: usize) {
    let more = |rest: usize| if rest > 0 { 0x80 } else { 0 };
    let mut rest = size >> 4;
    out.push(more(rest) | code << 4 | (size & 0x0f) as u8);
    while rest > 0 {
        out.push(more(rest >> 7) | (rest & 0x7f) as u8);
        rest >>= 7;
    }
}

/// The data as a zlib stream of stored blocks (RFC 1950).
fn store(out: &mut Vec<u8>, data: &[u8]) {
    out.extend_from_slice(&[0x78, 0x01]);
    let last = data.len().div_ceil(BLOCK).max(1) - 1;
    for at in 0..=last {
        let block = &data[at * BLOCK..data.len().min((at + 1) * BLOCK)];
        let length = block.len() as u16;
        out.push(u8::from(at == last));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&adler32(data).to_be_bytes());
}

/// The checksum of RFC 1950: two sums modulo 65521, reduced before they can overflow.
fn adler32(data: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    for part in data.chunks(5552) {
        for byte in part {
            a += u32::from(*byte);
            b += a;
        }
        (a, b) = (a % 65521, b % 65521);
    }
    b << 16 | a
}

/// What to do to `old` to get `new`: copy what they have in common at both ends, insert what is between.
fn difference(old: &[u8], new: &[u8]) -> Vec<u8> {
    let common = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - common;
    let ends = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut out = Vec::new();
    number(&mut out, old.len());
    number(&mut out, new.len());
    copy(&mut out, 0, common);
    for part in new[common..new.len() - ends].chunks(INSERTED) {
        out.push(part.len() as u8);
        out.extend_from_slice(part);
    }
    copy(&mut out, old.len() - ends, ends);
    out
}

/// Seven bits at a time, the lowest first.
fn number(out: &mut Vec<u8>, mut value: usize) {
    while value > 0x7f {
        out.push(0x80 | (value & 0x7f) as u8);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Copies a stretch of the base: which bytes of place and length follow stands in the first one.
fn copy(out: &mut Vec<u8>, start: usize, length: usize) {
    for offset in (0..length).step_by(COPIED) {
        let place = (start + offset) as u32;
        let length = COPIED.min(length - offset) as u32;
        let at = out.len();
        out.push(0x80);
        let bytes = place.to_le_bytes().into_iter().chain(length.to_le_bytes().into_iter().take(3));
        for (bit, byte) in bytes.enumerate().filter(|(_, byte)| *byte != 0) {
            out[at] |= 1 << bit;
            out.push(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{adler32, difference};

    #[test]
    fn a_difference_leads_from_one_to_the_other() {
        let long: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut changed = long.clone();
        changed.splice(70_000..70_003, [9; 300]);
        for (old, new) in [
            (&b"abcdef"[..], &b"abXdef"[..]),
            (b"", b"new"),
            (b"old", b""),
            (b"aaaa", b"aaa"),
            (b"aaa", b"aaaa"),
            (b"same", b"same"),
            (&long, &changed),
            (&changed, &long),
        ] {
            assert_eq!(applied(old, &difference(old, new)), new);
        }
    }

    /// Reads a difference as `git help gitformat-pack` says it is read.
    fn applied(old: &[u8], delta: &[u8]) -> Vec<u8> {
        let mut bytes = delta.iter().copied();
        let mut number = || {
            let (mut value, mut shift) = (0_usize, 0);
            loop {
                let byte = bytes.next().expect("a number ends");
                value |= usize::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    return value;
                }
            }
        };
        let (before, after) = (number(), number());
        assert_eq!(before, old.len());
        let mut new = Vec::new();
        while let Some(first) = bytes.next() {
            if first & 0x80 == 0 {
                new.extend(bytes.by_ref().take(usize::from(first)));
                continue;
            }
            let mut field = |bits: std::ops::Range<u32>| {
                let start = bits.start;
                let read = bits.filter(|bit| first & 1 << bit != 0);
                read.map(|bit| usize::from(bytes.next().expect("it is said to follow")) << (8 * (bit - start)))
                    .sum::<usize>()
            };
            let (place, length) = (field(0..4), field(4..7));
            let length = if length == 0 { 0x10000 } else { length };
            new.extend_from_slice(&old[place..place + length]);
        }
        assert_eq!(after, new.len());
        new
    }

    #[test]
    fn the_checksum_is_that_of_the_rfc() {
        assert_eq!(adler32(b""), 1);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(adler32(&[0xff; 70_000]), adler32_slowly(&[0xff; 70_000]));
    }

    fn adler32_slowly(data: &[u8]) -> u32 {
        let step = |(a, b): (u64, u64), byte: &u8| {
            let a = (a + u64::from(*byte)) % 65521;
            (a, (b + a) % 65521)
        };
        let (a, b) = data.iter().fold((1, 0), step);
        (b << 16 | a) as u32
    }
}
