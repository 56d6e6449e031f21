//! A machine that knows every substring of a sequence: a suffix automaton.
//!
//! Each state stands for substrings that end at the same places; it knows the length of the longest of
//! them and the first place where they end. Blumer and others, 1985.

use super::Block;

const NONE: u32 = u32::MAX;

/// An automaton, with the buffers it reuses.
#[derive(Debug, Default)]
pub(super) struct Automaton {
    states: Vec<State>,
    /// Where a state goes on each letter, state after state.
    next: Vec<u32>,
    /// The letters of this sequence by token; `NONE` for what it does not have.
    letters: Vec<u32>,
    width: usize,
}

#[derive(Debug, Clone, Copy)]
struct State {
    length: u32,
    link: u32,
    /// Before which place of the sequence its substrings end for the first time.
    end: u32,
}

impl Automaton {
    /// The longest stretch of both sides: the first one on the left, then on the right.
    pub(super) fn longest(&mut self, left: &[usize], right: &[usize]) -> Option<Block> {
        self.build(right);
        let (mut state, mut length) = (0, 0);
        let mut best: Option<Block> = None;
        for (i, &token) in left.iter().enumerate() {
            let letter = self.letters.get(token).copied().unwrap_or(NONE);
            if letter == NONE {
                (state, length) = (0, 0);
                continue;
            }
            let letter = letter as usize;
            while state != 0 && self.next[state * self.width + letter] == NONE {
                state = self.states[state].link as usize;
                length = self.states[state].length;
            }
            let to = self.next[state * self.width + letter];
            if to == NONE {
                continue;
            }
            (state, length) = (to as usize, length + 1);
            let size = length as usize;
            if size > best.map_or(0, |best| best.length) {
                best = Some(Block {
                    left: i + 1 - size,
                    right: self.states[state].end as usize - size,
                    length: size,
                });
            }
        }
        best
    }

    fn build(&mut self, tokens: &[usize]) {
        self.letters.fill(NONE);
        self.width = 0;
        for &token in tokens {
            if self.letters.len() <= token {
                self.letters.resize(token + 1, NONE);
            }
            if self.letters[token] == NONE {
                self.letters[token] = self.width as u32;
                self.width += 1;
            }
        }
        self.states.clear();
        self.next.clear();
        let mut last = self.add(State {
            length: 0,
            link: NONE,
            end: 0,
        });
        for (at, &token) in (1..).zip(tokens) {
            last = self.extend(last, self.letters[token] as usize, at);
        }
    }

    fn add(&mut self, state: State) -> u32 {
        self.states.push(state);
        self.next.resize(self.states.len() * self.width, NONE);
        self.states.len() as u32 - 1
    }

    /// Where a state goes on a letter.
    fn step(&mut self, state: u32, letter: usize) -> &mut u32 {
        &mut self.next[state as usize * self.width + letter]
    }

    fn extend(&mut self, last: u32, letter: usize, end: u32) -> u32 {
        let length = self.states[last as usize].length + 1;
        let new = self.add(State {
            length,
            link: 0,
            end,
        });
        let mut from = last;
        while from != NONE && *self.step(from, letter) == NONE {
            *self.step(from, letter) = new;
            from = self.states[from as usize].link;
        }
        if from == NONE {
            return new;
        }
        let to = *self.step(from, letter);
        let through = self.states[from as usize].length + 1;
        if self.states[to as usize].length == through {
            self.states[new as usize].link = to;
            return new;
        }
        // The shorter substrings of that state now end in more places than the longer ones.
        let State { link, end, .. } = self.states[to as usize];
        let copy = self.add(State {
            length: through,
            link,
            end,
        });
        let (start, width) = (to as usize * self.width, self.width);
        self.next
            .copy_within(start..start + width, copy as usize * width);
        while from != NONE && *self.step(from, letter) == to {
            *self.step(from, letter) = copy;
            from = self.states[from as usize].link;
        }
        self.states[to as usize].link = copy;
        self.states[new as usize].link = copy;
        new
    }
}
