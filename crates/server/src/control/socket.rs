//! A socket that only its owner can open.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::task::spawn_local;
use tracing::{debug, warn};

use super::converse;
use crate::engine::Shared;
use crate::folder;

/// A socket that only its owner can open; its file goes when this does.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    /// Whose it is.
    owner: u32,
    path: PathBuf,
    /// The folder that was made for it, to be removed as well.
    folder: Option<PathBuf>,
}

impl Socket {
    /// Opens the socket at a path, or in a folder of its own among the temporary files.
    ///
    /// # Errors
    /// If it cannot be made, or somebody listens there already.
    pub fn bind(path: Option<&Path>, temporary: &Path) -> io::Result<Self> {
        let (path, folder) = match path {
            Some(path) => (path.to_owned(), None),
            None => {
                let folder = folder::own(temporary, "beamtwin")?;
                (folder.join("control"), Some(folder))
            }
        };
        if is_left_behind(&path) {
            fs::remove_file(&path)?;
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        let owner = fs::metadata(&path)?.uid();
        Ok(Self {
            listener,
            owner,
            path,
            folder,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Answers requests, for ever.
    pub async fn serve(&self, engine: Shared) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) if self.is_ours(&stream) => {
                    let engine = engine.clone();
                    spawn_local(async move {
                        if let Err(error) = converse(stream, engine).await {
                            debug!(%error, "control channel lost");
                        }
                    });
                }
                Ok(_) => warn!("somebody else knocked at the control channel"),
                Err(error) => {
                    warn!(%error, "no control channel accepted");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// The file says whom to let in only a moment after it is made: who came before that is found here.
    fn is_ours(&self, stream: &UnixStream) -> bool {
        let root = 0;
        stream
            .peer_cred()
            .is_ok_and(|who| who.uid() == self.owner || who.uid() == root)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// How soon to accept again after nothing could be had.
const RETRY: Duration = Duration::from_secs(1);

/// Whether this is the socket of a twin that was killed. Anything else stays where it is.
fn is_left_behind(path: &Path) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    let answer = std::os::unix::net::UnixStream::connect(path);
    is_socket && answer.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}
