//! Where tiles and bundles lie on disk, as in C2SP tlog-tiles with height 8. It must not know
//! what the files hold.

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;

/// Levels of tiles that a tree of any 64-bit size can have.
pub(crate) const LEVELS: u32 = 8;

/// Where the signed tree head lies.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// Names one tile as a tree of some size has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TileAt {
    pub level: u32,
    pub index: u64,
    /// 1 to 256; 256 is a full tile.
    pub width: u64,
}

impl TileAt {
    /// Names the tile of `index` on `level`, full or partial, in a tree of `size`.
    pub fn of(level: u32, index: u64, size: u64) -> Option<Self> {
        let hashes = hashes_on(level, size);
        let width = hashes
            .checked_sub(index.checked_mul(TILE_WIDTH)?)?
            .min(TILE_WIDTH);
        (width > 0).then_some(Self {
            level,
            index,
            width,
        })
    }

    /// Names the partial tile on `level` in a tree of `size`, where there is one.
    pub fn partial(level: u32, size: u64) -> Option<Self> {
        let hashes = hashes_on(level, size);
        let width = hashes % TILE_WIDTH;
        (width > 0).then_some(Self {
            level,
            index: hashes / TILE_WIDTH,
            width,
        })
    }

    pub fn is_partial(self) -> bool {
        self.width < TILE_WIDTH
    }

    /// Tells the path of the tile.
    pub fn path(self) -> String {
        format!("tile/{}/{}", self.level, self.rest())
    }

    /// Tells the path of the bundle with the entries under this tile of level 0.
    pub fn entries_path(self) -> String {
        format!("tile/entries/{}", self.rest())
    }

    fn rest(self) -> String {
        let mut path = format!("{:03}", self.index % 1000);
        let mut left = self.index / 1000;
        while left > 0 {
            path = format!("x{:03}/{path}", left % 1000);
            left /= 1000;
        }
        if self.is_partial() {
            path.push_str(&format!(".p/{}", self.width));
        }
        path
    }
}

/// Counts the hashes on a level of tiles in a tree of `size`.
pub(crate) fn hashes_on(level: u32, size: u64) -> u64 {
    size.checked_shr(8 * level).unwrap_or(0)
}

#[cfg(test)]
mod tests;
